"""HubSpot: signed batches of events that name objects, which are then fetched by a hundred."""

import base64
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm, Found, Stage, WrittenScore
from connectors.crm.errors import MessageBroken, NotGenuine
from connectors.crm.generic import parse_json
from connectors.crm.message import Message, Notice, NoticeKind
from connectors.crm.record import Raw, Status

VERSION = "2026-09"
"""Of HubSpot's API: paths carry the date of their version."""
OBJECT_TYPES = {"contacts": ("contact", "0-1"), "deals": ("deal", "0-3"), "leads": ("lead", "0-136")}
"""The words and ids by which events name a kind of object."""
OLDEST_SECONDS = 300
KINDS: Mapping[str, NoticeKind] = {
    "creation": "changed",
    "propertyChange": "changed",
    "associationChange": "changed",
    "restore": "restored",
    "deletion": "deleted",
    "privacyDeletion": "deleted",
}


def sign(secret: str, method: str, url: str, body: bytes, timestamp: str) -> str:
    """The signature of a request, version 3: HMAC-SHA256 over method, address, body and timestamp, in base64."""
    signed = f"{method}{url}".encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


class HubSpot(Crm):
    """Reads events of one kind of object; `url` in crm.toml is the address that HubSpot signs."""

    per_second = 10.0
    most = 100

    def verify(self, message: Message, now: float | None = None) -> None:
        timestamp = message.headers.get("x-hubspot-request-timestamp", "")
        sent = message.headers.get("x-hubspot-signature-v3", "")
        if not timestamp.isdecimal() or not sent:
            raise NotGenuine("the headers X-HubSpot-Signature-v3 and X-HubSpot-Request-Timestamp are missing")
        if abs((time.time() if now is None else now) - int(timestamp) / 1000) > OLDEST_SECONDS:
            raise NotGenuine("the request was signed more than 5 minutes ago")
        url = self.connection.section.url or message.url
        expected = sign(self.connection.secret("secret"), message.method, url, message.body, timestamp)
        if not hmac.compare_digest(expected.encode(), sent.encode()):
            raise NotGenuine(
                "the signature is not of this address and the app's client secret; url in crm.toml is the address as "
                "HubSpot has it"
            )

    def read_notices(self, message: Message) -> list[Notice]:
        events = parse_json(message.body)
        if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            raise MessageBroken("expected a JSON list of events")
        return [notice for event in events if self._is_ours(event) for notice in self._read_event(event)]

    def _is_ours(self, event: Mapping[str, Any]) -> bool:
        """Whether it is of the connection's account and kind of object, and not of what this product wrote."""
        account = self.connection.section.account
        if account is not None and str(event.get("portalId")) != account:
            return False
        if event.get("propertyName") in set(self.connection.mapping.score.values()):
            return False
        word, type_id = OBJECT_TYPES[self.connection.object]
        named = str(event.get("subscriptionType", "")).partition(".")[0]
        return named == word or (named == "object" and event.get("objectTypeId") == type_id)

    def _read_event(self, event: Mapping[str, Any]) -> list[Notice]:
        action = str(event.get("subscriptionType", "")).partition(".")[2]
        happened_at = _read_milliseconds(event.get("occurredAt"))
        if action == "merge":
            return _read_merge(event, happened_at)
        kind, object_id = KINDS.get(action), event.get("objectId")
        if kind is None:
            return []
        if not isinstance(object_id, int):
            raise MessageBroken("expected an event's objectId as a whole number")
        return [Notice(kind, str(object_id), happened_at)]

    def fetch(self, api: CrmApi, record_ids: Sequence[str]) -> list[Raw]:
        asked = {"inputs": [{"id": one} for one in record_ids], "properties": self.connection.mapping.properties}
        answer = api.call("POST", f"{self._path}/batch/read", asked)
        return [flatten(one) for one in get_list(answer, "results")]

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
        inputs = [{"id": one.record_id, "properties": one.by_field(self.connection)} for one in scores]
        answer = api.call("POST", f"{self._path}/batch/update", {"inputs": inputs})
        taken = {str(one.get("id")) for one in get_list(answer, "results")}
        return {one.record_id: "HubSpot did not take it" for one in scores if one.record_id not in taken}

    def describe(self, api: CrmApi) -> Found:
        kind = self.connection.object
        properties = get_list(api.call("GET", f"/crm/properties/{VERSION}/{kind}"), "results")
        fields = {str(one["name"]): str(one.get("label", "")) for one in properties}
        if kind != "contacts":
            pipelines = get_list(api.call("GET", f"/crm/pipelines/{VERSION}/{kind}"), "results")
            return Found(fields, [_read_stage(one) for pipeline in pipelines for one in pipeline.get("stages", [])])
        named: Mapping[str, Any] = next((one for one in properties if one["name"] == self.connection.mapping.stage), {})
        return Found(fields, [Stage(str(one["value"]), str(one["label"])) for one in named.get("options", [])])

    @property
    def _path(self) -> str:
        return f"/crm/objects/{VERSION}/{self.connection.object}"


def flatten(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An object's properties, with its id among them."""
    properties = answer.get("properties") or {}
    return {**properties, "hs_object_id": str(properties.get("hs_object_id") or answer.get("id"))}


def _read_stage(stage: Mapping[str, Any]) -> Stage:
    """A closed stage is won where its probability is 1."""
    about = stage.get("metadata") or {}
    is_closed = str(about.get("isClosed", "")).lower() == "true"
    meaning: Status | None = None if not is_closed else "won" if float(about.get("probability") or 0) == 1 else "lost"
    return Stage(str(stage["id"]), str(stage["label"]), meaning)


def _read_merge(event: Mapping[str, Any], happened_at: datetime | None) -> list[Notice]:
    """The merged ones go into the object that is left, which is fetched."""
    left = event.get("newObjectId") or event.get("primaryObjectId")
    merged = event.get("mergedObjectIds")
    if not isinstance(left, int) or not isinstance(merged, list):
        raise MessageBroken("expected a merge's primaryObjectId and mergedObjectIds")
    gone = [str(one) for one in (*merged, event.get("primaryObjectId")) if one is not None and one != left]
    into = [Notice("merged", one, happened_at, into=str(left)) for one in dict.fromkeys(gone)]
    return [*into, Notice("changed", str(left), happened_at)]


def _read_milliseconds(raw: object) -> datetime | None:
    return datetime.fromtimestamp(raw / 1000, UTC) if isinstance(raw, int) and 0 < raw < 1e14 else None
