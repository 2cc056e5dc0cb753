"""The check for gross changes of the data since the champion was trained.

Leads drift, and a new model follows them. This check finds what no drift does from one training to the next: rows that
are missing, a source that is gone, a field that means something else. It compares the history as a whole, and by
themselves the leads that have arrived since. Every limit is far above what chance does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from features.data_profile import FieldProfile, Profile
from features.encoders import POOL
from features.errors import Refused
from features.schema import LeadSchema
from features.values import Kind
from training.checks.field_changes import find_field_change
from training.checks.training_profile import TrainingProfile
from training.data.dataset import Dataset

LEAST_LEADS = 100
"""Fewer leads are not compared."""
ROWS_KEPT, MONTH_KEPT, LEAST_A_MONTH = 0.75, 0.5, 50
SOURCE_SHARE, SOURCE_KEPT, SOURCE_EXPECTED = 0.05, 0.1, 20.0
WON_TIMES, WON_TIMES_SINCE, WON_SPREADS = 2.0, 3.0, 4.0


@dataclass(frozen=True)
class DataChange:
    """One change under the name by which it can be accepted, described with its figures."""

    name: str
    description: str

    def __str__(self) -> str:
        return f"{self.name}: {self.description}"


class DataCheckFailed(Refused):
    """The leads are not like those that the champion was trained on; `changes` says in what."""

    def __init__(self, champion: str, changes: tuple[DataChange, ...]) -> None:
        self.changes = changes
        lines = "\n".join(f"  {change}" for change in changes)
        accepted = " ".join(f"--accept {_quote(change.name)}" for change in changes)
        super().__init__(
            f"the leads are not what champion version {champion} learned from:\n{lines}\n"
            f"Nothing was registered, and the champion stays. Mend the data, or, of what is meant to be so: {accepted}"
        )


def find_data_changes(
    trained_on: TrainingProfile, dataset: Dataset, schema: LeadSchema, seed: int
) -> Iterator[DataChange]:
    """The changes of a dataset from the champion's training profile, in the order: rows, sources, wins, fields."""
    before, now = trained_on.profile, Profile.of(dataset.leads, schema)
    since = _Since.of(trained_on, dataset, schema, seed)
    yield from _compare_rows(before, now)
    if before.source is not None:
        for name in before.source.levels:
            yield from _compare_source(name, before.source.share_of(name), now, since)
    yield from _compare_wins(trained_on, dataset)
    for name in [name for name in before.fields if name in now.fields]:
        yield from _compare_field(name, before.fields[name], now, since)


@dataclass(frozen=True)
class _Since:
    """The profile of the leads that have arrived since the training, and of as many random ones, for their noise."""

    arrived: Profile
    usual: Profile
    campaign: str | None

    @classmethod
    def of(cls, trained_on: TrainingProfile, dataset: Dataset, schema: LeadSchema, seed: int) -> Self | None:
        young = dataset.young
        if young.created_at is None or trained_on.newest_known is None:
            return None
        newer = young.take(np.flatnonzero(young.created_at > np.datetime64(trained_on.newest_known)))
        if len(newer) < LEAST_LEADS:
            return None
        usual = dataset.leads.take(np.random.default_rng(seed).choice(len(dataset), len(newer)))
        return cls(Profile.of(newer, schema), Profile.of(usual, schema), schema.campaign)


def _compare_rows(before: Profile, now: Profile) -> Iterator[DataChange]:
    if now.leads < ROWS_KEPT * before.leads:
        share = f"{now.leads / before.leads:.0%}"
        counts = f"{now.leads:,} leads can teach, {share} of the {before.leads:,} that the champion learned from"
        yield DataChange("rows", f"{counts}; are leads, outcomes or contacts missing?")
        return
    first = min(now.months, default="")
    lost = {
        month: (now.months.get(month, 0), leads)
        for month, leads in before.months.items()
        if month > first and leads >= LEAST_A_MONTH and now.months.get(month, 0) < MONTH_KEPT * leads
    }
    if lost:
        months = ", ".join(f"{month} ({left:,} of {had:,})" for month, (left, had) in sorted(lost.items()))
        yield DataChange("rows", f"more than half of the leads that can teach are gone from {months}")


def _compare_source(name: str, share: float, now: Profile, since: _Since | None) -> Iterator[DataChange]:
    if share < SOURCE_SHARE or name == POOL:
        return
    compared = {"": now} | ({" that arrived since": since.arrived} if since else {})
    for when, profile in compared.items():
        left, expected = profile.source.levels.get(name, 0) if profile.source else 0, share * profile.leads
        if expected >= SOURCE_EXPECTED and left < SOURCE_KEPT * expected:
            counts = f"{left:,} of {profile.leads:,} leads{when} are from {name!r}, where {share:.0%} were before"
            yield DataChange(f"source:{name}", f"{counts}; did it stop, or is it named otherwise?")
            return


def _compare_wins(trained_on: TrainingProfile, dataset: Dataset) -> Iterator[DataChange]:
    whole = _describe_odd_share(trained_on.won_share, dataset.won, WON_TIMES)
    newer = np.zeros(0)
    if trained_on.newest is not None and dataset.leads.created_at is not None:
        newer = dataset.won[dataset.leads.created_at > np.datetime64(trained_on.newest)]
    if whole:
        yield DataChange("won", f"{whole}; do the outcomes, and the values that mean won, still say what they did?")
    elif odd := _describe_odd_share(trained_on.won_share, newer, WON_TIMES_SINCE):
        yield DataChange("won", f"{odd} of those that can teach since; do outcomes still arrive?")


def _describe_odd_share(before: float, won: np.ndarray, times: float) -> str | None:
    """The share of wins in words, where it is so many times more or less than before, beyond what chance does."""
    if len(won) < LEAST_LEADS:
        return None
    share = float(won.mean())
    middle = (before + share) / 2
    spread = np.sqrt(middle * (1 - middle) / len(won))
    if abs(share - before) < WON_SPREADS * spread or before / times < share < before * times:
        return None
    return f"{share:.1%} of {len(won):,} leads are won, where {before:.1%} were"


def _compare_field(name: str, before: FieldProfile, now: Profile, since: _Since | None) -> Iterator[DataChange]:
    """A field's change in the whole history, or else among the leads that have arrived since.

    New campaigns and later times are what new leads have; so these are compared over the whole history only.
    """
    found, when = find_field_change(before, now.fields[name]), ""
    if not found and since and name != since.campaign and before.kind is not Kind.DATETIME:
        by_chance = before.moved(since.usual.fields[name])
        found = find_field_change(before, since.arrived.fields[name], by_chance)
        when = f" ({since.arrived.leads:,} leads that arrived since)"
    if found:
        yield DataChange(f"{found.what}:{name}", f"{found.description}{when}")


def _quote(name: str) -> str:
    return f'"{name}"' if " " in name else name
