"""Ad platforms on this machine, over real HTTP, by their published wire formats; faults are switched on one by one."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.connectors.listening import listening

LATE_SECONDS = 0.6
"""Longer than the tests' patience."""


@dataclass
class FakePlatform:
    """What arrived, by event id with its last value; `faults` are used up one a request, `bad` events are not taken."""

    url: str = ""
    taken: dict[str, float] = field(default_factory=dict)
    times_taken: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: str = "SUCCESS"

    def take(self, events: list[tuple[str, float]]) -> None:
        """Keep events; one that is known only gets its value anew, as platforms do by the id."""
        for event_id, value in events:
            self.taken[event_id] = value
            self.times_taken[event_id] = self.times_taken.get(event_id, 0) + 1


@contextmanager
def running() -> Iterator[FakePlatform]:
    """A platform that listens until the end of the block."""
    fake = FakePlatform()
    with listening(_handler_of(fake)) as url:
        fake.url = url
        yield fake


def _handler_of(fake: FakePlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            states = [{"requestStatus": fake.status}]
            self._answer(200, {"requestStatusPerDestination": states})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fake.requests.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
            fault = fake.faults.pop(0) if fake.faults else ""
            if fault.startswith(("4", "5")):
                refused, _, wait = fault.partition(" ")
                self._answer(int(refused), {"error": {"code": 1}}, {"Retry-After": wait} if wait else {})
                return
            status, answer = _take(fake, self.path, body)
            if fault == "late":  # taken, but the answer comes when nobody waits any more
                time.sleep(LATE_SECONDS)
            if fault == "half":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"events_rec')
                self.close_connection = True
                return
            self._answer(status, answer)

        def _answer(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
            sent = json.dumps(content).encode()
            try:
                self.send_response(status)
                for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)
            except OSError:
                self.close_connection = True

    return Handler


def _take(fake: FakePlatform, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """What the platform of a path makes of a body."""
    if path.endswith("/upload") or "simple_orders" in path:
        rows = body.decode().split("\r\n\r\n", 1)[1].split("\r\n--")[0].splitlines()[1:]
        fake.take([(",".join(row.split(",")[:3]), float(row.split(",")[-2])) for row in rows])
        return 200, {"uploading": {"id": 7, "status": "UPLOADED"}}
    sent = json.loads(body)
    if "/v1/events:ingest" in path:
        events = [(one["transactionId"], one.get("conversionValue", 0.0)) for one in sent["events"]]
        if fake.bad & {event_id for event_id, _ in events}:
            return 400, {"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}
        if not sent.get("validateOnly"):
            fake.take(events)
        return 200, {"requestId": f"r-{len(fake.requests)}"}
    if path.endswith("/conversionEvents"):
        events = [(one["eventId"], float(one["conversionValue"]["amount"])) for one in sent["elements"]]
        good = [event for event in events if event[0] not in fake.bad]
        fake.take(good)
        return 200, {"elements": [{"status": 422 if event_id in fake.bad else 201} for event_id, _ in events]}
    tiktok = path.endswith("/track/")
    value = "properties" if tiktok else "custom_data"
    events = [(one["event_id"], one[value]["value"]) for one in sent["data"]]
    if fake.bad & {event_id for event_id, _ in events}:  # one bad event drops the batch
        return (200, {"code": 40002}) if tiktok else (400, {"error": {"code": 100}})
    fake.take(events)
    return 200, {"code": 0} if tiktok else {"events_received": len(events), "fbtrace_id": "A1"}
