"""What is known of every lead at an as-of date: the plain tables in, one row a lead out.

Facts dated on or after the as-of date are not there, as in training. A lead counts as worked from its first contact
of any kind; where contacts are not recorded, nobody can be said not to have worked it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.facts.reading import STATES, Reader

DAY_US = 86_400_000_000

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Facts:
    """What is known at `as_of` (aware, UTC); all times in the tables are naive UTC, missing names are missing.

    `leads`, one row a lead, in the order they came in:

    - `lead_id`, `arrived_at`, `source`, `campaign`, `value` (money from a won lead, as known at arrival);
    - `state` at the as-of date (won, lost, open, not_worked), `closed_at`, `reason`, `outcome_value`;
    - `probability`, `grade`, `model_version`, `scored_at`: the first score stored, which is the promise;
    - `reference`: the probability by the frozen reference model;
    - `agent` of the first contact that names one, `first_attempt_at`, `first_conversation_at`, `attempts` (contacts
      of any kind), `conversations` (those that connected), `talk_s` (seconds in conversations);
    - `age_days`, `matured` (at least a horizon old), `won` (within the horizon; a win of unknown date counts).

    `contacts`, by lead and then time: `lead` (position in `leads`), `started_at`, `agent`, `channel`, `direction`
    (in, out), `connected`, `duration_s`, `again_at`. `spend`: `date`, `source`, `campaign`, `amount`.
    `notes` says what was left out, and what was assumed. Where contacts are not recorded, `contacts_known` is False
    and the contacts are empty; where none says whether it connected, `conversations_known` is.
    """

    leads: pd.DataFrame
    contacts: pd.DataFrame
    spend: pd.DataFrame
    as_of: datetime
    horizon_days: int
    notes: tuple[str, ...] = ()
    contacts_known: bool = True
    conversations_known: bool = True

    def __len__(self) -> int:
        return len(self.leads)

    def with_reference(self, probability: ArrayLike) -> Self:
        """The same facts, with the reference model's probability (n,) for each lead; NaN where it has none."""
        return replace(self, leads=self.leads.assign(reference=np.asarray(probability, dtype=np.float64)))


def read_facts(
    leads: pd.DataFrame,
    contacts: pd.DataFrame | None,
    outcomes: pd.DataFrame,
    spend: pd.DataFrame | None,
    scores: pd.DataFrame | None,
    as_of: datetime,
    horizon_days: int,
) -> Facts:
    """Join the tables of DESIGN.md §6 as they stood when `as_of` began.

    `contacts` may carry `again_at`, the time agreed for the next one. `scores` has lead_id, scored_at, probability
    and may have grade, model_version and reference. None means that such things are not recorded.

    Raises:
        TableRefused: for a missing column, a time or number that is none, a status that is none, an id twice.
        ValueError: for an as-of date without a zone.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    as_of = as_of.astimezone(UTC)
    reader = Reader(np.datetime64(as_of.replace(tzinfo=None), "us"))
    table = reader.leads(leads)
    reader.add_outcomes(table, outcomes)
    calls = reader.contacts(contacts)
    _add_contacts(table, calls)
    reader.add_scores(table, scores)
    contacts_known = contacts is not None
    _add_state(table, horizon_days, reader.now, contacts_known=contacts_known)
    conversations_known = contacts_known and (calls.empty or bool(calls["connected"].notna().any()))
    notes = tuple(reader.notes)
    return Facts(table, calls, reader.spend(spend), as_of, horizon_days, notes, contacts_known, conversations_known)


def _add_contacts(table: pd.DataFrame, contacts: pd.DataFrame) -> None:
    """What the contacts say of each lead."""
    lead, leads = contacts["lead"].to_numpy(), len(table)
    started_at = contacts["started_at"].to_numpy()
    spoke = contacts["connected"].to_numpy(dtype=bool, na_value=False)
    named = contacts["agent"].notna().to_numpy()
    first_named = np.flatnonzero(named)[_first_of_each(lead[named])]
    agent = np.full(leads, -1)
    agent[lead[first_named]] = contacts["agent"].cat.codes.to_numpy()[first_named]
    table["agent"] = pd.Categorical.from_codes(agent, contacts["agent"].cat.categories)
    for column, counted in (("first_attempt_at", np.ones(len(lead), dtype=bool)), ("first_conversation_at", spoke)):
        first = np.flatnonzero(counted)[_first_of_each(lead[counted])]
        times = np.full(leads, np.datetime64("NaT"), dtype="datetime64[us]")
        times[lead[first]] = started_at[first]
        table[column] = times
    seconds = np.nan_to_num(contacts["duration_s"].to_numpy())
    table["attempts"] = np.bincount(lead, minlength=leads)
    table["conversations"] = np.bincount(lead[spoke], minlength=leads)
    table["talk_s"] = np.bincount(lead[spoke], seconds[spoke], minlength=leads)


def _add_state(table: pd.DataFrame, horizon_days: int, now: np.datetime64, *, contacts_known: bool) -> None:
    """State, age, and what the horizon makes of them."""
    status = table.pop("status").astype(object)
    untried = (table["attempts"] == 0) & contacts_known
    state = status.where(status.notna(), "open").mask(untried & (status != "won"), "not_worked")
    table["state"] = pd.Categorical(state, categories=list(STATES))
    age = now - table["arrived_at"].to_numpy()
    delay = table["closed_at"].to_numpy() - table["arrived_at"].to_numpy()
    horizon = np.timedelta64(horizon_days, "D")
    table["age_days"] = age.astype("timedelta64[us]").astype(np.float64) / DAY_US
    table["matured"] = table["age_days"] >= horizon_days
    in_time = np.asarray(~(delay > horizon), dtype=bool)
    table["won"] = np.asarray(table["state"] == "won") & in_time


def _first_of_each(sorted_leads: NDArray[np.int64]) -> Rows:
    """Positions at which another lead begins."""
    return np.flatnonzero(np.diff(sorted_leads, prepend=-1) != 0)
