"""Writes scores into CRMs' own fields, as the outbox says: the newest score of each lead, batch by batch."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from connectors.crm.api import CrmApi
from connectors.crm.crm import Crm, WrittenScore, chunks
from connectors.http_failures import BatchRefused
from serving.event_log import log_event
from serving.operations.crm_links import CrmAway, CrmLinks
from serving.store import Connection, Store, crm_records, leads, outbox
from serving.store.outbox import Attempt, Leased
from serving.webhooks.schedule import wait_after
from training.model import Score

TOGETHER = 100
UNKNOWN_SECONDS = 600.0


@dataclass(frozen=True)
class CrmScores:
    """Writes back what is due, as one of any number of processes that do."""

    store: Store
    links: CrmLinks
    clock: Callable[[], datetime]

    async def round(self) -> int:
        """Write what is due, at most `TOGETHER` scores; how many events these were."""
        now = self.clock().timestamp()
        if not await self.store.read(outbox.is_due, now, "crm"):
            return 0
        leased = await self.store.write(outbox.lease, now, TOGETHER, "crm")
        by_connection: dict[str, list[Leased]] = defaultdict(list)
        for one in leased:
            by_connection[_read_data(one)["connection"]].append(one)
        for name, events in by_connection.items():
            await self.store.write(outbox.settle, await self._write(name, events), self.clock())
        return len(leased)

    async def _write(self, name: str, events: Sequence[Leased]) -> list[Attempt]:
        """What became of one connection's events; a lead that is named twice is written once."""
        crm, now = self.links.crms.get(name), self.clock().timestamp()
        if crm is None or not crm.connection.section.write:
            until = now + UNKNOWN_SECONDS
            return [Attempt(one, "crm.toml does not write to it", until, counts=False) for one in events]
        lead_ids = [_read_data(one)["lead_id"] for one in events]
        written = await self.store.read(_read_scores, crm, lead_ids)
        try:
            troubles = await self.links.ask(name, lambda api: _write_all(crm, api, [*written.values()]), now)
        except CrmAway as away:
            return [Attempt(one, away.trouble, away.until, counts=False) for one in events]
        except BatchRefused as odd:
            log_event("crm.refuses", logging.ERROR, connection=name, trouble=str(odd))
            return [self._fail(one, str(odd)) for one in events]
        return [
            self._fail(one, trouble)
            if (found := written.get(lead_id)) and (trouble := troubles.get(found.record_id))
            else Attempt(one, None, None)
            for one, lead_id in zip(events, lead_ids, strict=True)
        ]

    def _fail(self, one: Leased, trouble: str) -> Attempt:
        wait = wait_after(one.attempts + 1, None)
        return Attempt(one, trouble, None if wait is None else self.clock().timestamp() + wait, wait)


def _read_data(event: Leased) -> Mapping[str, str]:
    data: Mapping[str, str] = json.loads(event.body)["data"]
    return data


def _read_scores(connection: Connection, crm: Crm, lead_ids: Sequence[str]) -> dict[str, WrittenScore]:
    """What the CRM is to show of each lead now; of one without a score nothing."""
    records = crm_records.find(connection, lead_ids)
    scores = leads.find_scores(connection, [*records])
    return {one: _make_written(crm, records[one].record_id, score) for one, score in scores.items()}


def _make_written(crm: Crm, record_id: str, score: Score) -> WrittenScore:
    link = crm.connection.section.link
    return WrittenScore(
        record_id=record_id,
        score=round(100 * score.probability, 1),
        grade=score.grade,
        reason=score.reasons[0].sentence if score.reasons else "",
        link=None if link is None else f"{link}/leads/{quote(score.lead_id, safe='')}",
    )


def _write_all(crm: Crm, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
    troubles: dict[str, str] = {}
    for some in chunks(scores, crm.most):
        troubles |= _write_some(crm, api, some)
    return troubles


def _write_some(crm: Crm, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
    """Write a batch; where one of its records spoils it, such as by a rule of the CRM's own, find it by halves."""
    try:
        return crm.write_scores(api, scores)
    except BatchRefused as refused:
        if len(scores) == 1:
            return {scores[0].record_id: f"{crm.connection.defaults.title} says {refused}"}
        middle = len(scores) // 2
        return _write_some(crm, api, scores[:middle]) | _write_some(crm, api, scores[middle:])
