"""A company's table whose truth is known: honest fields, some of them strong, and a leak of each kind."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Won = NDArray[np.bool_]
Rng = np.random.Generator

SOURCES = ("Google", "Facebook", "Organic", "Partner", "Direct")


@dataclass(frozen=True)
class Planted:
    table: pd.DataFrame
    leaks: dict[str, str]
    """Each leaking column, and which kind of leak it is."""


def company(seed: int, *, dated: bool = True, rows: int | None = None, reference: float = 0.08) -> Planted:
    """Honest fields that raise or lower the chance, a source that wins 92 %, and a leak of each kind."""
    rng = np.random.default_rng(seed)
    rows = rows or int(rng.choice([600, 1500, 4000, 12000]))
    honest, logit = _honest(rng, rows, reference)
    base = rng.uniform(0.06, 0.35)
    chance = 1 / (1 + np.exp(-(logit - np.quantile(logit, 1 - base))))
    chance = np.where(honest["source"] == "Reference", 0.92, chance)
    won = rng.random(rows) < chance
    arrived = np.sort(rng.integers(0, 400, rows))
    planted = {name: plant(rng, won, arrived) for name, plant in LEAKS.items() if dated or name not in NEED_DATES}
    table = pd.DataFrame({**honest, **planted, "converted": np.where(won, "yes", "no")})
    table.insert(0, "lead_id", [f"L{number:06d}" for number in range(rows)])
    if dated:
        table.insert(1, "created_at", _stamps(arrived))
    return Planted(table, {name: name for name in planted})


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


def _filled_after_winning(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    filled = np.where(won, rng.random(len(won)) < rng.uniform(0.7, 1), rng.random(len(won)) < 0.01)
    return np.where(filled, rng.choice(["basic", "plus", "max"], len(won)), "").astype(object)


def _absent_when_lost(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    absent = np.where(won, rng.random(len(won)) < 0.01, rng.random(len(won)) < rng.uniform(0.5, 0.9))
    return np.where(absent, "", rng.integers(1, 500, len(won)).astype(str)).astype(object)


def _lost_reason(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    filled = ~won & (rng.random(len(won)) < rng.uniform(0.4, 0.9))
    return np.where(filled, rng.choice(["price", "timing", "no budget"], len(won)), "").astype(object)


def _stage(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    ends = np.where(won, "Contract sent", rng.choice(["Nurture", "Parked"], len(won)))
    return np.where(rng.random(len(won)) < 0.1, "In talks", ends).astype(object)


def _one_value(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    tagged = won & (rng.random(len(won)) < rng.uniform(0.5, 0.9))
    return np.where(tagged, "T7", rng.choice(["T1", "T2", "T3"], len(won))).astype(object)


def _talk_seconds(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    return np.round(np.exp(rng.normal(5, 0.8, len(won)) + 1.3 * won)).astype(object)


def _near_perfect(rng: Rng, won: Won, _: object) -> NDArray[np.object_]:
    return np.round(rng.normal(size=len(won)) + 2.6 * won, 3).astype(object)


def _later_date(rng: Rng, won: Won, arrived: NDArray[np.int64]) -> NDArray[np.object_]:
    return _stamps(arrived + rng.integers(2, 60, len(won))).astype(object)


def _counter(rng: Rng, _: Won, arrived: NDArray[np.int64]) -> NDArray[np.object_]:
    return rng.poisson((400 - arrived) * rng.uniform(0.02, 0.1)).astype(object)


def _age(_: Rng, __: Won, arrived: NDArray[np.int64]) -> NDArray[np.object_]:
    return (405 - arrived).astype(object)


LEAKS: dict[str, Callable[[Rng, Won, NDArray[np.int64]], NDArray[np.object_]]] = {
    "package": _filled_after_winning,
    "extension": _absent_when_lost,
    "lost_reason": _lost_reason,
    "pipeline_stage": _stage,
    "tag": _one_value,
    "talk_seconds": _talk_seconds,
    "rating": _near_perfect,
    "touched_on": _later_date,
    "emails_received": _counter,
    "record_age": _age,
}
NEED_DATES = {"touched_on", "emails_received", "record_age"}
