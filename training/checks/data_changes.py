"""Did the data go wrong since the champion learned? Its `Taught` and a new dataset in, every change that is gross out.

Leads drift, and a new model follows them. What is looked for here is what no drift does from one training to the next:
rows that are missing, a source that is gone, a field that means something else. The history as a whole is looked at,
and by themselves the leads that have arrived since. Every limit is far above what chance does.
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
from training.checks.field_changes import field_change
from training.checks.training_profile import Taught
from training.labels.states import Dataset

LEAST_LEADS = 100
"""Of fewer leads nothing is said."""
ROWS_KEPT, MONTH_KEPT, LEAST_A_MONTH = 0.75, 0.5, 50
SOURCE_SHARE, SOURCE_KEPT, SOURCE_EXPECTED = 0.05, 0.1, 20.0
WON_TIMES, WON_TIMES_SINCE, WON_SPREADS = 2.0, 3.0, 4.0


@dataclass(frozen=True)
class Change:
    """One change under the name by which it can be accepted, told with its figures."""

    name: str
    told: str

    def __str__(self) -> str:
        return f"{self.name}: {self.told}"


class DataWentWrong(Refused):
    """The leads are not what the champion learned from; `changes` says in what."""

    def __init__(self, champion: str, changes: tuple[Change, ...]) -> None:
        self.changes = changes
        told = "\n".join(f"  {change}" for change in changes)
        accepted = " ".join(f"--accept {_quoted(change.name)}" for change in changes)
        super().__init__(
            f"the leads are not what champion version {champion} learned from:\n{told}\n"
            f"Nothing was registered, and the champion stays. Mend the data, or, of what is meant to be so: {accepted}"
        )


def changes(taught: Taught, dataset: Dataset, schema: LeadSchema, seed: int) -> Iterator[Change]:
    """Hold a dataset against what taught the champion, in the order: rows, sources, wins, fields."""
    before, now = taught.profile, Profile.of(dataset.leads, schema)
    since = _Since.of(taught, dataset, schema, seed)
    yield from _rows(before, now)
    if before.source is not None:
        for name in before.source.levels:
            yield from _source(name, before.source.share_of(name), now, since)
    yield from _won(taught, dataset)
    for name in [name for name in before.fields if name in now.fields]:
        yield from _field(name, before.fields[name], now, since)


@dataclass(frozen=True)
class _Since:
    """The leads that have arrived since the champion learned, and as many that any history has, to tell chance by."""

    arrived: Profile
    usual: Profile
    campaign: str | None

    @classmethod
    def of(cls, taught: Taught, dataset: Dataset, schema: LeadSchema, seed: int) -> Self | None:
        young = dataset.young
        if young.created_at is None or taught.newest_known is None:
            return None
        newer = young.take(np.flatnonzero(young.created_at > np.datetime64(taught.newest_known)))
        if len(newer) < LEAST_LEADS:
            return None
        usual = dataset.leads.take(np.random.default_rng(seed).choice(len(dataset), len(newer)))
        return cls(Profile.of(newer, schema), Profile.of(usual, schema), schema.campaign)


def _rows(before: Profile, now: Profile) -> Iterator[Change]:
    if now.leads < ROWS_KEPT * before.leads:
        share = f"{now.leads / before.leads:.0%}"
        told = f"{now.leads:,} leads can teach, {share} of the {before.leads:,} that the champion learned from"
        yield Change("rows", f"{told}; are leads, outcomes or contacts missing?")
        return
    first = min(now.months, default="")
    lost = {
        month: (now.months.get(month, 0), leads)
        for month, leads in before.months.items()
        if month > first and leads >= LEAST_A_MONTH and now.months.get(month, 0) < MONTH_KEPT * leads
    }
    if lost:
        told = ", ".join(f"{month} ({left:,} of {had:,})" for month, (left, had) in sorted(lost.items()))
        yield Change("rows", f"more than half of the leads that can teach are gone from {told}")


def _source(name: str, share: float, now: Profile, since: _Since | None) -> Iterator[Change]:
    if share < SOURCE_SHARE or name == POOL:
        return
    looked_at = {"": now} | ({" that arrived since": since.arrived} if since else {})
    for when, profile in looked_at.items():
        left, expected = profile.source.levels.get(name, 0) if profile.source else 0, share * profile.leads
        if expected >= SOURCE_EXPECTED and left < SOURCE_KEPT * expected:
            told = f"{left:,} of {profile.leads:,} leads{when} are from {name!r}, where {share:.0%} were before"
            yield Change(f"source:{name}", f"{told}; did it stop, or is it named otherwise?")
            return


def _won(taught: Taught, dataset: Dataset) -> Iterator[Change]:
    whole = _odd_share(taught.won_share, dataset.won, WON_TIMES)
    newer = np.zeros(0)
    if taught.newest is not None and dataset.leads.created_at is not None:
        newer = dataset.won[dataset.leads.created_at > np.datetime64(taught.newest)]
    if whole:
        yield Change("won", f"{whole}; do the outcomes, and the values that mean won, still say what they did?")
    elif odd := _odd_share(taught.won_share, newer, WON_TIMES_SINCE):
        yield Change("won", f"{odd} of those that can teach since; do outcomes still arrive?")


def _odd_share(before: float, won: np.ndarray, times: float) -> str | None:
    """The share of wins in words, where it is so many times more or less than before, beyond what chance does."""
    if len(won) < LEAST_LEADS:
        return None
    share = float(won.mean())
    middle = (before + share) / 2
    spread = np.sqrt(middle * (1 - middle) / len(won))
    if abs(share - before) < WON_SPREADS * spread or before / times < share < before * times:
        return None
    return f"{share:.1%} of {len(won):,} leads are won, where {before:.1%} were"


def _field(name: str, before: FieldProfile, now: Profile, since: _Since | None) -> Iterator[Change]:
    """A field's change in the whole history, or else among the leads that have arrived since.

    New campaigns and later times are what new leads have; so of these only the whole history is looked at.
    """
    found, when = field_change(before, now.fields[name]), ""
    if not found and since and name != since.campaign and before.kind is not Kind.DATETIME:
        by_chance = before.moved(since.usual.fields[name])
        found = field_change(before, since.arrived.fields[name], by_chance)
        when = f" ({since.arrived.leads:,} leads that arrived since)"
    if found:
        yield Change(f"{found.what}:{name}", f"{found.told}{when}")


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
