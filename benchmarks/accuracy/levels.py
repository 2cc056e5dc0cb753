"""Tables in order whose level is constant, rises, steps, wanders or turns back, with and without moving effects.

They show what choices made along an order are worth: on none of these kinds may they do worse than the plain way, all
leads alike and no shift (docs/methods.md).
"""

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.accuracy.leads import Leads
from benchmarks.accuracy.tables import Kind, Table
from stats.types import Vector

SIZES = (5_000, 60_000)
TEST_SHARE = 0.25
PERIODS, WANDERS = 12, 24


def _constant(time: Vector, rng: np.random.Generator) -> Vector:  # noqa: ARG001
    return np.zeros(len(time))


def _rising(time: Vector, rng: np.random.Generator) -> Vector:  # noqa: ARG001
    return 2.0 * time


def _stepped(time: Vector, rng: np.random.Generator) -> Vector:
    first, second = rng.uniform(0.2, 0.45), rng.uniform(0.5, 0.7)
    return rng.normal(0, 1.0) * (time > first) + rng.normal(0, 0.7) * (time > second)


def _wandering(time: Vector, rng: np.random.Generator) -> Vector:
    steps = np.cumsum(rng.normal(0, 0.35, WANDERS))
    return steps[np.minimum((time * WANDERS).astype(np.intp), WANDERS - 1)]


def _reversing(time: Vector, rng: np.random.Generator) -> Vector:
    """It rises and then falls, at the latest when four fifths of the training leads have come.

    A turn that no training lead has seen is nothing that a choice could know of.
    """
    turn = rng.uniform(0.35, 0.6)
    return 2.2 * np.where(time < turn, time / turn, 1 - 1.2 * (time - turn) / (1 - turn))


LEVELS: Mapping[str, Callable[[Vector, np.random.Generator], Vector]] = {
    "constant": _constant,
    "rising": _rising,
    "stepped": _stepped,
    "wandering": _wandering,
    "reversing": _reversing,
}


def levels() -> list[Kind]:
    """Five levels, with still and with moving effects, of two sizes: twenty kinds."""
    return [
        Kind(
            f"{level}{'-moving' if moving else ''}-{size}",
            f"{size:,} leads in order, level {level}, effects {'moving' if moving else 'still'}; the last are the test",
            _make(level, size, moving=moving),
        )
        for size in SIZES
        for level in LEVELS
        for moving in (False, True)
    ]


def _make(level: str, size: int, *, moving: bool) -> Callable[[int], Table]:
    def make(seed: int) -> Table:
        rng = np.random.default_rng([seed, size, len(level), moving])
        leads = Leads(rng, round(size / (1 - TEST_SHARE)))
        time = np.linspace(0, 1, leads.size)
        period = np.minimum((time * PERIODS).astype(np.intp), PERIODS - 1)
        measures = [leads.numeric(f"measure_{number}", 0.3) for number in range(5)]
        groups = [leads.category(f"group_{number}", 8, 0.3, decay=0.5) for number in range(4)]
        demo = leads.flag("requested_demo", 0.4, 0.3)
        leads.log_odds += 0.8 * np.sign(measures[0]) * (demo - 0.4) + rng.normal(0, 0.5, (8, 8))[groups[0], groups[1]]
        if moving:
            for measure in measures:
                leads.log_odds += np.cumsum(rng.normal(0, 0.18, PERIODS))[period] * measure
        leads.columns["season"] = np.round(np.sin(12 * time) + rng.normal(0, 0.3, leads.size), 2)
        leads.log_odds += LEVELS[level](time, rng)
        return leads.table(0.2, test=leads.size - size, order="file")

    return make
