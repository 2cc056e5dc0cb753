"""Bitrix24's past: elements by their ids, then the movements between stages; other fields have no history there."""

from typing import Any, ClassVar

from connectors.crm.api import CrmApi, get_list
from connectors.crm.bitrix24 import ENTITIES, check_answer
from connectors.crm.history.pages import Change, History, Page, Position


class Bitrix24History(History):
    """Pages by id, without counting (`start` = -1), as Bitrix24 asks of whoever reads much."""

    begin: ClassVar[Position] = {"part": "items", "after": 0}

    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        after = position["after"]
        if position["part"] == "items":
            return self._read_items(api, since, after)
        return self._read_stages(api, since, after)

    def _read_items(self, api: CrmApi, since: str | None, after: int) -> Page:
        entity, _ = ENTITIES[self.connection.object]
        wanted: dict[str, Any] = {">id": after} | ({">=updatedTime": since} if since else {})
        asked = {"entityTypeId": entity, "select": ["id"], "filter": wanted, "order": {"id": "ASC"}, "start": -1}
        answer = check_answer(api.call("POST", "/crm.item.list.json", asked))
        record_ids = [str(one["id"]) for one in get_list(answer, "result", "items")]
        records = self.crm.fetch(api, record_ids) if record_ids else []
        place = {"part": "items", "after": int(record_ids[-1])} if record_ids else {"part": "stages", "after": 0}
        return Page(records, [], place)

    def _read_stages(self, api: CrmApi, since: str | None, after: int) -> Page:
        entity, _ = ENTITIES[self.connection.object]
        wanted: dict[str, Any] = {">ID": after} | ({">=CREATED_TIME": since} if since else {})
        asked = {"entityTypeId": entity, "filter": wanted, "order": {"ID": "ASC"}, "start": -1}
        answer = check_answer(api.call("POST", "/crm.stagehistory.list.json", asked))
        moves = get_list(answer, "result", "items")
        name = str(self.mapping.stage)
        changes = [
            Change(str(one["OWNER_ID"]), name, one["CREATED_TIME"], one.get("STATUS_ID", one.get("STAGE_ID")))
            for one in moves
        ]
        return Page([], changes, {"part": "stages", "after": int(moves[-1]["ID"])} if moves else None)
