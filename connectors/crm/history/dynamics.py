"""Dynamics 365's past: records as they are now, changed since a time; what they were before is not told."""

from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm
from connectors.crm.dynamics import WITH_LABELS, Dynamics
from connectors.crm.history.pages import History, Page, Position

PAGE = 1_000


class DynamicsHistory(History):
    """Pages in the order of creation, which no change moves, each by the link that Dataverse gave with the last."""

    begin: ClassVar[Position] = {"next": None}

    def __init__(self, crm: Crm) -> None:
        super().__init__(crm)
        self.dynamics = cast(Dynamics, crm)

    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        headers = {"Prefer": f"{WITH_LABELS['Prefer']},odata.maxpagesize={PAGE}"}
        if position["next"] is None:
            answer = api.call("GET", self.dynamics.path, params=self._ask(since), headers=headers)
        else:
            answer = api.call("GET", position["next"], headers=headers)
        records = [self.dynamics.read_row(one) for one in get_list(answer, "value")]
        link = answer.get("@odata.nextLink")
        return Page(records, [], {"next": _read_link(link)} if link else None)

    def _ask(self, since: str | None) -> dict[str, Any]:
        key = f"{self.connection.object}id"
        changed = {"$filter": f"modifiedon ge {since}"} if since else {}
        return {"$select": self.dynamics.columns, "$orderby": f"createdon,{key}", **changed}


def _read_link(link: str) -> str:
    """A link's path and question: whatever host it names, the token goes to the connection's own."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"
