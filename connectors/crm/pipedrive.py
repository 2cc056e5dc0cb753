"""Pipedrive: webhooks (v2) that carry the deal; scores written into custom fields, deal by deal."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm, Found, Stage, WrittenScore
from connectors.crm.errors import MessageBroken
from connectors.crm.generic import parse_json
from connectors.crm.message import Message, Notice
from connectors.crm.record import read_time
from connectors.http_failures import BatchRefused


class Pipedrive(Crm):
    """`secret` is the password of the webhook's HTTP Basic, `token` an API token."""

    per_second = 5.0
    most = 20

    def read_notices(self, message: Message) -> list[Notice]:
        content = parse_json(message.body)
        meta = content.get("meta") if isinstance(content, dict) else None
        if not isinstance(meta, dict):
            raise MessageBroken("expected a webhook of version 2, with meta and data")
        if meta.get("entity") != "deal":
            return []
        record_id = str(meta.get("entity_id") or "")
        if not record_id:
            raise MessageBroken("expected meta.entity_id")
        happened_at = read_time(meta.get("timestamp"))
        data = content.get("data")
        if meta.get("action") == "delete":
            into = meta.get("merged_to_id")
            return [Notice("merged" if into else "deleted", record_id, happened_at, into=str(into) if into else None)]
        if not isinstance(data, dict):
            raise MessageBroken("expected the deal in data")
        return [Notice("changed", record_id, happened_at, flatten(data))]

    def authorize(self, api: CrmApi) -> Mapping[str, str]:  # noqa: ARG002 - a token that does not run out
        return {"x-api-token": self.connection.secret("token")}

    def describe(self, api: CrmApi) -> Found:
        found = get_list(api.call("GET", "/api/v2/dealFields", params={"limit": 500}), "data")
        fields = {str(one["field_code"]): str(one.get("field_name", "")) for one in found}
        return Found(fields, [Stage("open", "Open"), Stage("won", "Won", "won"), Stage("lost", "Lost", "lost")])

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
        troubles: dict[str, str] = {}
        for one in scores:
            fields = {"custom_fields": one.by_field(self.connection)}
            try:
                api.call("PATCH", f"/api/v2/deals/{one.record_id}", fields)
            except BatchRefused as refused:  # an archived deal, for one, cannot be changed
                troubles[one.record_id] = f"Pipedrive says {refused}"
        return troubles


def flatten(deal: Mapping[str, Any]) -> dict[str, Any]:
    """A deal on one level: its custom fields by their keys."""
    custom = deal.get("custom_fields")
    plain = {name: value for name, value in deal.items() if name != "custom_fields"}
    return {**plain, **(custom if isinstance(custom, dict) else {})}
