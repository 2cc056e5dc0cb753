"""Salesforce: outbound messages in SOAP, which carry the records; scores written over REST by client credentials."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm, Found, Stage, WrittenScore
from connectors.crm.errors import MessageBroken, NotGenuine
from connectors.crm.message import Acknowledgement, Message, Notice
from connectors.crm.record import Status, read_time
from connectors.crm.safe_xml import Element, parse_xml
from connectors.http_failures import BatchRefused, NotTaken

VERSION = "v66.0"
OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
MOST_NOTIFICATIONS = 100
STAGES = {
    "Lead": "SELECT MasterLabel, IsConverted FROM LeadStatus",
    "Opportunity": "SELECT MasterLabel, IsWon, IsClosed FROM OpportunityStage WHERE IsActive = true",
}
ACK = b"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>\
<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>\
</soapenv:Body></soapenv:Envelope>"""


class Salesforce(Crm):
    """`secret` stands in the endpoint's address; `account` is the organization's id, of 15 or 18 characters."""

    per_second = 10.0
    most = 200
    needs = ("client_id", "client_secret")

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._token: str | None = None

    def verify(self, message: Message) -> None:
        super().verify(message)
        account = self.connection.section.account
        sent = _text(_find_notifications(message.body), "OrganizationId")
        if account is not None and not hmac.compare_digest(sent[:15].encode(), account[:15].encode()):
            raise NotGenuine("OrganizationId is not the account that crm.toml names")

    def read_notices(self, message: Message) -> list[Notice]:
        found = _find_notifications(message.body).findall(f"{OUTBOUND}Notification")
        if not 1 <= len(found) <= MOST_NOTIFICATIONS:
            raise MessageBroken(f"expected 1 to {MOST_NOTIFICATIONS} notifications")
        return [self._read_notification(one) for one in found]

    def _read_notification(self, notification: Element) -> Notice:
        record = notification.find(f"{OUTBOUND}sObject")
        if record is None:
            raise MessageBroken("expected an sObject in each Notification")
        mapping = self.connection.mapping
        raw = {field.tag.rpartition("}")[2]: _value(field) for field in record}
        record_id = raw.get(mapping.id)
        if not record_id:
            raise MessageBroken(f"expected {mapping.id} among the message's fields")
        happened_at = read_time(raw.get(mapping.changed_at or ""))
        deleted = str(raw.get("IsDeleted", "")).lower() == "true"
        return Notice("deleted" if deleted else "changed", record_id, happened_at, None if deleted else raw)

    def acknowledge(self) -> Acknowledgement:
        return Acknowledgement("text/xml; charset=utf-8", ACK)

    def authorize(self, api: CrmApi) -> Mapping[str, str]:
        if self._token is None:
            self._token = self._ask_for_token(api)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self, api: CrmApi) -> bool:
        self.forget_token()
        self.authorize(api)
        return True

    def forget_token(self) -> None:
        """Ask for another one at the next call."""
        self._token = None

    def _ask_for_token(self, api: CrmApi) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.connection.secret("client_id"),
            "client_secret": self.connection.secret("client_secret"),
        }
        answer = api.send("POST", "/services/oauth2/token", {}, form=form)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise NotTaken("Salesforce gave no token")
        return token

    def describe(self, api: CrmApi) -> Found:
        kind = self.connection.object
        answer = api.call("GET", f"/services/data/{VERSION}/sobjects/{kind}/describe")
        fields = {str(one["name"]): str(one.get("label", "")) for one in get_list(answer, "fields")}
        question = STAGES[kind]
        rows = get_list(api.call("GET", f"/services/data/{VERSION}/query", params={"q": question}), "records")
        return Found(fields, [_read_stage(one) for one in rows])

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
        kind = {"type": self.connection.object}
        records = [{"attributes": kind, "id": one.record_id, **one.by_field(self.connection)} for one in scores]
        path = f"/services/data/{VERSION}/composite/sobjects"
        answer = api.call("PATCH", path, {"allOrNone": False, "records": records})
        if not isinstance(answer, list) or len(answer) != len(scores):
            raise BatchRefused("an answer that does not say what was taken: has the CRM's API changed?")
        told = zip(scores, answer, strict=True)
        return {one.record_id: f"Salesforce says {_code(said)}" for one, said in told if not said.get("success")}


def _read_stage(row: Mapping[str, Any]) -> Stage:
    """Of a lead only that it is converted is told, not that it is lost."""
    won = row.get("IsConverted") or row.get("IsWon")
    meaning: Status | None = "won" if won else "lost" if row.get("IsClosed") else None
    return Stage(str(row["MasterLabel"]), str(row["MasterLabel"]), meaning)


def _find_notifications(body: bytes) -> Element:
    found = next(parse_xml(body).iter(f"{OUTBOUND}notifications"), None)
    if found is None:
        raise MessageBroken("expected an outbound message of Salesforce")
    return found


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(f"{OUTBOUND}{name}") or "").strip()


def _value(field: Element) -> str | None:
    return None if field.get(NIL) == "true" else (field.text or "").strip() or None


def _code(said: Mapping[str, Any]) -> str:
    """The status code of what was not taken; its message may name values."""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return str(first.get("statusCode", "no"))[:80]
