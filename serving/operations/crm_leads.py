"""What a CRM says of a lead, done: the lead stored and scored, its outcome kept, or the lead merged or erased.

News may come in any order and repeatedly: what is older than what was stored changes nothing. A value that the model
does not take is left out rather than the lead.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.crm.config import Connection as CrmConnection
from connectors.crm.record import CrmRecord, Raw, read_record
from features.errors import FieldProblem, LeadRefused
from serving.errors import LeadBusy
from serving.event_log import log_event
from serving.operations.leads import LeadOperations
from serving.operations.put_lead import NotCompared, Put, PutLead, score_put
from serving.schemas.lead_changes import apply_patch
from serving.schemas.validation import read_lead
from serving.scoring.scorer import Scorer
from serving.settings import Settings
from serving.store import Connection, Store, contacts, crm_records, ids, leads, outcomes, queue
from serving.store.crm_notices import StoredNotice
from serving.store.crm_records import KnownRecord
from serving.store.leads import LeadFacts
from serving.store.outcomes import OutcomeReport

NOTHING_SAID = "open"
"""What is kept of the outcome of a lead that the CRM has open."""
MOST_TRIES = 20
"""Of a change that others forestall; each time, one of them got through."""


@dataclass(frozen=True)
class CrmLeads:
    """Does what CRMs say of leads."""

    store: Store
    scorer: Scorer
    operations: LeadOperations
    settings: Settings

    async def apply(
        self, crm: CrmConnection, notices: Sequence[StoredNotice], fetched: Raw | None, now: datetime
    ) -> None:
        """Do what a lead's notices say, in the order of the CRM's times; `fetched` is its record as of now.

        Raises:
            NotReady: while there is no model.
            LeadRefused: where the lead cannot be read at all.
        """
        for notice in sorted(notices, key=lambda one: (one.happened_at or one.received_at, one.received_at)):
            if notice.kind in ("deleted", "merged"):
                await self._remove(notice, now)
                continue
            raw = fetched if notice.is_fetch else notice.record
            if raw is not None:
                await self._keep(crm, notice, read_record(raw, crm), now)

    async def _remove(self, notice: StoredNotice, now: datetime) -> None:
        """Erase or merge a lead that went, unless the CRM said later that it is there."""
        if await self.store.write(_remove, self.operations, notice, now):
            await self.store.forget()

    async def _keep(self, crm: CrmConnection, notice: StoredNotice, record: CrmRecord, now: datetime) -> None:
        for _ in range(MOST_TRIES):
            known = await self.store.read(leads.find, record.lead_id)
            put = self._score(crm.name, record, None if known is None else known.facts)
            stored = await self.store.write(_put_news, self.operations, crm.name, notice, record, put, now)
            if not isinstance(stored, NotCompared):
                return
        raise LeadBusy("others change the lead all the time")

    def _score(self, name: str, record: CrmRecord, known: LeadFacts | None) -> PutLead:
        """The lead read and scored; without the parts that the model's schema refuses."""
        body: Mapping[str, Any] = record.body
        while True:
            try:
                return self._read_and_score(record.lead_id, body, known)
            except LeadRefused as refused:
                left = _empty_refused(body, refused.problems)
                if left == body:
                    raise
                log_event("crm.values_refused", logging.WARNING, connection=name, parts=name_parts(refused.problems))
                body = left

    def _read_and_score(self, lead_id: str, body: Mapping[str, Any], known: LeadFacts | None) -> PutLead:
        schema = self.scorer.champion.model.schema
        if known is None:
            return score_put(self.scorer, read_lead(dict(body), self.settings, schema, lead_id))
        return score_put(self.scorer, apply_patch(known, dict(body), schema, self.settings)).compare(known)


def _put_news(
    connection: Connection,
    operations: LeadOperations,
    name: str,
    notice: StoredNotice,
    record: CrmRecord,
    put: PutLead,
    now: datetime,
) -> Put | NotCompared | None:
    """Store a lead and what became of it, in one transaction; None where it was erased since, or the store is newer."""
    leads.lock(connection, [record.lead_id])
    known = crm_records.find(connection, [record.lead_id]).get(record.lead_id)
    changed_at = record.changed_at or notice.happened_at
    erased_at = ids.find_erased_at(connection, record.lead_id)
    if erased_at is not None and notice.kind != "restored" and (changed_at or notice.received_at) <= erased_at:
        return None
    if known is not None and known.changed_at and changed_at and changed_at < known.changed_at:
        return None
    before = known.outcome_hash if known else NOTHING_SAID
    outcome_hash = before if record.status is None else _hash_outcome(record)
    news_at = changed_at or (known.changed_at if known else None)
    kept = KnownRecord(record.lead_id, name, notice.record_id, news_at, before)
    crm_records.keep(connection, kept)  # first, so that a new score finds its CRM
    stored = operations.put(connection, [put])[0]
    if isinstance(stored, NotCompared):
        return stored
    crm_records.keep(connection, replace(kept, outcome_hash=outcome_hash))
    if record.status is not None and outcome_hash != before:
        said_at = min(changed_at or now, now)
        said = OutcomeReport(record.lead_id, record.status, record.closed_at, record.value, record.reason, said_at)
        operations.report_outcome(connection, said, now)
    return stored


def _hash_outcome(record: CrmRecord) -> str:
    """The same for the same outcome: what the CRM repeats does not overrule what an agent recorded since."""
    if record.status == "open":
        return NOTHING_SAID
    closed_at = record.closed_at.isoformat() if record.closed_at else None
    return ids.made_id("oc", record.status, closed_at, record.value, record.reason)


def _remove(connection: Connection, operations: LeadOperations, notice: StoredNotice, now: datetime) -> bool:
    """Whether there was something to erase."""
    leads.lock(connection, [notice.lead_id])
    known = crm_records.find(connection, [notice.lead_id]).get(notice.lead_id)
    if known is not None and known.changed_at and notice.happened_at and known.changed_at > notice.happened_at:
        return False
    if notice.into_id is not None:
        _merge(connection, operations, notice.lead_id, notice.into_id, now)
    return leads.erase(connection, notice.lead_id, now)


def _merge(connection: Connection, operations: LeadOperations, lead_id: str, into: str, now: datetime) -> None:
    """Make a lead's contacts and outcome those of the lead that it went into."""
    contacts.move(connection, lead_id, into)
    standing = outcomes.move(connection, lead_id, into)
    if standing is not None and standing.status != "open":
        queue.remove(connection, into, "outcome", now)
    summary = contacts.summarize(connection, [into]).get(into)
    queue.restore_contacts(connection, into, summary, operations.rules)


def _empty_refused(body: Mapping[str, Any], problems: Sequence[FieldProblem]) -> dict[str, Any]:
    """A lead's body with the refused parts empty."""
    paths = [problem.path for problem in problems]
    names = {path[1] for path in paths if path[:1] == ("fields",) and len(path) > 1}
    fields = {name: None if name in names else value for name, value in body["fields"].items()}
    roles = {name: None if (name,) in paths else value for name, value in body.items()}
    return {**roles, "fields": fields}


def name_parts(problems: Sequence[FieldProblem]) -> list[str]:
    """The names of refused parts; a name is the company's word, its value a person's."""
    return ["/".join(map(str, problem.path[:2])) for problem in problems]
