"""Whether training leads are what leads are when they arrive: both in, a refusal or notes out (METHODS.md §3).

A field that is filled in, or changed, after the arrival makes a model that looks wonderful and fails on the day. The
store keeps what truly arrived; a field that differs from it too far is refused, one that differs somewhat is noted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from features.config import ScoringConfig
from features.data_profile import FieldProfile
from features.lead_table import MISSING, LeadTable, ParsedColumn
from features.leakage.parsed import profile_parsed
from features.leakage.univariate import univariate_ranking
from features.refused import Refused
from features.values import Kind, same_text
from training.labels.states import Dataset

LEAST = 100
"""Leads as they arrived, and pairs of a lead then and now, below which nothing is said."""
SURE = 1e-6
"""The chance of a difference that is none."""
NOTED_FILL, NOTED_CHANGED, NOTED_MOVED = 0.10, 0.05, 0.25
"""Differences of shares from which a field is noted."""
REFUSED_CHANGED, REFUSED_MOVED = 0.20, 0.60
TELLING = 0.80
"""The AUC alone from which a field that has moved far is refused; a new campaign moves, and tells little."""

Flags = NDArray[np.bool_]


class NotAsArrived(Refused):
    """Training leads hold what leads do not hold when they arrive."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one field differs, in words with figures, and whether too far."""

    name: str
    told: str
    too_far: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.told}"


def held_against_arrivals(
    dataset: Dataset, arrivals: LeadTable | None, config: ScoringConfig, as_of: datetime | None
) -> tuple[str, ...]:
    """Compare every arrival field; what to note. Arrivals on or after an as-of date are not seen.

    Raises:
        NotAsArrived: with every field that differs too far and is not under `accept`, and what to do.
    """
    if arrivals is None or config.arrivals is None:
        return ()
    arrivals = _until(arrivals, as_of)
    if len(arrivals) < LEAST:
        return (f"{config.arrivals.table} holds {len(arrivals):,} leads: too few to hold the training leads against",)
    found = list(differences(dataset, arrivals, config))
    refused = [one for one in found if one.too_far and one.name not in config.arrivals.accept]
    if refused:
        raise NotAsArrived(_told(refused, config))
    return tuple(f"{one}{', which scoring.toml accepts' if one.too_far else ''}" for one in found)


def differences(dataset: Dataset, arrivals: LeadTable, config: ScoringConfig) -> Iterator[Difference]:
    """What differs, at most once a field: how often it is filled, whether it changed since, what it holds."""
    now, then = _pairs(dataset, arrivals) if config.leads.id else (np.array([], dtype=np.intp),) * 2
    for field in config.schema_.arrival_fields:
        if field.name == config.leads.created_at:
            continue
        looked_at = _Field(field.name, field.kind, dataset, arrivals)
        found = looked_at.filled() or looked_at.changed(now, then) or looked_at.moved(config.training.seed)
        if found:
            yield found


@dataclass(frozen=True)
class _Field:
    """One field of the training leads, and of the leads as they arrived."""

    name: str
    kind: Kind
    dataset: Dataset
    arrivals: LeadTable

    @property
    def _learned(self) -> ParsedColumn:
        return self.dataset.leads.fields[self.name]

    @property
    def _arrived(self) -> ParsedColumn:
        return self.arrivals.fields[self.name]

    def filled(self) -> Difference | None:
        won, filled = self.dataset.won > 0.5, self._learned.codes != MISSING
        arrived = self._arrived.codes != MISSING
        gap = float(filled.mean() - arrived.mean())
        linked = abs(filled[won].mean() - filled[~won].mean()) >= 2 * NOTED_FILL
        if _by_chance(filled, arrived) > SURE or not (linked or abs(gap) >= NOTED_FILL):
            return None
        told = (
            f"filled for {_percent(filled[won])} of the training leads that won and {_percent(filled[~won])} of the "
            f"others, for {_percent(arrived)} of the {len(arrived):,} leads as they arrived"
        )
        return Difference(self.name, told, bool(arrived.mean() < filled.mean() / 2))

    def changed(self, now: NDArray[np.intp], then: NDArray[np.intp]) -> Difference | None:
        """Whether the very leads hold another value now than when they arrived; their rows (k,) in either table."""
        if len(now) < LEAST:
            return None
        won = self.dataset.won[now] > 0.5
        changed = _keys(self._learned)[now] != _keys(self._arrived)[then]
        linked = _by_chance(changed[won], changed[~won]) < SURE
        if changed.mean() < NOTED_CHANGED and not linked:
            return None
        told = (
            f"of {len(now):,} leads that are in both tables, {_percent(changed[won])} of those that won and "
            f"{_percent(changed[~won])} of the others hold something else now than when they arrived"
        )
        return Difference(self.name, told, bool(linked or changed.mean() >= REFUSED_CHANGED))

    def moved(self, seed: int) -> Difference | None:
        """Whether the leads that have it hold other values; what as many training leads differ by is taken off."""
        then, now = self._profile(self._arrived, self.arrivals), self._profile(self._learned, self.dataset.leads)
        moved = now.moved(then)
        if min(then.filled, now.filled) < LEAST or moved < NOTED_MOVED:
            return None
        drawn = np.random.default_rng(seed).choice(len(self.dataset), len(self.arrivals))
        moved -= now.moved(self._profile(self._learned.take(drawn), self.dataset.leads.take(drawn)))
        if moved < NOTED_MOVED:
            return None
        alone = univariate_ranking(profile_parsed(self.name, self.kind, self._learned), self.dataset.won > 0.5)
        told = (
            f"its values lie {100 * moved:.0f} % apart (0 alike, 100 nothing in common) from those of the "
            f"{len(self.arrivals):,} leads as they arrived; alone it ranks with an AUC of {alone:.2f}"
        )
        return Difference(self.name, told, moved >= REFUSED_MOVED and alone >= TELLING)

    def _profile(self, column: ParsedColumn, leads: LeadTable) -> FieldProfile:
        return FieldProfile.of(self.kind, column, leads.created_at)


def _until(arrivals: LeadTable, as_of: datetime | None) -> LeadTable:
    if as_of is None or arrivals.created_at is None:
        return arrivals
    return arrivals.take(
        np.flatnonzero(arrivals.created_at < np.datetime64(as_of.astimezone(UTC).replace(tzinfo=None)))
    )


def _pairs(dataset: Dataset, arrivals: LeadTable) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows, in either table, of the leads that are in both."""
    row_of = {lead_id: row for row, lead_id in enumerate(arrivals.lead_id)}
    then = np.array([row_of.get(lead_id, -1) for lead_id in dataset.leads.lead_id], dtype=np.intp)
    return np.flatnonzero(then >= 0), then[then >= 0]


def _keys(column: ParsedColumn) -> NDArray[np.object_]:
    """What each lead holds, by the key under which values count as one; empty where nothing is."""
    return np.array([*map(same_text, column.values), ""], dtype=object)[column.codes]


def _by_chance(one: Flags, other: Flags) -> float:
    """Fisher's exact test of two shares."""
    counts = [[int(some.sum()), int((~some).sum())] for some in (one, other)]
    return float(stats.fisher_exact(counts).pvalue)


def _percent(flags: Flags) -> str:
    return f"{100 * flags.mean():.0f} %" if len(flags) else "none"


def _told(refused: list[Difference], config: ScoringConfig) -> str:
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
