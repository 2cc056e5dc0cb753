"""The point-in-time check: training leads must hold what leads hold when they arrive (docs/methods.md).

A field that is filled in, or changed, after the arrival makes a model that looks wonderful and fails on the day. The
store keeps what truly arrived; a field that differs from it too far is refused, one that differs somewhat is noted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from features.config import ScoringConfig
from features.data_profile import FieldProfile
from features.errors import Refused
from features.lead_table import MISSING, LeadTable, ParsedColumn
from features.leakage.parsed import profile_parsed
from features.leakage.univariate import univariate_ranking
from features.values import Kind, same_text
from stats.instants import to_instant
from stats.types import Mask
from training.data.dataset import Dataset

LEAST = 100
"""Leads as they arrived, and pairs of a lead then and now, below which nothing is compared."""
P_VALUE = 1e-6
"""Below it a difference of shares is none of chance."""
NOTED_FILL, NOTED_CHANGED, NOTED_MOVED = 0.10, 0.05, 0.25
"""Differences of shares from which a field is noted."""
REFUSED_CHANGED, REFUSED_MOVED = 0.20, 0.60
NO_ROWS = np.empty(0, dtype=np.intp)
REFUSED_AUC = 0.80
"""The AUC alone from which a field that has moved far is refused; a new campaign moves, and ranks little."""


class FieldsChangedAfterArrival(Refused):
    """Training leads hold what leads do not hold when they arrive."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one field differs, described with figures, and whether too far."""

    name: str
    description: str
    too_far: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.description}"


def check_against_arrivals(
    dataset: Dataset, arrivals: LeadTable | None, config: ScoringConfig, as_of: datetime | None
) -> tuple[str, ...]:
    """Notes on the arrival fields that differ from the leads as they arrived; none where those were not kept.

    Arrivals on or after an as-of date are left out.

    Raises:
        FieldsChangedAfterArrival: with every field that differs too far and is not under `accept`, and what to do.
    """
    if arrivals is None or config.arrivals is None:
        return ()
    arrivals = _arrived_before(arrivals, as_of)
    if len(arrivals) < LEAST:
        return (f"{config.arrivals.table} holds {len(arrivals):,} leads: too few to hold the training leads against",)
    differences = list(find_differences(dataset, arrivals, config))
    refused = [one for one in differences if one.too_far and one.name not in config.arrivals.accept]
    if refused:
        raise FieldsChangedAfterArrival(_describe_refusal(refused, config))
    return tuple(f"{one}{', which scoring.toml accepts' if one.too_far else ''}" for one in differences)


def find_differences(dataset: Dataset, arrivals: LeadTable, config: ScoringConfig) -> Iterator[Difference]:
    """At most one difference a field: how often it is filled, whether it changed since, or what it holds."""
    now, then = NO_ROWS, NO_ROWS
    if config.leads.id:
        now, then = _match_rows(dataset, arrivals)
    for field in config.lead_schema.arrival_fields:
        if field.name == config.leads.created_at:
            continue
        compared = _ComparedField(field.name, field.kind, dataset, arrivals)
        found = (
            compared.compare_fill()
            or compared.compare_pairs(now, then)
            or compared.compare_values(config.training.seed)
        )
        if found:
            yield found


@dataclass(frozen=True)
class _ComparedField:
    """One field of the training leads, and of the leads as they arrived."""

    name: str
    kind: Kind
    dataset: Dataset
    arrivals: LeadTable

    @property
    def _in_training(self) -> ParsedColumn:
        return self.dataset.leads.fields[self.name]

    @property
    def _at_arrival(self) -> ParsedColumn:
        return self.arrivals.fields[self.name]

    def compare_fill(self) -> Difference | None:
        """How often it is filled."""
        won, filled = self.dataset.won > 0.5, self._in_training.codes != MISSING
        arrived = self._at_arrival.codes != MISSING
        gap = float(filled.mean() - arrived.mean())
        linked = abs(filled[won].mean() - filled[~won].mean()) >= 2 * NOTED_FILL
        if _fisher_p_value(filled, arrived) > P_VALUE or not (linked or abs(gap) >= NOTED_FILL):
            return None
        description = (
            f"filled for {_percent(filled[won])} of the training leads that won and {_percent(filled[~won])} of the "
            f"others, for {_percent(arrived)} of the {len(arrived):,} leads as they arrived"
        )
        return Difference(self.name, description, bool(arrived.mean() < filled.mean() / 2))

    def compare_pairs(self, now: NDArray[np.intp], then: NDArray[np.intp]) -> Difference | None:
        """Whether the very leads hold another value now than when they arrived; their rows (k,) in either table."""
        if len(now) < LEAST:
            return None
        won = self.dataset.won[now] > 0.5
        changed = _value_keys(self._in_training)[now] != _value_keys(self._at_arrival)[then]
        linked = _fisher_p_value(changed[won], changed[~won]) < P_VALUE
        if changed.mean() < NOTED_CHANGED and not linked:
            return None
        description = (
            f"of {len(now):,} leads that are in both tables, {_percent(changed[won])} of those that won and "
            f"{_percent(changed[~won])} of the others hold something else now than when they arrived"
        )
        return Difference(self.name, description, bool(linked or changed.mean() >= REFUSED_CHANGED))

    def compare_values(self, seed: int) -> Difference | None:
        """Whether the leads that have it hold other values, beyond what as many training leads differ by."""
        then, now = (
            self._make_profile(self._at_arrival, self.arrivals),
            self._make_profile(self._in_training, self.dataset.leads),
        )
        moved = now.moved(then)
        if min(then.filled, now.filled) < LEAST or moved < NOTED_MOVED:
            return None
        sample = np.random.default_rng(seed).choice(len(self.dataset), len(self.arrivals))
        moved -= now.moved(self._make_profile(self._in_training.take(sample), self.dataset.leads.take(sample)))
        if moved < NOTED_MOVED:
            return None
        alone = univariate_ranking(profile_parsed(self.name, self.kind, self._in_training), self.dataset.won > 0.5)
        description = (
            f"its values lie {100 * moved:.0f} % apart (0 alike, 100 nothing in common) from those of the "
            f"{len(self.arrivals):,} leads as they arrived; alone it ranks with an AUC of {alone:.2f}"
        )
        return Difference(self.name, description, moved >= REFUSED_MOVED and alone >= REFUSED_AUC)

    def _make_profile(self, column: ParsedColumn, leads: LeadTable) -> FieldProfile:
        return FieldProfile.of(self.kind, column, leads.created_at)


def _arrived_before(arrivals: LeadTable, as_of: datetime | None) -> LeadTable:
    if as_of is None or arrivals.created_at is None:
        return arrivals
    return arrivals.take(np.flatnonzero(arrivals.created_at < to_instant(as_of)))


def _match_rows(dataset: Dataset, arrivals: LeadTable) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows, in either table, of the leads that are in both."""
    then = arrivals.find_rows(dataset.leads.lead_id)
    return np.flatnonzero(then >= 0), then[then >= 0]


def _value_keys(column: ParsedColumn) -> NDArray[np.object_]:
    """The value of each lead (n,), by the key under which values count as equal; empty where there is none."""
    return np.array([*map(same_text, column.values), ""], dtype=object)[column.codes]


def _fisher_p_value(one: Mask, other: Mask) -> float:
    """Of Fisher's exact test that two shares are equal."""
    counts = [[int(some.sum()), int((~some).sum())] for some in (one, other)]
    return float(stats.fisher_exact(counts).pvalue)


def _percent(flags: Mask) -> str:
    return f"{100 * flags.mean():.0f} %" if len(flags) else "none"


def _describe_refusal(refused: list[Difference], config: ScoringConfig) -> str:
    names = ", ".join(f'"{one.name}"' for one in refused)
    lines = [
        "the training leads hold what leads do not hold when they arrive; a score that leans on it fails on the day:",
        *(f"  {one}" for one in refused),
        f"Of each of them say, in {config.path}:",
        '  known = "later"  in its own table, if it is filled in, or changed, after the lead arrives',
        f"  accept = [{names}]  under [arrivals], for those that will arrive as in training from now on",
        "Nothing was registered.",
    ]
    return "\n".join(lines)
