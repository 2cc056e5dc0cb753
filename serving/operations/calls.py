"""Calls as agents log them on the pages: a contact, and what became of the lead, kept and taken back together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from features.lead import Contact
from serving.operations.leads import LeadOperations
from serving.store import Connection, contacts, outcomes, queue
from serving.store.contacts import StoredContact
from serving.store.outcomes import OutcomeReport, Status

Result = Literal["not_reached", "callback", "won", "lost"]
RESULTS: tuple[Result, ...] = get_args(Result)
CORRECTABLE_FOR = timedelta(days=7)
_OUTCOMES: Mapping[Result, Status] = {"won": "won", "lost": "lost"}


@dataclass(frozen=True, slots=True)
class Call:
    """What an agent says of a call: `contact` with whether they were reached, and its result.

    `value` is the money of a won deal, `reason` why one was lost.
    """

    contact: Contact
    result: Result
    again_at: datetime | None = None
    note: str | None = None
    value: float | None = None
    reason: str | None = None


def log_call(
    connection: Connection, operations: LeadOperations, call: Call, now: datetime, closed_at: datetime | None = None
) -> str:
    """Keep a call and its outcome, of now unless told otherwise, and return the contact's id.

    The lead rests, or leaves the queue. The outcome goes before the rest, so that a claim on the lead ends by it.
    """
    made, is_new = contacts.add(connection, call.contact, call.again_at, now, call.note)
    status = _OUTCOMES.get(call.result)
    if status is not None:
        said = OutcomeReport(call.contact.lead_id, status, closed_at or now, call.value, call.reason, now, made)
        operations.report_outcome(connection, said, now)
    if is_new:
        operations.let_rest(connection, call.contact.lead_id, now)
    return made


def may_correct(stored: StoredContact, agent: str, now: datetime) -> bool:
    """Whether an agent may still change a call: their own, first told within the last `CORRECTABLE_FOR`."""
    return stored.contact.agent == agent and now - stored.received_at <= CORRECTABLE_FOR


def withdraw_call(connection: Connection, operations: LeadOperations, stored: StoredContact, now: datetime) -> None:
    """Take back a call that was logged by mistake, with the outcome that was recorded at it; the lead waits again."""
    lead_id = stored.contact.lead_id
    contacts.remove(connection, stored.contact_id)
    if _find_own_outcome(connection, stored) is not None:
        operations.report_outcome(connection, OutcomeReport(lead_id, "open", None, None, None, now), now)
    worked = contacts.summarize(connection, [lead_id]).get(lead_id)
    queue.restore_contacts(connection, lead_id, worked, operations.rules)


def correct_call(
    connection: Connection, operations: LeadOperations, stored: StoredContact, call: Call, now: datetime
) -> str:
    """Put a call in the place of one that was logged, at the time of that one; the contact's id.

    It counts as told when that one was, so the time within which it may be corrected goes on from there.
    A deal that stays won, or lost, keeps its date: another amount or reason makes it no later.
    """
    own = _find_own_outcome(connection, stored)
    stays_closed = own is not None and own.status == _OUTCOMES.get(call.result)
    closed_at = own.at if own is not None and stays_closed else None
    withdraw_call(connection, operations, stored, now)
    same = replace(call.contact, started_at=stored.contact.started_at, agent=stored.contact.agent)
    made = log_call(connection, operations, replace(call, contact=same), now, closed_at)
    contacts.note_first_told(connection, made, stored.received_at)
    return made


def _find_own_outcome(connection: Connection, stored: StoredContact) -> OutcomeReport | None:
    """The lead's outcome, where it was recorded at this very call and stands."""
    standing = outcomes.find_standing(connection, [stored.contact.lead_id]).get(stored.contact.lead_id)
    is_own = standing is not None and standing.contact_id == stored.contact_id and standing.status != "open"
    return standing if is_own else None
