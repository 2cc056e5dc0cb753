"""After a promotion: the leads that wait are scored anew, a few at a time, beside the requests.

One process does it for all of a store's: whoever has the lease, which outlives its holder by half a minute at most.
Each round first asks which model is champion, so that workers that learn of a promotion at different times do not
undo each other's work; while the registry does not say, leads wait. A lead that changed in the meantime keeps the
score of that change.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from features.errors import LeadRefused
from serving.errors import NotReady
from serving.event_log import log_event
from serving.operations.leads import LeadOperations, Rescore
from serving.repeating import rest, working
from serving.scoring.champion_watch import ChampionWatch
from serving.scoring.scorer import REASONS_KEPT, Scorer
from serving.store import Store, StoreUnavailable, leases, scoring_backlog
from serving.store.leads import LeadFacts
from serving.store.tables import new_id
from training.model import Score

TOGETHER = 50
LEASE = "rescoring"
BREATH_SECONDS = 0.01


@dataclass(frozen=True)
class Rescorer:
    """Gives leads that wait the champion's score; where none is outdated it looks again after so many seconds."""

    store: Store
    scorer: Scorer
    watch: ChampionWatch
    operations: LeadOperations
    every_seconds: float
    holder: str = field(default_factory=lambda: new_id("rs"))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Rescore beside the requests, from here to the end of the block."""
        async with working("rescoring", self._rescore_until):
            yield

    async def rescore_some(self) -> int:
        """One round; how many leads it looked at.

        Raises:
            NotReady: while there is no champion.
            StoreUnavailable: where the database cannot be reached.
        """
        version = self.scorer.champion.model.version
        found = await self.store.read(scoring_backlog.find_outdated, version, TOGETHER)
        if not found or not await self.watch.look():
            return 0
        if not await self.store.write(leases.take, LEASE, self.holder, self.scorer.now()):
            return 0
        rescores = await run_in_threadpool(_score_all, self.scorer, found)
        done = await self.store.write(self.operations.rescore, rescores)
        log_event("scores.rescored", leads=done, model_version=self.scorer.version)
        return len(found)

    async def _rescore_until(self, stopping: asyncio.Event) -> None:
        has_lease = False
        while not stopping.is_set():
            looked_at = 0
            try:
                looked_at = await self.rescore_some()
            except (NotReady, StoreUnavailable):
                pass  # there is nothing to do it with yet; the next round may find it
            except Exception as error:  # noqa: BLE001 - rescoring must not end with one bad lead
                log_event("scores.rescoring_failed", logging.ERROR, error)
            has_lease = has_lease or looked_at > 0
            await rest(stopping, BREATH_SECONDS if looked_at else self.every_seconds)
        if has_lease:
            with suppress(StoreUnavailable):  # then it runs out by itself
                await self.store.write(leases.give_back, LEASE, self.holder)


def _score_all(scorer: Scorer, found: Sequence[tuple[str, LeadFacts]]) -> list[Rescore]:
    """New scores; none for a lead that the new model's schema does not take."""
    model, now = scorer.champion.model, scorer.now()

    def score(facts: LeadFacts) -> Score | None:
        try:
            return model.score(facts.read_by(model.schema), now, REASONS_KEPT)
        except LeadRefused:
            return None

    return [Rescore(facts.lead_id, score_id, score(facts), model.version) for score_id, facts in found]
