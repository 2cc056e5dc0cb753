"""Pulls a CRM's past: goes on where the last pull ended or was cut off, until there is no further page."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.crm.api import CrmApi, expecting_known_shapes
from connectors.crm.history.kept_pages import KeptPages, Progress
from connectors.crm.history.pages import History

OVERLAP = timedelta(minutes=5)
"""How far a pull looks back behind the last one: clocks differ, and changes are told late."""
Tell = Callable[[int], None]
"""Is told how many records came with each page."""


def pull_pages(history: History, api: CrmApi, kept: KeptPages, now: datetime, tell: Tell, anew: bool) -> Progress:
    """Pull what changed since the last pull, or the rest of one that was cut off; how far it came: to the end.

    Raises:
        NotTaken, AccessRefused, BatchRefused: as the API does; what came until then is kept.
    """
    progress = _begin(history, None if anew else kept.read_progress(), now)
    kept.begin(progress)
    while progress.position is not None:
        with expecting_known_shapes():
            page = history.read_page(api, progress.since, progress.position)
        progress = kept.append(progress, page)
        tell(len(page.records))
    return progress


def _begin(history: History, last: Progress | None, now: datetime) -> Progress:
    what = _describe(history)
    next_since = (now - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
    if last is None or last.what != what:
        return Progress(what, None, history.begin, next_since)
    if last.position is not None:
        return last
    return Progress(what, last.next_since, history.begin, next_since, last.size)


def _describe(history: History) -> str:
    """The same while the same is pulled: the CRM's account, its kind of records, and their properties."""
    connection = history.connection
    asked = [connection.crm, connection.object, connection.section.endpoint, sorted(connection.mapping.properties)]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
