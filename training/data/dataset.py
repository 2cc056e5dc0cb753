"""The training examples of a history at an as-of date, with nothing in them that was not known on that day."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.errors import Refused
from features.history import History
from features.lead_table import LeadTable
from stats.instants import to_instant
from stats.types import Mask, Rows, Times, Vector
from training.checks.thin_sources import SourceContacts, count_contacts_by_source, note_rarely_contacted_sources
from training.labels.propensity import inverse_propensity_weights
from training.labels.states import DAY, Labels, State, cut_history, infer_as_of, label

ENOUGH_LEADS = 100
"""How many leads older than the horizon a training run is advised to wait for."""


LEAST_HOLDERS = 5
"""A value that fewer leads hold could name a person, so none of those is stored with a model."""


class TooFewOutcomes(Refused):
    """Not enough leads have an outcome at the as-of date to train on."""


@dataclass(frozen=True)
class Dataset:
    """n training examples, in order of arrival where that is known; arrays are (n,).

    Attributes:
        leads: their fields as they were when they arrived.
        won: 1, 0, or the chance of a win where a lead is `open`.
        sample_weight: how many arriving leads each represents (`training.labels.propensity`), 1 on average.
        open: whose outcome may still come.
        observed_share: the share of its outcome that a lead's age lets one observe, 1 from the horizon on.
        age: in days, at most the horizon.
        delay: days to a win in time; NaN for none, and for one without a date.
        young: the leads younger than the horizon, examples or not.
        counts: all leads of the history by state.
        as_of: None where nothing is dated.
        notes: what to tell whoever trains; `cautions` are those of them on what the data say little of.
        wins_not_logged: won leads without a logged contact, which are no examples.
        source_contacts: leads older than the horizon, by source.
    """

    leads: LeadTable
    won: Vector
    sample_weight: Vector
    open: Mask
    observed_share: Vector
    age: Vector
    delay: Vector
    young: LeadTable
    counts: dict[State, int]
    as_of: datetime | None
    horizon_days: int
    content_hash: str
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    wins_not_logged: int = 0
    source_contacts: tuple[SourceContacts, ...] = ()

    def __len__(self) -> int:
        return len(self.won)

    @property
    def recorded_win(self) -> Vector:
        """1 where a win is on record, 0 otherwise (n,)."""
        return np.where(self.open, 0.0, self.won)

    @property
    def arrived_at(self) -> Times:
        """The arrival time of each lead (n,).

        Raises:
            ValueError: where arrivals are not dated.
        """
        if self.leads.created_at is None:
            raise ValueError("these leads have no arrival times")
        return self.leads.created_at

    def evaluation_targets(self, lead_ids: NDArray[np.object_]) -> tuple[Vector, Vector]:
        """Labels (m,) and weights (m,) for an evaluation on these leads: recorded wins, no imputed chances.

        A win on record counts 1 / observed share, and a lead weighs its sample weight times its observed share; one
        that is no training example weighs 0.
        """
        rows = self.leads.find_rows(lead_ids)
        observed = self.observed_share[rows]
        weight = np.where(rows >= 0, self.sample_weight[rows] * observed, 0.0)
        return self.recorded_win[rows] / observed, weight

    def take(self, rows: Rows) -> Self:
        each = ("won", "sample_weight", "open", "observed_share", "age", "delay")
        return replace(self, leads=self.leads.take(rows), **{name: getattr(self, name)[rows] for name in each})


def make_dataset(
    history: History, as_of: datetime | None, horizon_days: int, *, by_arrival: bool = True, include_young: bool = False
) -> Dataset:
    """Cut a history at the as-of date, by default after its newest fact, and label it.

    Examples are sorted by arrival where there are times and `by_arrival` asks for it; otherwise they keep the table's
    order. With `include_young`, contacted leads younger than the horizon are among them; the open ones still need
    `training.labels.delayed_feedback` for their chance of a win.

    Raises:
        TooFewOutcomes: where the examples do not hold both winners and others.
    """
    as_of = as_of or infer_as_of(history)
    if as_of is not None:
        history = cut_history(history, as_of)
    arrived_at = history.leads.created_at
    labels = label(history, as_of, horizon_days)
    rows = _choose_examples(labels, arrived_at if by_arrival else None, include_young=include_young)
    counts = {state: int((labels.state == state).sum()) for state in State}
    won = labels.won[rows]
    if not 0 < won.sum() < len(won):
        advice = advise_on_maturity(arrived_at, as_of, horizon_days) if labels.young.any() else ""
        raise TooFewOutcomes(_describe_one_class(won, counts, labels.wins_not_logged, as_of, horizon_days) + advice)
    weight, notes = inverse_propensity_weights(history.predicted, labels.contacted, matured=~labels.young)
    source_contacts = _count_matured_contacts(history.leads, labels)
    log_notes = [labels.log.note] if labels.log and labels.log.note else []
    cautions = (*log_notes, *note_rarely_contacted_sources(source_contacts))
    leads = history.leads.take(rows)
    return Dataset(
        leads=leads,
        won=won,
        sample_weight=weight[rows] / weight[rows].mean(),
        open=labels.state[rows] == State.OPEN,
        observed_share=np.ones(len(rows)),
        age=labels.age[rows],
        delay=labels.delay[rows],
        young=history.leads.take(np.flatnonzero(labels.young)),
        counts=counts,
        as_of=as_of,
        horizon_days=horizon_days,
        content_hash=hashlib.sha256(leads.content_hash().encode() + won.tobytes()).hexdigest(),
        notes=(*cautions, *notes),
        cautions=cautions,
        source_contacts=source_contacts,
        wins_not_logged=labels.wins_not_logged,
    )


def _choose_examples(labels: Labels, arrived_at: Times | None, *, include_young: bool) -> Rows:
    """The rows of the training examples, in order of arrival where times are given."""
    is_example = labels.complete | (include_young & labels.young & labels.contacted)
    rows = np.flatnonzero(is_example)
    return rows if arrived_at is None else rows[np.argsort(arrived_at[rows], kind="stable")]


def _count_matured_contacts(leads: LeadTable, labels: Labels) -> tuple[SourceContacts, ...]:
    matured = np.flatnonzero(~labels.young)
    return count_contacts_by_source(leads.take(matured), labels.contacted[matured], labels.won[matured] == 1)


def _describe_one_class(
    won: Vector, counts: dict[State, int], wins_not_logged: int, as_of: datetime | None, horizon_days: int
) -> str:
    held = ", ".join(f"{number} {state}" for state, number in counts.items())
    held += f"; {wins_not_logged} of the won have no logged contact and teach nothing" if wins_not_logged else ""
    when = f" at {as_of:%Y-%m-%d} with a horizon of {horizon_days} days" if as_of else ""
    return (
        f"{len(won)} leads can teach{when}, {int(won.sum())} of them won; both winners and others are needed "
        f"(of all leads: {held})."
    )


def advise_on_maturity(arrived: Times | None, as_of: datetime | None, horizon_days: int) -> str:
    """A sentence on what makes outcomes known: the horizon that is short enough today, and the day to wait for."""
    if arrived is None or as_of is None or not len(arrived):
        return " Only leads with an outcome can teach: bring more of them."
    enough = min(ENOUGH_LEADS, len(arrived))
    last = np.partition(arrived, enough - 1)[enough - 1]
    days = int((to_instant(as_of) - last) / DAY)
    ready = (last + np.timedelta64(horizon_days, "D")).astype("datetime64[D]") + 1
    wait = f"wait until {ready}, when the {enough} oldest leads are older than {horizon_days} days"
    if ready <= to_instant(as_of):
        return " More winners, or more others, are needed among the leads that are older than the horizon."
    if days < 1:
        return f" Bring an older history, or {wait}."
    return f" Set horizon_days to {days} or less, for which the {enough} oldest leads are old enough today, or {wait}."
