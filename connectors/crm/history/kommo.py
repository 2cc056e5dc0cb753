"""amoCRM's and Kommo's past: leads page by page, then the events of changed stages; no other field has a history."""

from typing import Any, ClassVar

from connectors.crm.api import CrmApi, get_list
from connectors.crm.history.pages import Change, History, Page, Position
from connectors.crm.kommo import flatten
from connectors.crm.record import read_time

LEADS, EVENTS = 250, 100


class KommoHistory(History):
    """An answer without a body ends each part."""

    begin: ClassVar[Position] = {"part": "leads", "page": 1}

    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        seconds = read_time(since)
        begin = 0 if seconds is None else int(seconds.timestamp())
        if position["part"] == "leads":
            return self._read_leads(api, begin, position["page"])
        return self._read_events(api, begin, position["page"])

    def _read_leads(self, api: CrmApi, begin: int, page: int) -> Page:
        asked: dict[str, Any] = {"limit": LEADS, "page": page, "order[id]": "asc", "filter[updated_at][from]": begin}
        answer = api.call("GET", "/api/v4/leads", params=asked)
        leads = [] if answer is None else get_list(answer, "_embedded", "leads")
        place = {"part": "leads", "page": page + 1} if leads else {"part": "events", "page": 1}
        return Page([flatten(one) for one in leads], [], place)

    def _read_events(self, api: CrmApi, begin: int, page: int) -> Page:
        asked: dict[str, Any] = {
            "limit": EVENTS,
            "page": page,
            "filter[entity]": "lead",
            "filter[type]": "lead_status_changed",
            "filter[created_at][from]": begin,
        }
        answer = api.call("GET", "/api/v4/events", params=asked)
        events = [] if answer is None else get_list(answer, "_embedded", "events")
        changes = [
            Change(
                str(one["entity_id"]),
                str(self.mapping.stage),
                one["created_at"],
                _read_status(one.get("value_after")),
                _read_status(one.get("value_before")),
            )
            for one in events
        ]
        return Page([], changes, {"part": "events", "page": page + 1} if events else None)


def _read_status(values: object) -> object:
    first = values[0] if isinstance(values, list) and values and isinstance(values[0], dict) else {}
    return (first.get("lead_status") or {}).get("id")
