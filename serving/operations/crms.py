"""All work with CRMs beside the requests: what hooks said is worked off, and scores are written back."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import datetime

from serving.operations.crm_intake import CrmIntake
from serving.operations.crm_leads import CrmLeads
from serving.operations.crm_links import CrmLinks
from serving.operations.crm_scores import CrmScores
from serving.repeating import repeating
from serving.store import Store

LOOK_SECONDS = 1.0
"""At most so long after it came, a message is looked at."""


@asynccontextmanager
async def working_with_crms(
    store: Store, links: CrmLinks, leads: CrmLeads, clock: Callable[[], datetime], poll_seconds: float
) -> AsyncIterator[None]:
    """Work with the connections' CRMs to the end of the block; nothing is done where there are none."""
    if not links.crms:
        yield
        return
    look_every = min(poll_seconds, LOOK_SECONDS)
    intake, scores = CrmIntake(store, links, leads, clock), CrmScores(store, links, clock)
    with closing(links):
        async with (
            repeating("crm_intake", intake.round, look_every),
            repeating("crm_scores", scores.round, look_every),
        ):
            yield
