"""CRMs on this machine, over real HTTP, by their published wire formats; faults are switched on one by one."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

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


@contextmanager
def running() -> Iterator[FakeCrm]:
    """A CRM that listens until the end of the block."""
    fake = FakeCrm()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(fake))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def _handler_of(fake: FakeCrm) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

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
    return Request(handler.command, parts.path, parse_qs(parts.query), headers, content)


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


def answer(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    """What the CRM of a path answers."""
    path = request.path
    if path.endswith("/oauth2/token"):
        fake.tokens_given += 1
        return (200, {"access_token": fake.token}) if request.content.get("client_secret") == "S" else (401, {})
    sent = request.headers.get("authorization") or f"Bearer {request.headers.get('x-api-token')}"
    if "/rest/" not in path and sent != f"Bearer {fake.token}":
        return 401, {"message": "expired"}
    if path.startswith("/crm/"):
        return _hubspot(fake, request)
    if "/rest/" in path:
        return _bitrix24(fake, request)
    if "/services/" in path:
        return _salesforce(fake, request)
    return _kommo(fake, request) if "/api/v4/" in path else _pipedrive(fake, request)


def _hubspot(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.path.endswith("/batch/update"):
        for one in request.content["inputs"]:
            fake.written[one["id"]] = one["properties"]
        return 200, {"status": "COMPLETE", "results": [{"id": one["id"]} for one in request.content["inputs"]]}
    asked = [one["id"] for one in request.content["inputs"]]
    wanted = request.content["properties"]
    results = [
        {"id": one, "properties": {name: fake.records[one].get(name) for name in wanted}, "archived": False}
        for one in asked
        if one in fake.records
    ]
    return (200 if len(results) == len(asked) else 207), {"status": "COMPLETE", "results": results}


def _bitrix24(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if f"/{fake.token}/" not in request.path:
        return 401, {"error": "INVALID_CREDENTIALS"}
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
    told = []
    for one in request.content["records"]:
        if one["id"] in fake.refused:
            told.append({"id": one["id"], "success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED"}]})
            continue
        fake.written[one["id"]] = {name: value for name, value in one.items() if name not in ("id", "attributes")}
        told.append({"id": one["id"], "success": True, "errors": []})
    return 200, told


def _kommo(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    if request.method == "PATCH":
        for one in request.content:
            values = {str(two["field_id"]): two["values"][0]["value"] for two in one["custom_fields_values"]}
            fake.written[str(one["id"])] = values
        return 200, {"_embedded": {"leads": [{"id": one["id"]} for one in request.content]}}
    asked = request.query.get("filter[id][]", [])
    found = [fake.records[one] for one in asked if one in fake.records]
    return (200, {"_embedded": {"leads": found}}) if found else (204, None)


def _pipedrive(fake: FakeCrm, request: Request) -> tuple[int, Any]:
    one = request.path.rsplit("/", 1)[1]
    if one in fake.refused:
        return 400, {"success": False, "error": "Deal is archived"}
    fake.written[one] = request.content["custom_fields"]
    return 200, {"success": True, "data": {"id": int(one)}}
