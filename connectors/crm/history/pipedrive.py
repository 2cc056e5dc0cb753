"""Pipedrive's past: deals, archived ones too, each with its changelog where it changed since it was made."""

from typing import Any, ClassVar

from connectors.crm.api import CrmApi, get_list
from connectors.crm.history.pages import Change, History, Page, Position
from connectors.crm.pipedrive import flatten
from connectors.crm.record import Raw
from connectors.http_failures import BatchRefused

PAGE = 100
PARTS = {"live": "/api/v2/deals", "archived": "/api/v2/deals/archived"}


class PipedriveHistory(History):
    """Archived deals are not among the others unless they are asked for: without them, only what survived is seen."""

    begin: ClassVar[Position] = {"part": "live"}
    tells_all = True

    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        asked: dict[str, Any] = {"limit": PAGE, "sort_by": "id", "sort_direction": "asc"}
        if since is not None:
            asked["updated_since"] = since
        if "cursor" in position:
            asked["cursor"] = position["cursor"]
        part = position["part"]
        answer = api.call("GET", PARTS[part], params=asked)
        deals = [flatten(one) for one in get_list(answer, "data")]
        following = (answer.get("additional_data") or {}).get("next_cursor")
        place: Position | None = {"part": part, "cursor": following} if following else _after(part)
        changes = [change for deal in deals if _changed(deal) for change in _read_changelog(api, str(deal["id"]))]
        return Page(deals, changes, place)


def _after(part: str) -> Position | None:
    return {"part": "archived"} if part == "live" else None


def _changed(deal: Raw) -> bool:
    return bool(deal.get("update_time") != deal.get("add_time"))


def _read_changelog(api: CrmApi, deal_id: str) -> list[Change]:
    """What changed of a deal; nothing of one whose changelog is gone."""
    changes: list[Change] = []
    cursor: str | None = None
    while True:
        asked = {"limit": 500, **({"cursor": cursor} if cursor else {})}
        try:
            answer = api.call("GET", f"/v1/deals/{deal_id}/changelog", params=asked)
        except BatchRefused:
            return changes
        entries = get_list(answer, "data") if answer.get("data") is not None else []
        changes += [
            Change(deal_id, str(one["field_key"]), one["time"], one.get("new_value"), one.get("old_value"))
            for one in entries
        ]
        cursor = (answer.get("additional_data") or {}).get("next_cursor")
        if not cursor:
            return changes
