"""What the store does when something of a lead arrives: the lead itself, a contact, an outcome, or a new model's score.

A lead that comes again unchanged changes nothing and keeps the score that it has. New arrival facts give a new score,
and the change is told in two parts: what the new model did to the old lead, and what the lead's new facts did.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from features.lead import Contact, Lead
from features.schema import LeadRefused
from serving.queue_rules import QueueRules
from serving.store import contacts, leads, outcomes, queue, tables
from serving.store.contacts import ContactSummary
from serving.store.leads import LeadFacts
from serving.store.outbox import Before, Outbox, ScoreChanged
from serving.store.outcomes import OutcomeReport
from serving.store.scores import Change, StoredScore, row_of, score_of
from training.model import Score, ScoringModel


@dataclass(frozen=True, slots=True)
class PutLead:
    """A lead as it came, as a model read it, and that model's score of it."""

    facts: LeadFacts
    lead: Lead
    score: Score
    model: ScoringModel


@dataclass(frozen=True, slots=True)
class ChangedLead:
    """A lead as a change made it of what was known `before`."""

    before: LeadFacts
    after: PutLead


@dataclass(frozen=True, slots=True)
class Put:
    """What a put came to: the lead's score now, whether the lead is new, and which known facts it left out."""

    score: Score
    created: bool
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """A score to be kept for a lead."""

    facts: LeadFacts
    arrived: datetime
    score: StoredScore

    @property
    def at(self) -> datetime:
        return self.score.score.scored_at


@dataclass(frozen=True, slots=True)
class Rescore:
    """A new model's score for a lead as it was stored under `score_id`; none where the model does not take it."""

    lead_id: str
    score_id: str
    score: Score | None
    model_version: str


@dataclass(frozen=True, slots=True)
class LeadOperations:
    """Keeps the leads' tables true to each other, by the queue's rules."""

    rules: QueueRules
    outbox: Outbox

    def put(self, connection: Connection, puts: Sequence[PutLead]) -> list[Put]:
        """Store leads with their scores and queue those without an outcome, in the order given."""
        results: dict[int, Put] = {}
        for turn in _without_repeats([put.facts.lead_id for put in puts]):
            results |= zip(turn, self._put(connection, [puts[at] for at in turn]), strict=True)
        return [results[at] for at in range(len(puts))]

    def change(self, connection: Connection, changes: Sequence[ChangedLead]) -> list[Put | None]:
        """`put` changed leads; None for each that somebody else changed or erased since it was read."""
        results: dict[int, Put] = {}
        for turn in _without_repeats([change.before.lead_id for change in changes]):
            rows = leads.lock(connection, [changes[at].before.lead_id for at in turn])
            known = {lead_id: leads.facts_of(row) for lead_id, row in rows.items()}
            valid = [at for at in turn if known.get(changes[at].before.lead_id) == changes[at].before]
            results |= zip(valid, self._put(connection, [changes[at].after for at in valid]), strict=True)
        return [results.get(at) for at in range(len(changes))]

    def add_contact(
        self, connection: Connection, contact: Contact, again_at: datetime | None, now: datetime
    ) -> tuple[str, bool]:
        """Keep a contact and let the lead rest until it is due again; the contact's id, and whether it is new."""
        contact_id, new = contacts.add(connection, contact, again_at, now)
        if new:
            worked = contacts.summarize(connection, [contact.lead_id])[contact.lead_id]
            queue.record_contact(connection, contact.lead_id, worked, self.rules, now)
        return contact_id, new

    def report_outcome(self, connection: Connection, said: OutcomeReport, now: datetime) -> OutcomeReport | None:
        """Keep what the company says of a lead; what stands. Won and lost leave the queue, `open` returns."""
        standing, changed = outcomes.report(connection, said, now)
        if changed and said.status == "open":
            self._return(connection, said.lead_id)
        elif changed:
            queue.remove(connection, said.lead_id, "outcome", now)
        return standing

    def record_outcome(
        self, connection: Connection, said: OutcomeReport, agent: str, now: datetime
    ) -> OutcomeReport | None:
        """Keep what a sales person says of a lead; what stands. Where no contact is on record, that is one.

        Whoever records an outcome has worked the lead, so it must not count as one that nobody tried.
        """
        standing = self.report_outcome(connection, said, now)
        if not contacts.summarize(connection, [said.lead_id]):
            self.add_contact(connection, Contact(said.lead_id, now, agent), None, now)
        return standing

    def rescore(self, connection: Connection, rescores: Sequence[Rescore]) -> int:
        """Give leads their new model's scores, but for those that changed in the meantime; how many got theirs."""
        rows = leads.lock(connection, [rescore.lead_id for rescore in rescores])
        scored = []
        for rescore in rescores:
            row = rows.get(rescore.lead_id)
            if row is None or row.score_id != rescore.score_id:
                continue
            if rescore.score is None:
                queue.mark_unscorable(connection, rescore.lead_id, rescore.model_version)
                continue
            change = Change(Before(row.probability, row.grade), rescore.score.probability - row.probability, 0.0)
            stored = StoredScore(tables.new_id("sc"), rescore.score, change)
            scored.append(Scored(leads.facts_of(row), row.created_at or row.received_at, stored))
        self._keep_scores(connection, scored)
        return len(scored)

    def _put(self, connection: Connection, puts: Sequence[PutLead]) -> list[Put]:
        """Store leads of which each is there once."""
        rows = leads.lock(connection, [put.facts.lead_id for put in puts])
        known = [(put, row) for put in puts if (row := rows.get(put.facts.lead_id))]
        new = [_first(put, put.score.scored_at) for put in puts if put.facts.lead_id not in rows]
        unscored = [_first(put, row.received_at) for put, row in known if row.score_id is None]
        changed = [(put, row) for put, row in known if leads.facts_of(row) != put.facts]
        rescored = [scored for put, row in changed if row.score_id and (scored := _anew(put, row))]
        self._insert(connection, new)
        self._overwrite(connection, [put for put, _ in changed])
        self._keep_scores(connection, new + unscored + rescored)
        self._enqueue(connection, new + unscored)
        scores = {scored.facts.lead_id: scored.score.score for scored in new + unscored + rescored}
        left_out = {put.facts.lead_id: leads.facts_of(row).left_out_by(put.facts) for put, row in changed}
        return [
            Put(
                score=scores.get(lead_id) or score_of(rows[lead_id]).score,
                created=lead_id not in rows,
                left_out=left_out.get(lead_id, ()),
            )
            for lead_id in (put.facts.lead_id for put in puts)
        ]

    def _insert(self, connection: Connection, new: Sequence[Scored]) -> None:
        rows = [{**one.facts.row(), "received_at": one.at, "updated_at": one.at} for one in new]
        if rows:
            connection.execute(tables.leads.insert(), rows)

    def _overwrite(self, connection: Connection, changed: Sequence[PutLead]) -> None:
        rows = [{**put.facts.row(), "updated_at": put.score.scored_at, "its": put.facts.lead_id} for put in changed]
        if rows:
            connection.execute(update(tables.leads).where(tables.leads.c.lead_id == bindparam("its")), rows)

    def _keep_scores(self, connection: Connection, scored: Sequence[Scored]) -> None:
        """Keep scores, sort the leads in the queue by them, and tell of those that changed."""
        if not scored:
            return
        connection.execute(tables.scores.insert(), [row_of(one.score, one.facts.seen) for one in scored])
        newest = update(tables.leads).where(tables.leads.c.lead_id == bindparam("its"))
        names = [{"its": one.facts.lead_id, "named": one.score.score_id} for one in scored]
        connection.execute(newest.values(score_id=bindparam("named")), names)
        changed = [one for one in scored if one.score.change]
        queue.update_scores(connection, [self._place(one) for one in changed])
        self.outbox.add(connection, [_event(one.score) for one in changed], scored[0].at)

    def _enqueue(self, connection: Connection, scored: Sequence[Scored]) -> None:
        """Put leads into the queue, but for those that are won or lost."""
        ids = [one.facts.lead_id for one in scored]
        closed = {lead_id for lead_id, said in outcomes.find_standing(connection, ids).items() if said.status != "open"}
        worked = contacts.summarize(connection, ids)
        waiting = [one for one in scored if one.facts.lead_id not in closed]
        queue.add(connection, [self._place(one, worked.get(one.facts.lead_id)) for one in waiting])

    def _return(self, connection: Connection, lead_id: str) -> None:
        """Put a lead back into the queue whose outcome was taken back."""
        found = leads.find(connection, lead_id)
        if found is not None and found.score is not None:
            self._enqueue(connection, [Scored(found.facts, found.arrived, found.score)])

    def _place(self, one: Scored, worked: ContactSummary | None = None) -> tables.Row:
        facts = one.facts
        return queue.entry_row(one.score.score, facts.source, facts.value, one.arrived, self.rules, worked)


def _first(put: PutLead, received_at: datetime) -> Scored:
    arrived = put.facts.created_at or received_at
    return Scored(put.facts, arrived, StoredScore(tables.new_id("sc"), put.score, None))


def _anew(put: PutLead, row: Row[Any]) -> Scored | None:
    """The new score of a lead whose facts changed; None where nothing did that a score may see."""
    before = Before(row.probability, row.grade)
    change = Change(before, None, None)
    try:
        old = leads.facts_of(row).read_by(put.model.schema)
    except LeadRefused:
        pass  # a new schema takes other values: what the model did to the old lead cannot be told
    else:
        if old == put.lead:
            return None
        on_old = put.model.score(old, put.score.scored_at, 0).probability
        change = Change(before, on_old - before.probability, put.score.probability - on_old)
    stored = StoredScore(tables.new_id("sc"), put.score, change)
    return Scored(put.facts, put.facts.created_at or row.received_at, stored)


def _event(stored: StoredScore) -> ScoreChanged:
    score, change = stored.score, stored.change
    assert change is not None, "a first score is no change"  # noqa: S101 - for the type checker
    parts = (change.model_part, change.lead_part)
    return ScoreChanged(score.lead_id, score.probability, score.grade, change.before, *parts, score.model_version)


def _without_repeats(lead_ids: Sequence[str]) -> Iterator[list[int]]:
    """Positions in as few turns as it takes for no turn to name a lead twice, earlier ones first."""
    turns: list[list[int]] = []
    seen: Counter[str] = Counter()
    for at, lead_id in enumerate(lead_ids):
        if seen[lead_id] == len(turns):
            turns.append([])
        turns[seen[lead_id]].append(at)
        seen[lead_id] += 1
    yield from turns
