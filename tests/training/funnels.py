"""Histories whose wins take their time: sources with a true rate and a true delay, seen up to an as-of date."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import gamma
from pathlib import Path

import numpy as np

from features.config import check_config
from features.history import NEVER, History
from features.lead_table import LeadTable, ParsedColumn
from features.schema import LeadSchema

FIRST_DAY = np.datetime64("2025-01-01T00:00:00", "us")
SECOND = np.timedelta64(1_000_000, "us")


@dataclass(frozen=True)
class Source:
    """Its leads ever win at this rate, after so many days on average; shape 1 is an exponential delay."""

    rate: float
    mean_days: float
    shape: float = 1.0

    def within(self, days: float) -> float:
        """The true share of its leads that wins within so many days."""
        scale = self.mean_days / gamma(1 + 1 / self.shape)
        return float(self.rate * -np.expm1(-((days / scale) ** self.shape)))


QUICK, SLOW = Source(0.20, 10), Source(0.25, 90)
"""The two sources of docs/methods.md: the slow one is better, and looks worse while it is young."""


def day(number: float) -> datetime:
    """The start of a day after the first."""
    first: datetime = FIRST_DAY.item()
    return first.replace(tzinfo=UTC) + timedelta(days=number)


def funnel(sources: Mapping[str, Source], leads: int, days: float, seed: int) -> History:
    """Leads that arrive evenly over `days`, with every win that they will ever have."""
    rng = np.random.default_rng(seed)
    names, kinds = tuple(sources), list(sources.values())
    code = rng.integers(0, len(names), leads).astype(np.int32)
    arrived = FIRST_DAY + (np.sort(rng.uniform(0, days, leads)) * 86_400).astype(np.int64) * SECOND
    won = rng.random(leads) < np.array([kind.rate for kind in kinds])[code]
    shape = np.array([kind.shape for kind in kinds])[code]
    scale = np.array([kind.mean_days / gamma(1 + 1 / kind.shape) for kind in kinds])[code]
    delay = (rng.weibull(shape) * scale * 86_400).astype(np.int64) * SECOND
    ids = np.array([f"L-{number}" for number in range(leads)], dtype=object)
    source = ParsedColumn(code, names)
    table = LeadTable(ids, arrived, source, None, {"source": source})
    return History(table, np.where(won, "won", None).astype(object), np.where(won, arrived + delay, NEVER))


def after_a_move(sources: Mapping[str, Source], leads: int, days: float, seed: int) -> History:
    """The same, but half of the leads came in the first month, as when a company moves from one CRM to another."""
    facts = funnel(sources, leads, days, seed)
    assert facts.leads.created_at is not None
    assert facts.closed_at is not None
    share = (facts.leads.created_at - FIRST_DAY) / (days * 86_400 * SECOND)
    moved = np.where(share < 0.5, 60 * share, 30 + (days - 30) * np.maximum(2 * share - 1, 0) ** 0.625)
    arrived = FIRST_DAY + (moved * 86_400).astype(np.int64) * SECOND
    closed_at = arrived + (facts.closed_at - facts.leads.created_at)
    return replace(facts, leads=replace(facts.leads, created_at=arrived), closed_at=closed_at)


def schema(horizon_days: int = 90) -> LeadSchema:
    content: dict[str, object] = {
        "leads": {"table": "leads.csv", "id": "id", "created_at": "created", "source": "source"},
        "outcome": {"column": "won", "won": ["1"], "at": "won_at", "horizon_days": horizon_days},
        "fields": {"source": {"kind": "category"}},
    }
    return check_config(content, Path("funnel/scoring.toml")).lead_schema
