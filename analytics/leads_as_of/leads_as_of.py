"""What is known of every lead at an as-of date, one row a lead, from the plain tables.

Facts dated on or after the as-of date are not there, as in training. Which leads count as worked follows from the
log of contacts (`features.contact_log`); where contacts are not recorded, all do.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analytics.leads_as_of.reading import STATES, Reader
from features.contact_log import ContactLog, read_contact_log
from stats.instants import to_instant
from stats.types import Rows, Vector

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class LeadsAsOf:
    """What is known at `as_of` (aware, UTC); all times in the tables are naive UTC, missing names are missing.

    `leads`, one row a lead, in the order they came in:

    - `lead_id`, `arrived_at`, `source`, `campaign`, `value` (money from a won lead, as known at arrival);
    - `state` at the as-of date (won, lost, open, not_worked), `closed_at`, `reason`, `outcome_value`;
    - `probability`, `grade`, `model_version`, `scored_at`: the first score stored, which is the promise;
    - `reference`: the probability by the frozen reference model;
    - `agent` of the first contact that names one, `first_attempt_at`, `first_conversation_at`, `attempts` (contacts
      of any kind), `conversations` (those that connected), `talk_s` (seconds in conversations);
    - `age_days`, `matured` (at least a horizon old), `won` (within the horizon; a win of unknown date counts);
    - `worked`: whether its outcome may be held against a score. One that is not worked and not won has that state.

    `contacts`, by lead and then time: `lead` (position in `leads`), `started_at`, `agent`, `channel`, `direction`
    (in, out), `connected`, `duration_s`, `again_at`. `spend`: `date`, `source`, `campaign`, `amount`.
    `notes` says what was left out, and what was assumed. Where contacts are not recorded, `contacts_known` is False
    and the contacts are empty; where none says whether it connected, `conversations_known` is. `contact_log` is what
    told who was worked, None where contacts are not recorded.
    """

    leads: pd.DataFrame
    contacts: pd.DataFrame
    spend: pd.DataFrame
    as_of: datetime
    horizon_days: int
    notes: tuple[str, ...] = ()
    contacts_known: bool = True
    conversations_known: bool = True
    contact_log: ContactLog | None = None

    def __len__(self) -> int:
        return len(self.leads)

    def with_reference(self, probability: ArrayLike) -> Self:
        """The same facts, with the reference model's probability (n,) for each lead; NaN where it has none."""
        return replace(self, leads=self.leads.assign(reference=np.asarray(probability, dtype=np.float64)))


def read_leads_as_of(
    leads: pd.DataFrame,
    contacts: pd.DataFrame | None,
    outcomes: pd.DataFrame,
    spend: pd.DataFrame | None,
    scores: pd.DataFrame | None,
    as_of: datetime,
    horizon_days: int,
    contact_log: ContactLog | None = None,
) -> LeadsAsOf:
    """Join the tables of docs/tables.md as they stood when `as_of` began.

    `contact_log` is the log of all contacts, where these are those of some leads only; else it is read here.
    `contacts` may carry `again_at`, the time agreed for the next one. `scores` has lead_id, scored_at, probability
    and may have grade, model_version and reference. None means that such things are not recorded.

    Raises:
        TableRefused: for a missing column, a time or number that is none, a status that is none, an id twice.
        ValueError: for an as-of date without a zone.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    as_of = as_of.astimezone(UTC)
    reader = Reader(to_instant(as_of))
    table = reader.leads(leads)
    reader.add_outcomes(table, outcomes)
    calls = reader.contacts(contacts)
    _add_contacts(table, calls)
    reader.add_scores(table, scores)
    contacts_known = contacts is not None
    log = (contact_log or _log_of(table, horizon_days)) if contacts_known else None
    _add_state(table, horizon_days, reader.now, log)
    conversations_known = contacts_known and (calls.empty or bool(calls["connected"].notna().any()))
    paid, notes = reader.spend(spend), tuple(reader.notes)
    return LeadsAsOf(table, calls, paid, as_of, horizon_days, notes, contacts_known, conversations_known, log)


def arrival_score(leads: pd.DataFrame) -> Vector:
    """The probability by which leads (n,) are compared: the one stored at arrival, or the reference model's.

    It is the reference where more of the leads have that one, never a mixture of both.
    """
    stored, reference = (leads[name].to_numpy(dtype=np.float64) for name in ("probability", "reference"))
    return reference if np.isnan(reference).sum() < np.isnan(stored).sum() else stored


def _log_of(table: pd.DataFrame, horizon_days: int) -> ContactLog:
    """The contact log of these very leads."""
    arrived_at, first = table["arrived_at"].to_numpy(), table["first_attempt_at"].to_numpy()
    return read_contact_log(arrived_at, first, (table["status"] == "won").to_numpy(), horizon_days)


def _add_contacts(table: pd.DataFrame, contacts: pd.DataFrame) -> None:
    """Add attempts, conversations and the agent of each lead."""
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


def _add_state(table: pd.DataFrame, horizon_days: int, now: np.datetime64, log: ContactLog | None) -> None:
    """State, age, whether it was worked, and what the horizon makes of them."""
    status = table.pop("status").astype(object)
    contacted = (table["attempts"] > 0).to_numpy()
    arrived_at = table["arrived_at"].to_numpy()
    told = np.ones(len(table), dtype=bool) if log is None else log.is_contacted(contacted, arrived_at)
    state = status.where(status.notna(), "open").mask(~told & (status != "won"), "not_worked")
    table["state"] = pd.Categorical(state, categories=list(STATES))
    table["worked"] = told & (state != "not_worked").to_numpy()
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
