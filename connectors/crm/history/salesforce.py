"""Salesforce's past: records with deleted ones (`queryAll`), then the history of the fields that are tracked there."""

from typing import Any, ClassVar

from connectors.crm.api import CrmApi, get_list
from connectors.crm.history.pages import Change, History, Page, Position
from connectors.crm.salesforce import VERSION

HISTORIES = {"Lead": ("LeadHistory", "LeadId"), "Opportunity": ("OpportunityFieldHistory", "OpportunityId")}
"""The object that holds a kind's history, and the field that names the record."""


class SalesforceHistory(History):
    """Pages by id: a place in a query (`nextRecordsUrl`) is forgotten after days, and a pull may be resumed later."""

    begin: ClassVar[Position] = {"part": "records", "after": ""}

    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        after = position["after"]
        if position["part"] == "records":
            return self._read_records(api, since, after)
        return self._read_changes(api, since, after)

    def _read_records(self, api: CrmApi, since: str | None, after: str) -> Page:
        names = [*dict.fromkeys([*self.mapping.properties, "IsDeleted"])]
        found = _query(api, names, self.connection.object, str(self.mapping.changed_at), since, after)
        records = [{name: one.get(name) for name in names} for one in found]
        place = {"part": "records", "after": found[-1]["Id"]} if found else {"part": "changes", "after": ""}
        return Page(records, [], place)

    def _read_changes(self, api: CrmApi, since: str | None, after: str) -> Page:
        table, named = HISTORIES[self.connection.object]
        names = ["Id", named, "Field", "OldValue", "NewValue", "CreatedDate"]
        found = _query(api, names, table, "CreatedDate", since, after)
        changes = [
            Change(one[named], one["Field"], one["CreatedDate"], one.get("NewValue"), one.get("OldValue"))
            for one in found
        ]
        return Page([], changes, {"part": "changes", "after": found[-1]["Id"]} if found else None)


def _query(api: CrmApi, names: list[str], table: str, changed_at: str, since: str | None, after: str) -> list[Any]:
    """Up to 2,000 rows behind an id; names are the company's own, ids and times have no quotes in them."""
    begun = [f"{changed_at} >= {since}"] if since else []
    behind = [f"Id > '{after}'"] if after else []
    where = f" WHERE {' AND '.join([*begun, *behind])}" if begun or behind else ""
    question = f"SELECT {', '.join(names)} FROM {table}{where} ORDER BY Id LIMIT 2000"  # noqa: S608 - SOQL, not SQL
    return get_list(api.call("GET", f"/services/data/{VERSION}/queryAll", params={"q": question}), "records")
