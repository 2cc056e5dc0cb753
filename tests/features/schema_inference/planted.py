"""A company's table whose truth is known: honest fields, some of them strong, and a leak of each kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Days = NDArray[np.int64]
Column = NDArray[np.object_]
Rng = np.random.Generator

SOURCES = ("Google", "Facebook", "Organic", "Partner", "Direct")
OPEN = 0.2
"""The share of leads whose outcome is not known yet, all of them among the newer half."""


@dataclass(frozen=True)
class Became:
    """What became of each lead (n,), and the day on which it arrived."""

    won: Flags
    open: Flags
    arrived: Days

    def __len__(self) -> int:
        return len(self.won)

    @property
    def lost(self) -> Flags:
        return ~self.won & ~self.open


@dataclass(frozen=True)
class Planted:
    table: pd.DataFrame
    leaks: frozenset[str]
    winners: int


def company(
    seed: int, *, dated: bool = True, rows: int | None = None, reference: float = 0.08, base: float | None = None
) -> Planted:
    """Honest fields that raise or lower the chance, a source that wins 92 %, and a leak of each kind.

    `base` is about the share that wins among leads of all other sources.
    """
    rng = np.random.default_rng(seed)
    rows = rows or int(rng.choice([600, 1500, 4000, 12000]))
    honest, logit = _honest(rng, rows, reference)
    base = base or rng.uniform(0.06, 0.35)
    chance = 1 / (1 + np.exp(-(logit - np.quantile(logit, 1 - base))))
    chance = np.where(honest["source"] == "Reference", 0.92, chance)
    arrived = np.sort(rng.integers(0, 400, rows))
    became = _became(rng, rng.random(rows) < chance, arrived)
    planted = {name: plant(rng, became) for name, plant in LEAKS.items() if dated or name not in NEED_DATES}
    outcome = np.where(became.open, "", np.where(became.won, "yes", "no"))
    table = pd.DataFrame({**honest, **planted, "converted": outcome})
    table.insert(0, "lead_id", [f"L{number:06d}" for number in range(rows)])
    if dated:
        table.insert(1, "created_at", _stamps(arrived))
    return Planted(table, frozenset(planted), int(became.won.sum()))


def _became(rng: Rng, won: Flags, arrived: Days) -> Became:
    newer = np.arange(len(won)) >= len(won) / 2
    open_ = newer & (rng.random(len(won)) < 2 * OPEN)
    return Became(won & ~open_, open_, arrived)


def _stamps(days: NDArray[np.int64]) -> NDArray[np.str_]:
    return (np.datetime64("2024-01-01") + days.astype("timedelta64[D]")).astype(str)


def _honest(rng: Rng, rows: int, reference: float) -> tuple[dict[str, NDArray[np.object_]], NDArray[np.float64]]:
    demo = rng.random(rows) < 0.2
    score = rng.normal(size=rows)
    visits = rng.poisson(3, rows)
    reason = rng.choice(["pricing", "support", "partnership", "other"], rows, p=[0.4, 0.3, 0.2, 0.1])
    budget = np.where(rng.random(rows) < 0.4 + 0.25 * demo, rng.integers(1, 60, rows) * 500, -1)
    callback = rng.random(rows) < 0.25
    source = rng.choice(SOURCES, rows).astype(object)
    source[rng.random(rows) < reference] = "Reference"
    marital = rng.choice(["married", "single", "divorced"], rows)
    logit = (
        rng.uniform(1.5, 2.8) * demo
        + rng.uniform(0.3, 1.1) * score
        + rng.uniform(0, 0.3) * visits
        + rng.uniform(0.5, 1.5) * (reason == "pricing")
        + rng.uniform(0.3, 1.0) * (budget > 0)
        + rng.uniform(0.2, 1.5) * callback
        + 0.2 * (marital == "married")
    )
    fields = {
        "source": source,
        "requested_demo": np.where(demo, "yes", "no"),
        "asked_for_callback": np.where(callback, "x", ""),
        "fit_score": np.round(score, 3),
        "visits_before": visits,
        "reason_for_inquiry": reason,
        "budget": np.where(budget > 0, budget.astype(str), ""),
        "marital_status": marital,
        "company_size": rng.choice(["1-10", "11-50", "51-200", "201+"], rows),
        "job_title": rng.choice([f"{rank} of {area}" for rank in _RANKS for area in _AREAS], rows),
        "zip": [f"{code:05d}" for code in rng.integers(1000, 3000, rows)],
        "newsletter": np.where(rng.random(rows) < 0.02, "yes", ""),
        "preferred_date": _stamps(rng.integers(380, 500, rows)),
    }
    return fields, logit  # type: ignore[return-value]


_RANKS = ("Head", "Director", "VP", "Manager", "Assistant", "Chief")
_AREAS = ("Sales", "Marketing", "Finance", "Operations", "Human Resources", "IT", "Legal", "Product")


def _filled(rng: Rng, filled: Flags, values: Sequence[str]) -> Column:
    return np.where(filled, rng.choice(values, len(filled)), "").astype(object)


def _share(rng: Rng, became: Became, low: float, high: float) -> Flags:
    """Which leads are among a share of them, drawn between low and high."""
    return rng.random(len(became)) < rng.uniform(low, high)


def _filled_after_winning(rng: Rng, became: Became) -> Column:
    often, seldom = _share(rng, became, 0.7, 1), _share(rng, became, 0.01, 0.01)
    return _filled(rng, np.where(became.won, often, seldom), ["basic", "plus", "max"])


def _absent_when_lost(rng: Rng, became: Became) -> Column:
    absent = np.where(became.won, _share(rng, became, 0.01, 0.01), _share(rng, became, 0.5, 0.9))
    return np.where(absent, "", rng.integers(1, 500, len(became)).astype(str)).astype(object)


def _lost_reason(rng: Rng, became: Became) -> Column:
    return _filled(rng, became.lost & _share(rng, became, 0.4, 0.9), ["price", "timing", "no budget"])


def _filled_when_closed(rng: Rng, became: Became) -> Column:
    return _filled(rng, ~became.open & _share(rng, became, 0.6, 1), ["good", "fair", "poor"])


def _stage(rng: Rng, became: Became) -> Column:
    ends = np.where(became.won, "Contract sent", rng.choice(["Nurture", "Parked"], len(became)))
    return np.where(_share(rng, became, 0.1, 0.1), "In talks", ends).astype(object)


def _one_value(rng: Rng, became: Became) -> Column:
    tagged = became.won & _share(rng, became, 0.5, 0.9)
    return np.where(tagged, "T7", rng.choice(["T1", "T2", "T3"], len(became))).astype(object)


def _value_that_never_wins(rng: Rng, became: Became) -> Column:
    binned = ~became.won & _share(rng, became, 0.4, 0.8)
    return np.where(binned, "B9", rng.choice(["B1", "B2", "B3"], len(became))).astype(object)


def _talk_seconds(rng: Rng, became: Became) -> Column:
    return np.round(np.exp(rng.normal(5, 0.8, len(became)) + 1.3 * became.won)).astype(object)


def _near_perfect(rng: Rng, became: Became) -> Column:
    return np.round(rng.normal(size=len(became)) + 2.6 * became.won, 3).astype(object)


def _later_date(rng: Rng, became: Became) -> Column:
    return _stamps(became.arrived + rng.integers(2, 60, len(became))).astype(object)


def _counter(rng: Rng, became: Became) -> Column:
    return rng.poisson((400 - became.arrived) * rng.uniform(0.02, 0.1)).astype(object)


def _age(_: Rng, became: Became) -> Column:
    return (405 - became.arrived).astype(object)


LEAKS: dict[str, Callable[[Rng, Became], Column]] = {
    "package": _filled_after_winning,
    "extension": _absent_when_lost,
    "lost_reason": _lost_reason,
    "survey": _filled_when_closed,
    "pipeline_stage": _stage,
    "tag": _one_value,
    "bucket": _value_that_never_wins,
    "talk_seconds": _talk_seconds,
    "rating": _near_perfect,
    "touched_on": _later_date,
    "emails_received": _counter,
    "record_age": _age,
}
LEAK_KINDS = {
    "package": "filled only after winning",
    "lost_reason": "filled only after losing",
    "survey": "filled only for closed leads",
    "extension": "absent for most of the lost",
    "pipeline_stage": "a stage, named so",
    "tag": "one value that always won",
    "bucket": "one value that never won",
    "talk_seconds": "a number with a telling name",
    "rating": "a number that ranks near perfectly",
    "touched_on": "dates after the arrival",
    "emails_received": "a counter that grows with age",
    "record_age": "the age at the export",
}
"""What docs/proofs.md calls each kind."""
NEED_DATES = {"touched_on", "emails_received", "record_age"}
