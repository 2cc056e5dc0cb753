"""What happens when something of a lead arrives: the lead itself, a contact, an outcome, or a new model's score.

A lead that comes again unchanged changes nothing and keeps the score that it has. New arrival facts give a new score,
and the change is told in two parts: what the new model did to the old lead, and what the lead's new facts did. No model
runs inside a transaction: all is scored before, and what the store held meanwhile is compared inside.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from features.lead import Contact
from serving.operations.put_lead import (
    ChangedLead,
    NewScore,
    NotCompared,
    Put,
    PutLead,
    changed_score,
    first_score,
    needs_comparison,
)
from serving.queue_rules import QueueRules
from serving.store import Connection, Store, contacts, leads, outcomes, queue, tables
from serving.store.contacts import ContactSummary
from serving.store.leads import LeadFacts, LockedLead
from serving.store.outbox import Outbox, ScoreChanged
from serving.store.outcomes import OutcomeReport
from serving.store.scores import Change, StoredScore
from training.model import Score

MOST_COMPARISONS = 20
"""Of one put with a lead that others change all the time; then the parts of its change stay unknown."""


@dataclass(frozen=True, slots=True)
class Rescore:
    """A new model's score for a lead as it was stored under `score_id`; none where the model does not take it."""

    lead_id: str
    score_id: str
    score: Score | None
    model_version: str


@dataclass(frozen=True, slots=True)
class LeadOperations:
    """Keeps the leads' tables true to each other, by the queue's rules. Each takes one transaction's connection."""

    rules: QueueRules
    outbox: Outbox

    async def put_when_compared(self, store: Store, put: PutLead) -> Put:
        """`put` one lead, compared with what was known of it as often as others change that.

        Raises:
            StoreUnavailable: where the database cannot be reached.
        """
        for tries_left in reversed(range(MOST_COMPARISONS)):
            sent = put if tries_left else replace(put, is_last_try=True)
            stored = await store.write_together(self.put, sent)
            if isinstance(stored, Put):
                return stored
            put = put.compare(stored.known)
        raise AssertionError("the last try stores without a comparison")

    def put(self, connection: Connection, puts: Sequence[PutLead]) -> list[Put | NotCompared]:
        """Store leads with their scores and queue those without an outcome, in the order given.

        One that would change a scored lead is stored only where it was compared with what stands.
        """
        results: dict[int, Put | NotCompared] = {}
        for turn in _split_repeats([put.facts.lead_id for put in puts]):
            known = leads.lock(connection, [puts[at].facts.lead_id for at in turn])
            ready = []
            for at in turn:
                found = known.get(puts[at].facts.lead_id)
                if found is not None and needs_comparison(puts[at], found):
                    results[at] = NotCompared(found.facts)
                else:
                    ready.append(at)
            results |= zip(ready, self._put(connection, [puts[at] for at in ready], known), strict=True)
        return [results[at] for at in range(len(puts))]

    def change(self, connection: Connection, changes: Sequence[ChangedLead]) -> list[Put | None]:
        """`put` changed leads; None for each that somebody else changed or erased since it was read."""
        results: dict[int, Put] = {}
        for turn in _split_repeats([change.before.lead_id for change in changes]):
            known = leads.lock(connection, [changes[at].before.lead_id for at in turn])
            valid = [at for at in turn if _stands(changes[at].before, known)]
            results |= zip(valid, self._put(connection, [changes[at].after for at in valid], known), strict=True)
        return [results.get(at) for at in range(len(changes))]

    def add_contact(
        self, connection: Connection, contact: Contact, again_at: datetime | None, now: datetime
    ) -> tuple[str, bool]:
        """Keep a contact and let the lead rest until it is due again; the contact's id, and whether it is new."""
        contact_id, is_new = contacts.add(connection, contact, again_at, now)
        if is_new:
            self.let_rest(connection, contact.lead_id, now)
        return contact_id, is_new

    def let_rest(self, connection: Connection, lead_id: str, now: datetime) -> None:
        """Let a lead rest after a contact that was just kept, until it is due again."""
        summary = contacts.summarize(connection, [lead_id])[lead_id]
        queue.record_contact(connection, lead_id, summary, self.rules, now)

    def report_outcome(self, connection: Connection, said: OutcomeReport, now: datetime) -> OutcomeReport | None:
        """Keep what the company says of a lead; what stands. Won and lost leave the queue, `open` returns."""
        standing, changed = outcomes.report(connection, said, now)
        if changed and said.status == "open":
            self._requeue(connection, said.lead_id)
        elif changed:
            queue.remove(connection, said.lead_id, "outcome", now)
        return standing

    def rescore(self, connection: Connection, rescores: Sequence[Rescore]) -> int:
        """Give leads their new model's scores, but for those that changed in the meantime; how many got theirs."""
        known = leads.lock(connection, [rescore.lead_id for rescore in rescores])
        scored = []
        for rescore in rescores:
            found = known.get(rescore.lead_id)
            if found is None or found.score_id != rescore.score_id:
                continue
            if rescore.score is None:
                queue.mark_unscorable(connection, rescore.lead_id, rescore.model_version)
                continue
            before = found.previous
            change = Change(before, rescore.score.probability - before.probability, 0.0)
            stored = StoredScore(tables.new_id("sc"), rescore.score, change)
            scored.append(NewScore(found.facts, found.arrived, stored))
        leads.insert_scores(connection, [(one.facts, one.score) for one in scored])
        self._tell_scores(connection, scored)
        return len(scored)

    def _put(self, connection: Connection, puts: Sequence[PutLead], known: dict[str, LockedLead]) -> list[Put]:
        """Store leads, each there once and compared where it must be, beside what is `known` of them."""
        new = [first_score(put, put.score.scored_at) for put in puts if put.facts.lead_id not in known]
        stored = [(put, known[put.facts.lead_id]) for put in puts if put.facts.lead_id in known]
        unscored = [first_score(put, found.received_at) for put, found in stored if found.score_id is None]
        changed = [(put, found) for put, found in stored if found.facts != put.facts]
        rescored = [scored for put, found in changed if (scored := changed_score(put, found))]
        leads.insert_scored(connection, [(one.facts, one.at, one.score) for one in new])
        leads.overwrite(connection, [(put.facts, put.score.scored_at) for put, _ in changed])
        leads.insert_scores(connection, [(one.facts, one.score) for one in unscored + rescored])
        self._tell_scores(connection, new + unscored + rescored)
        self._enqueue(connection, new + unscored)
        scores = {one.facts.lead_id: one.score.score for one in new + unscored + rescored}
        left_out = {put.facts.lead_id: found.facts.left_out_by(put.facts) for put, found in changed}
        return [
            Put(
                score=scores.get(lead_id) or known[lead_id].read_score(),
                created=lead_id not in known,
                left_out=left_out.get(lead_id, ()),
            )
            for lead_id in (put.facts.lead_id for put in puts)
        ]

    def _tell_scores(self, connection: Connection, scored: Sequence[NewScore]) -> None:
        """Sort the leads in the queue by their new scores, and tell of those that changed."""
        if not scored:
            return
        changed = [one for one in scored if one.score.change]
        queue.update_scores(connection, [self._entry(one) for one in changed])
        changes = [_score_changed(one.score) for one in changed]
        self.outbox.add(connection, changes, scored[0].at)
        new = [one.facts.lead_id for one in scored if not one.score.change]
        self.outbox.tell_crms(connection, new, changes, scored[0].at)

    def _enqueue(self, connection: Connection, scored: Sequence[NewScore]) -> None:
        """Put leads into the queue, but for those that are won or lost."""
        told = leads.find_told_before(connection, [one.facts.lead_id for one in scored])
        standing = outcomes.find_standing(connection, told)
        closed = {lead_id for lead_id, said in standing.items() if said.status != "open"}
        contacted = contacts.summarize(connection, told)
        waiting = [one for one in scored if one.facts.lead_id not in closed]
        queue.add(connection, [self._entry(one, contacted.get(one.facts.lead_id)) for one in waiting])

    def _requeue(self, connection: Connection, lead_id: str) -> None:
        """Put a lead back into the queue whose outcome was taken back."""
        found = leads.find(connection, lead_id)
        if found is not None and found.score is not None:
            self._enqueue(connection, [NewScore(found.facts, found.arrived, found.score)])

    def _entry(self, one: NewScore, contacted: ContactSummary | None = None) -> tables.Row:
        facts = one.facts
        return queue.entry_row(one.score.score, facts.source, facts.value, one.arrived, self.rules, contacted)


def _stands(before: LeadFacts, known: dict[str, LockedLead]) -> bool:
    found = known.get(before.lead_id)
    return found is not None and found.facts == before


def _score_changed(stored: StoredScore) -> ScoreChanged:
    score, change = stored.score, stored.change
    assert change is not None, "a first score is no change"  # noqa: S101 - for the type checker
    parts = (change.model_part, change.lead_part)
    return ScoreChanged(score.lead_id, score.probability, score.grade, change.before, *parts, score.model_version)


def _split_repeats(lead_ids: Sequence[str]) -> Iterator[list[int]]:
    """Positions in as few turns as it takes for no turn to name a lead twice, earlier ones first."""
    turns: list[list[int]] = []
    seen: Counter[str] = Counter()
    for at, lead_id in enumerate(lead_ids):
        if seen[lead_id] == len(turns):
            turns.append([])
        turns[seen[lead_id]].append(at)
        seen[lead_id] += 1
    yield from turns
