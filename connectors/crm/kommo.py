"""amoCRM and Kommo: forms that name leads; no signature, so a secret in the address; leads are fetched by `api/v4`."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm, Found, Stage, WrittenScore
from connectors.crm.errors import MessageBroken
from connectors.crm.forms import parse_form, values_of
from connectors.crm.message import Message, Notice, NoticeKind
from connectors.crm.record import Raw, Status, read_time
from connectors.http_failures import BatchRefused

KINDS: Mapping[str, NoticeKind] = {
    "add": "changed",
    "update": "changed",
    "status": "changed",
    "responsible": "changed",
    "restore": "restored",
    "delete": "deleted",
}
CLOSED: Mapping[str, Status] = {"142": "won", "143": "lost"}
"""The statuses that end every pipeline."""
OWN_FIELDS = {
    "id": "ID",
    "name": "Name",
    "price": "Sale value",
    "source_id": "Source",
    "tags": "Tags",
    "responsible_user_id": "Responsible user",
    "status_id": "Stage",
    "pipeline_id": "Pipeline",
    "created_at": "Created",
    "updated_at": "Changed",
    "closed_at": "Closed",
    "loss_reason_id": "Loss reason",
}
"""The fields that every lead has."""
CUSTOM = "cf_"
"""What stands before the id of a custom field."""


class Kommo(Crm):
    """`token` is a long-lived token, `endpoint` the account's own address."""

    per_second = 7.0
    most = 50

    def read_notices(self, message: Message) -> list[Notice]:
        form = parse_form(message.body)
        leads = form.get("leads")
        if not isinstance(leads, dict):
            return []
        known = ((kind, one) for action, kind in KINDS.items() for one in values_of(leads.get(action)))
        return [_read_lead(kind, one) for kind, one in known]

    def fetch(self, api: CrmApi, record_ids: Sequence[str]) -> list[Raw]:
        asked = {"filter[id][]": list(record_ids), "limit": self.most}
        answer = api.call("GET", "/api/v4/leads", params=asked)
        empty = dict.fromkeys(self.connection.mapping.properties)  # Kommo leaves out what is empty
        return [] if answer is None else [{**empty, **flatten(one)} for one in get_list(answer, "_embedded", "leads")]

    def describe(self, api: CrmApi) -> Found:
        answer = api.call("GET", "/api/v4/leads/custom_fields", params={"limit": 250})
        custom = [] if answer is None else get_list(answer, "_embedded", "custom_fields")
        fields = {f"{CUSTOM}{one['id']}": str(one.get("name", "")) for one in custom}
        pipelines = get_list(api.call("GET", "/api/v4/leads/pipelines"), "_embedded", "pipelines")
        statuses = {str(one["id"]): str(one["name"]) for all_ in pipelines for one in all_["_embedded"]["statuses"]}
        return Found({**OWN_FIELDS, **fields}, [Stage(one, name, CLOSED.get(one)) for one, name in statuses.items()])

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
        if not all(name.removeprefix(CUSTOM).isdecimal() for name in self.connection.mapping.score.values()):
            raise BatchRefused(f"the fields of [{self.connection.name}.score] are {CUSTOM} and the id of a field")
        leads = [
            {
                "id": int(one.record_id),
                "custom_fields_values": [
                    {"field_id": int(name.removeprefix(CUSTOM)), "values": [{"value": value}]}
                    for name, value in one.by_field(self.connection).items()
                ],
            }
            for one in scores
        ]
        answer = api.call("PATCH", "/api/v4/leads", leads)
        taken = {str(one.get("id")) for one in get_list(answer, "_embedded", "leads")}
        return {one.record_id: "Kommo did not take it" for one in scores if one.record_id not in taken}


def _read_lead(kind: NoticeKind, lead: object) -> Notice:
    record_id = lead.get("id") if isinstance(lead, dict) else None
    if not isinstance(record_id, str) or not record_id.isdecimal():
        raise MessageBroken("expected leads[…][0][id], the lead's id")
    assert isinstance(lead, dict)  # noqa: S101 - it has an id
    return Notice(kind, record_id, read_time(lead.get("updated_at") or lead.get("last_modified")))


def flatten(lead: Mapping[str, Any]) -> dict[str, Any]:
    """A lead on one level: custom fields by `cf_` and their id, tags by their names."""
    flat = {name: value for name, value in lead.items() if not name.startswith(("_", "custom_fields"))}
    for custom in lead.get("custom_fields_values") or []:
        values = [one.get("value") for one in custom.get("values") or [] if isinstance(one, dict)]
        flat[f"{CUSTOM}{custom.get('field_id')}"] = values[0] if len(values) == 1 else values
    tags = (lead.get("_embedded") or {}).get("tags") or []
    flat["tags"] = [one.get("name") for one in tags if isinstance(one, dict)]
    return flat
