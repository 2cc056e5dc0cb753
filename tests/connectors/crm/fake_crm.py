"""CRMs on this machine, over real HTTP, by their published wire formats; faults are switched on one by one."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from tests.connectors.listening import listening

TENANT = "contoso-tenant"
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
LATE_SECONDS = 0.5
"""Longer than the tests' patience."""


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    content: Any


@dataclass
class FakeCrm:
    """Records by id, as each CRM's own format has them; `faults` are used up one a request.

    `written` is what was written into a record's fields, `token` the one that is good.
    """

    url: str = ""
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    archived: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    written: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    token: str = "T"
    tokens_given: int = 0
    page: int = 50

    def forget(self) -> None:
        """Be as new, at the same address."""
        self.__init__(self.url)  # type: ignore[misc]


@contextmanager
def running() -> Iterator[FakeCrm]:
    """A CRM that listens until the end of the block."""
    fake = FakeCrm()
    with listening(_handler_of(fake)) as url:
        fake.url = url
        yield fake


def _handler_of(fake: FakeCrm) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer leaves in one piece, or each waits 40 ms for the acknowledgement of its head

        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            serve(self, fake)

        do_POST = do_PATCH = do_GET  # noqa: N815 - the names of the base class

    return Handler


def serve(handler: BaseHTTPRequestHandler, fake: FakeCrm) -> None:
    """Answer a request, with the next fault where there is one."""
    request = read(handler)
    fake.requests.append(request)
    fault = fake.faults.pop(0) if fake.faults else ""
    if fault[:1] in ("4", "5"):
        refused, _, wait = fault.partition(" ")
        send(handler, int(refused), {"error": "no"}, {"Retry-After": wait} if wait else {})
        return
    if fault.startswith("error "):  # as Bitrix24 says it
        send(handler, 200, {"error": fault.removeprefix("error "), "error_description": "no"}, {})
        return
    if fault == "schema":
        send(handler, 200, {"data": "of another shape"}, {})
        return
    status, content = answer(fake, request)
    if fault == "late":
        time.sleep(LATE_SECONDS)
    if fault == "half":
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"results": [')
        handler.close_connection = True
        return
    send(handler, status, content, {})


def read(handler: BaseHTTPRequestHandler) -> Request:
    parts = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    is_form = "urlencoded" in handler.headers.get("Content-Type", "")
    content = dict(parse_qsl(body.decode())) if is_form else json.loads(body) if body else None
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Request(handler.command, unquote(parts.path), parse_qs(parts.query), headers, content)


def send(handler: BaseHTTPRequestHandler, status: int, content: Any, headers: dict[str, str]) -> None:
    sent = b"" if content is None else json.dumps(content).encode()
    try:
        handler.send_response(status)
        for name, text in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name, text)
        handler.send_header("Content-Length", str(len(sent)))
        handler.end_headers()
        handler.wfile.write(sent)
    except OSError:
        handler.close_connection = True


DESCRIBED: dict[str, Any] = {
    "/crm/properties/2026-09/contacts": {
        "results": [
            {"name": "lifecyclestage", "label": "Stage", "options": [{"value": "customer", "label": "Customer"}]},
            *({"name": name, "label": name} for name in ("hs_object_id", "createdate", "lastmodifieddate", "email")),
            *({"name": name, "label": name} for name in ("phone", "jobtitle", "hubspot_owner_id")),
            {"name": "our_score", "label": "Lead score"},
            {"name": "lead_grade", "label": "Grade of the lead"},
        ]
    },
    "/crm/properties/2026-09/deals": {"results": [{"name": "dealname", "label": "Deal name"}]},
    "/crm/pipelines/2026-09/deals": {
        "results": [
            {
                "id": "default",
                "stages": [
                    {"id": "1", "label": "New", "metadata": {"isClosed": "false", "probability": "0.2"}},
                    {"id": "8", "label": "Signed", "metadata": {"isClosed": "true", "probability": "1.0"}},
                    {"id": "9", "label": "Gone", "metadata": {"isClosed": "true", "probability": "0.0"}},
                ],
            }
        ]
    },
    "/rest/1/T/crm.item.fields.json": {"result": {"fields": {"id": {"title": "ID"}, "post": {"title": "Position"}}}},
    "/rest/1/T/crm.status.list.json": {
        "result": [
            {"ENTITY_ID": "STATUS", "STATUS_ID": "NEW", "NAME": "New", "SEMANTICS": None},
            {"ENTITY_ID": "STATUS", "STATUS_ID": "UC_1", "NAME": "Signed", "SEMANTICS": "S"},
            {"ENTITY_ID": "STATUS", "STATUS_ID": "JUNK", "NAME": "Junk", "SEMANTICS": "F"},
            {"ENTITY_ID": "SOURCE", "STATUS_ID": "WEB", "NAME": "Web"},
        ]
    },
    "/services/data/v66.0/sobjects/Lead/describe": {"fields": [{"name": "Id", "label": "ID"}]},
    "/services/data/v66.0/query": {"records": [{"MasterLabel": "Closed - Converted", "IsConverted": True}]},
    "/api/data/v9.2/EntityDefinitions(LogicalName='lead')/Attributes": {
        "value": [
            {
                "LogicalName": name,
                "AttributeType": kind,
                "AttributeOf": of,
                "DisplayName": {"UserLocalizedLabel": label and {"Label": label, "LanguageCode": 1033}},
            }
            for name, kind, of, label in (
                ("leadid", "Uniqueidentifier", None, "Lead"),
                ("createdon", "DateTime", None, "Created On"),
                ("modifiedon", "DateTime", None, "Modified On"),
                ("leadsourcecode", "Picklist", None, "Lead Source"),
                ("leadsourcecodename", "Virtual", "leadsourcecode", None),
                ("statecode", "State", None, "Status"),
                ("ownerid", "Owner", None, "Owner"),
                ("jobtitle", "String", None, "Job Title"),
                ("msdyn_leadscore", "Integer", None, "Lead Score"),
                ("new_score", "Decimal", None, "Lead score"),
            )
        ]
    },
    "/api/data/v9.2/EntityDefinitions(LogicalName='lead')/Attributes/Microsoft.Dynamics.CRM.StateAttributeMetadata": {
        "value": [
            {
                "LogicalName": "statecode",
                "OptionSet": {
                    "Options": [
                        {"Value": value, "Label": {"UserLocalizedLabel": {"Label": label}}}
                        for value, label in enumerate(("Open", "Qualified", "Disqualified"))
                    ]
                },
            }
        ]
    },
    "/api/v2/dealFields": {"data": [{"field_code": "id", "field_name": "ID"}]},
    "/api/v4/leads/custom_fields": {"_embedded": {"custom_fields": [{"id": 9, "name": "Lead score"}]}},
    "/api/v4/leads/pipelines": {
        "_embedded": {
            "pipelines": [{"_embedded": {"statuses": [{"id": 142, "name": "Won"}, {"id": 5, "name": "New"}]}}]
        }
    },
}
"""What CRMs say of their fields and stages."""


def answer(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    """What the CRM of a path answers."""
    path = request.path
    if path.endswith(("/oauth2/token", "/oauth2/v2.0/token")):
        fake.tokens_given += 1
        asked = (path, request.content.get("scope"))
        if "v2.0" in path and asked != (f"/{TENANT}/oauth2/v2.0/token", f"{fake.url}/.default"):
            return 400, {"error": "invalid_request"}
        return (200, {"access_token": fake.token}) if request.content.get("client_secret") == "S" else (401, {})
    sent = request.headers.get("authorization") or f"Bearer {request.headers.get('x-api-token')}"
    if "/rest/" not in path and sent != f"Bearer {fake.token}":
        return 401, {"message": "expired"}
    if path in DESCRIBED:
        return 200, DESCRIBED[path]
    if path.startswith("/crm/"):
        return _hubspot(fake, request)
    if "/rest/" in path:
        return _bitrix24(fake, request)
    if "/services/" in path:
        return _salesforce(fake, request)
    if "/api/data/" in path:
        return _dynamics(fake, request)
    return _kommo(fake, request) if "/api/v4/" in path else _pipedrive(fake, request)


def _hubspot(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.path.endswith("/search"):
        return _hubspot_search(fake, request.content)
    if request.method == "GET":
        assert request.query["archived"] == ["true"]
        return 200, _hubspot_page(fake, [*fake.archived], int(request.query.get("after", ["0"])[0]), fake.archived)
    if request.path.endswith("/batch/update"):
        if fake.refused & {one["id"] for one in request.content["inputs"]}:  # one invalid record spoils its batch
            return 400, {"status": "error", "category": "VALIDATION_ERROR"}
        for one in request.content["inputs"]:
            fake.written[one["id"]] = one["properties"]
        return 200, {"status": "COMPLETE", "results": [{"id": one["id"]} for one in request.content["inputs"]]}
    asked = [one["id"] for one in request.content["inputs"]]
    wanted = request.content["properties"]
    with_history = "propertiesWithHistory" in request.content
    assert len(asked) <= (50 if with_history else 100)
    results = [
        {
            "id": one,
            "properties": {name: fake.records[one].get(name) for name in wanted},
            "archived": False,
            **({"propertiesWithHistory": _hubspot_history(fake, one)} if with_history else {}),
        }
        for one in asked
        if one in fake.records
    ]
    return (200 if len(results) == len(asked) else 207), {"status": "COMPLETE", "results": results}


def _hubspot_search(fake: FakeCrm, asked: dict[str, Any]) -> tuple[int, Any]:
    (wanted,) = asked["filterGroups"][0]["filters"]
    name = wanted["propertyName"]

    def changed(one: str) -> float:
        return 1000 * datetime.fromisoformat(fake.records[one][name]).timestamp()

    since = float(wanted["value"])
    found = sorted((one for one in fake.records if changed(one) >= since), key=changed)
    return 200, _hubspot_page(fake, found, int(asked.get("after", 0)), fake.records)


def _hubspot_page(fake: FakeCrm, found: list[str], after: int, records: dict[str, Any]) -> dict[str, Any]:
    results = [
        {"id": one, "properties": records[one], "propertiesWithHistory": _hubspot_history(fake, one)}
        for one in found[after : after + fake.page]
    ]
    more = after + fake.page < len(found)
    return {"results": results, **({"paging": {"next": {"after": str(after + fake.page)}}} if more else {})}


def _hubspot_history(fake: FakeCrm, record_id: str) -> dict[str, Any]:
    """The newest first, as HubSpot has it."""
    names: dict[str, Any] = {}
    for one in sorted(fake.history.get(record_id, []), key=lambda change: change["at"], reverse=True):
        names.setdefault(one["name"], []).append(
            {"value": one["value"], "timestamp": one["at"], "sourceType": "CRM_UI"}
        )
    return names


def _bitrix24(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if f"/{fake.token}/" not in request.path:
        return 401, {"error": "INVALID_CREDENTIALS"}
    if "/crm.item.list" in request.path:
        wanted = request.content["filter"]
        ids = sorted(
            int(one)
            for one, record in fake.records.items()
            if int(one) > wanted[">id"] and record["updatedTime"] >= wanted.get(">=updatedTime", "")
        )
        return 200, {"result": {"items": [{"id": one} for one in ids[: fake.page]]}}
    if "/crm.stagehistory.list" in request.path:
        moves = [
            {"ID": place, "OWNER_ID": int(owner), "CREATED_TIME": one["at"], "STATUS_ID": one["value"]}
            for place, (owner, one) in enumerate(((key, one) for key, some in fake.history.items() for one in some), 1)
        ]
        after = request.content["filter"][">ID"]
        return 200, {"result": {"items": [one for one in moves if one["ID"] > after][: fake.page]}}
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for key, command in request.content["cmd"].items():
        method, _, text = command.partition("?")
        parameters = dict(parse_qsl(text))
        one = parameters["id"]
        if one not in fake.records:
            errors[key] = {"error": "NOT_FOUND", "error_description": "Not found"}
        elif method == "crm.item.update":
            fields = {name[7:-1]: value for name, value in parameters.items() if name.startswith("fields[")}
            fake.written[one] = fields
            found[key] = {"item": fake.records[one]}
        else:
            found[key] = {"item": fake.records[one]}
    return 200, {"result": {"result": found, "result_error": errors}}


def _salesforce(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.path.endswith("/queryAll"):
        return 200, {"done": True, "records": _salesforce_query(fake, request.query["q"][0])}
    told = []
    for one in request.content["records"]:
        if one["id"] in fake.refused:
            told.append({"id": one["id"], "success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED"}]})
            continue
        fake.written[one["id"]] = {name: value for name, value in one.items() if name not in ("id", "attributes")}
        told.append({"id": one["id"], "success": True, "errors": []})
    return 200, told


def _salesforce_query(fake: FakeCrm, question: str) -> list[dict[str, Any]]:
    after = (re.findall(r"Id > '(\w+)'", question) or [""])[0]
    since = (re.findall(r">= (\S+)", question) or [""])[0]
    if " FROM LeadHistory" in question:
        rows = [
            {"Id": f"017{place:06}", "LeadId": key, "Field": one["name"], "CreatedDate": one["at"],
             "OldValue": one["before"], "NewValue": one["value"]}
            for place, (key, one) in enumerate((key, one) for key, some in sorted(fake.history.items()) for one in some)
        ]  # fmt: skip
        changed = "CreatedDate"
    else:
        rows = [record for _, record in sorted({**fake.records, **fake.archived}.items())]
        changed = "SystemModstamp"
    return [one for one in rows if one["Id"] > after and one[changed] >= since][: fake.page]


def _dynamics(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.method == "GET":
        return 200, _dynamics_rows(fake, request)
    one = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", request.path)[0]
    if one in fake.refused:
        return 400, {"error": {"code": "0x80040265", "message": "no"}}
    if "/msdyn_predictivescores(" in request.path:
        assert request.path.endswith(f"(msdyn_entityid='{one}',msdyn_entitytype='lead')")
        fake.written[f"score of {one}"] = request.content
        return 204, None
    if one not in fake.records:
        if request.headers.get("if-match") == "*":
            return 404, {"error": {"code": "0x80040217", "message": "Does Not Exist"}}
        fake.records[one] = {"leadid": one}  # a PATCH makes what is not there
    fake.written[one] = request.content
    return 204, None


def _dynamics_rows(fake: FakeCrm, request: Request) -> dict[str, Any]:
    (wanted,), (names,) = request.query.get("$filter", [""]), request.query["$select"]
    ids = re.findall(r"'([0-9a-f-]{36})'", wanted)
    since = (re.findall(r"modifiedon ge (\S+)", wanted) or [""])[0]
    found = [
        record for key, record in sorted(fake.records.items())
        if (key in ids if ids else record["modifiedon"] >= since)
    ]  # fmt: skip
    begin = int(request.query.get("$skiptoken", ["0"])[0])
    labels = FORMATTED if FORMATTED[1:] in request.headers.get("prefer", "") else "no labels"
    rows = [
        {"@odata.etag": 'W/"1"', **{name: record.get(name) for name in names.split(",")},
         **{name: value for name, value in record.items() if name.endswith(labels)}}
        for record in found[begin : begin + fake.page]
    ]  # fmt: skip
    asked = urlencode({**request.query, "$skiptoken": [begin + fake.page]}, doseq=True)
    more = {"@odata.nextLink": f"{fake.url}{request.path}?{asked}"} if begin + fake.page < len(found) else {}
    return {"@odata.context": "…", "value": rows, **more}


def _kommo(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.method == "GET" and "page" in request.query:
        begin = (int(request.query["page"][0]) - 1) * fake.page
        return _kommo_page(fake, request, begin)
    if request.method == "PATCH":
        for one in request.content:
            values = {str(two["field_id"]): two["values"][0]["value"] for two in one["custom_fields_values"]}
            fake.written[str(one["id"])] = values
        return 200, {"_embedded": {"leads": [{"id": one["id"]} for one in request.content]}}
    asked = request.query.get("filter[id][]", [])
    found = [fake.records[one] for one in asked if one in fake.records]
    return (200, {"_embedded": {"leads": found}}) if found else (204, None)


def _kommo_page(fake: FakeCrm, request: Request, begin: int) -> tuple[int, Any]:
    if request.path.endswith("/events"):
        rows = [
            {"type": "lead_status_changed", "entity_id": int(key), "created_at": one["at"],
             "value_before": [{"lead_status": {"id": one["before"], "pipeline_id": 1}}],
             "value_after": [{"lead_status": {"id": one["value"], "pipeline_id": 1}}]}
            for key, some in fake.history.items() for one in some
        ]  # fmt: skip
        name = "events"
    else:
        since = int(request.query["filter[updated_at][from]"][0])
        rows, name = [one for one in fake.records.values() if one["updated_at"] >= since], "leads"
    page = rows[begin : begin + fake.page]
    return (200, {"_embedded": {name: page}}) if page else (204, None)


def _pipedrive_page(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.path.endswith("/changelog"):
        changes = [
            {"field_key": one["name"], "old_value": one["before"], "new_value": one["value"], "time": one["at"]}
            for one in fake.history.get(request.path.split("/")[-2], [])
        ]
        return 200, {"success": True, "data": changes, "additional_data": {}}
    kept = fake.archived if request.path.endswith("/archived") else fake.records
    since = request.query.get("updated_since", [""])[0]
    rows = [one for one in kept.values() if one["update_time"] >= since]
    begin = int(request.query.get("cursor", ["0"])[0])
    more = begin + fake.page if begin + fake.page < len(rows) else None
    return 200, {"success": True, "data": rows[begin : begin + fake.page], "additional_data": {"next_cursor": more}}


def _pipedrive(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.method == "GET":
        return _pipedrive_page(fake, request)
    one = request.path.rsplit("/", 1)[1]
    if one in fake.refused:
        return 400, {"success": False, "error": "Deal is archived"}
    fake.written[one] = request.content["custom_fields"]
    return 200, {"success": True, "data": {"id": int(one)}}
