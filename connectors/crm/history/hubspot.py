"""HubSpot's past: searched by the time of change, read with the history of each property; archived objects besides."""

from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.crm.api import CrmApi, get_list
from connectors.crm.history.pages import Change, History, Page, Position
from connectors.crm.hubspot import VERSION, flatten
from connectors.crm.record import read_time
from connectors.http_failures import BatchRefused

PAGE = 50
"""With histories, HubSpot reads no more objects at once."""
DEEPEST = 10_000
"""A search gives no more objects."""


class HubSpotHistory(History):
    """All properties have their histories."""

    begin: ClassVar[Position] = {"part": "live"}
    tells_all = True

    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        return (
            self._read_live(api, since, position) if position["part"] == "live" else self._read_archived(api, position)
        )

    def _read_live(self, api: CrmApi, since: str | None, position: Position) -> Page:
        name = str(self.mapping.changed_at)
        begin = position.get("from") or since or "1970-01-01T00:00:00Z"
        asked: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": name, "operator": "GTE", "value": _milliseconds(begin)}]}],
            "sorts": [{"propertyName": name, "direction": "ASCENDING"}],
            "properties": [name],
            "limit": PAGE,
        }
        if "after" in position:
            asked["after"] = position["after"]
        answer = api.call("POST", f"{self._path}/search", asked)
        found = get_list(answer, "results")
        return self._with_histories(api, [str(one["id"]) for one in found], self._follow(answer, found, begin))

    def _follow(self, answer: Mapping[str, Any], found: list[Any], begin: str) -> Position:
        """Behind the last time of a page, not its place: an object that changes meanwhile moves the others up."""
        following = _next_after(answer)
        if following is None:
            return {"part": "archived"}
        last = found[-1]["properties"][str(self.mapping.changed_at)]
        if _milliseconds(last) != _milliseconds(begin):
            return {"part": "live", "from": last}
        if int(following) + PAGE > DEEPEST:
            raise BatchRefused(f"more than {DEEPEST:,} objects changed at once, which HubSpot's search cannot page")
        return {"part": "live", "from": begin, "after": following}

    def _with_histories(self, api: CrmApi, record_ids: list[str], place: Position) -> Page:
        if not record_ids:
            return Page([], [], place)
        names = self.mapping.properties
        asked = {"inputs": [{"id": one} for one in record_ids], "properties": names, "propertiesWithHistory": names}
        return _make_page(get_list(api.call("POST", f"{self._path}/batch/read", asked), "results"), place)

    def _read_archived(self, api: CrmApi, position: Position) -> Page:
        names = ",".join(self.mapping.properties)
        asked: dict[str, Any] = {"archived": "true", "limit": PAGE, "properties": names, "propertiesWithHistory": names}
        if "after" in position:
            asked["after"] = position["after"]
        answer = api.call("GET", self._path, params=asked)
        following = _next_after(answer)
        place = None if following is None else {"part": "archived", "after": following}
        return _make_page(get_list(answer, "results"), place)

    @property
    def _path(self) -> str:
        return f"/crm/objects/{VERSION}/{self.connection.object}"


def _make_page(results: list[Any], place: Position | None) -> Page:
    changes = [
        Change(str(one["id"]), name, entry.get("timestamp"), entry.get("value"))
        for one in results
        for name, entries in (one.get("propertiesWithHistory") or {}).items()
        for entry in entries
    ]
    return Page([flatten(one) for one in results], changes, place)


def _next_after(answer: Mapping[str, Any]) -> str | None:
    found = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if found is None else str(found)


def _milliseconds(time: str) -> str:
    read = read_time(time)
    return "0" if read is None else str(int(1000 * read.timestamp()))
