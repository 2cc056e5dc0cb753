"""Messages as each CRM sends them, and connections to a fake of each."""

import json
import time
from typing import Any
from urllib.parse import quote, urlencode

from connectors.crm.config import Connection, check_connections
from connectors.crm.hubspot import sign
from connectors.crm.message import Message

SECRET = "a-secret"
HOOKS = "http://localhost/v1/hooks"
SCORE = {"score": "lead_score", "grade": "lead_grade", "reason": "lead_reason", "link": "lead_link"}


def crm_toml(url: str) -> str:
    """A crm.toml with a connection to each CRM; each secret is in the environment."""
    return f"""
[website]
crm = "generic"
secret = "env:CRM_SECRET"
prefix = "w-"
id = "lead.id"
source = "utm.source"
fields = {{ "job title" = "lead.job", "e-mail" = "lead.email", age = "lead.age" }}

[hubspot]
crm = "hubspot"
secret = "env:CRM_SECRET"
token = "env:CRM_TOKEN"
endpoint = "{url}"
write = true
link = "https://leads.example"
fields = {{ "job title" = "jobtitle", "e-mail" = "email", age = "age", gclid = "gclid" }}
score = {{ score = "lead_score", grade = "lead_grade", reason = "lead_reason", link = "lead_link" }}

[bitrix]
crm = "bitrix24"
secret = "env:CRM_SECRET"
token = "env:BITRIX_URL"
prefix = "b-"
write = true
fields = {{ "job title" = "post", phone = "PHONE" }}
score = {{ score = "ufCrmScore", grade = "ufCrmGrade" }}

[salesforce]
crm = "salesforce"
secret = "env:CRM_SECRET"
client_id = "env:CRM_TOKEN"
client_secret = "env:CRM_CLIENT_SECRET"
account = "00D000000000001"
endpoint = "{url}"
prefix = "s-"
write = true
fields = {{ "job title" = "Title", "e-mail" = "Email" }}
score = {{ score = "Score__c", grade = "Grade__c" }}

[dynamics]
crm = "dynamics"
secret = "env:CRM_SECRET"
client_id = "env:CRM_TOKEN"
client_secret = "env:CRM_CLIENT_SECRET"
account = "contoso-tenant"
endpoint = "{url}"
authority = "{url}"
prefix = "d-"
write = true
fields = {{ "job title" = "jobtitle", "e-mail" = "emailaddress1" }}

[dynamics.score]
score = "msdyn_predictivescores.msdyn_score"
grade = "msdyn_predictivescores.msdyn_grade"
reason = "new_reason"

[pipedrive]
crm = "pipedrive"
secret = "env:CRM_SECRET"
token = "env:CRM_TOKEN"
endpoint = "{url}"
prefix = "p-"
write = true
fields = {{ "job title" = "3a1f", message = "title" }}
score = {{ score = "5c2e" }}

[kommo]
crm = "kommo"
secret = "env:CRM_SECRET"
token = "env:CRM_TOKEN"
endpoint = "{url}"
prefix = "k-"
write = true
fields = {{ "job title" = "cf_7", message = "name" }}
score = {{ score = "cf_9" }}
"""


def environment(url: str) -> dict[str, str]:
    """The variables that `crm_toml` names."""
    return {"CRM_SECRET": SECRET, "CRM_TOKEN": "T", "CRM_CLIENT_SECRET": "S", "BITRIX_URL": f"{url}/rest/1/T/"}


def connection(crm: str, **keys: Any) -> Connection:
    """A connection of a name like its CRM's."""
    return check_connections({crm: {"crm": crm, "secret": "env:CRM_SECRET", **keys}})[crm]


def message(body: bytes | str, url: str = HOOKS, headers: dict[str, str] | None = None, **query: str) -> Message:
    sent = body.encode() if isinstance(body, str) else body
    return Message("POST", url, query, headers or {}, sent)


def hubspot_event(object_id: int, kind: str = "contact.creation", at: int = 1_772_000_000_000, **more: Any) -> dict:
    return {
        "eventId": 1, "subscriptionId": 12, "portalId": 62515, "appId": 54321, "occurredAt": at,
        "subscriptionType": kind, "attemptNumber": 0, "objectId": object_id, "changeSource": "CRM", **more,
    }  # fmt: skip


def hubspot_headers(url: str, body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(1000 * (time.time() if at is None else at)))
    signature = sign(secret, "POST", url, body, timestamp)
    return {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": timestamp}


def hubspot_body(*events: dict) -> bytes:
    return json.dumps(events).encode()


def bitrix_body(record_id: int, event: str = "ONCRMLEADADD", token: str = SECRET, ts: int = 1_772_000_000) -> bytes:
    pairs = {
        "event": event,
        "event_handler_id": "711",
        "data[FIELDS][ID]": record_id,
        "ts": ts,
        "auth[domain]": "company.bitrix24.com",
        "auth[member_id]": "a223c6b3710f85df22e9377d6c4f7553",
        "auth[application_token]": token,
    }
    return urlencode(pairs, quote_via=quote).encode()


def kommo_body(*leads: tuple[str, int], at: int = 1_772_000_000) -> bytes:
    pairs = {"account[id]": "7", "account[subdomain]": "company"}
    for place, (action, lead_id) in enumerate(leads):
        pairs[f"leads[{action}][{place}][id]"] = str(lead_id)
        pairs[f"leads[{action}][{place}][status_id]"] = "142"
        pairs[f"leads[{action}][{place}][updated_at]"] = str(at)
    return urlencode(pairs).encode()


def pipedrive_body(deal: dict[str, Any], action: str = "change", at: str = "2026-03-02T09:00:00.000Z") -> bytes:
    meta = {
        "action": action, "entity": "deal", "entity_id": str(deal["id"]), "timestamp": at, "attempt": 1,
        "version": "2.0", "is_bulk_edit": False,
    }  # fmt: skip
    return json.dumps({"meta": meta, "data": None if action == "delete" else deal, "previous": {}}).encode()


def dynamics_body(record_id: str, name: str = "Update", entity: str = "lead", at: int = 1_772_000_000_000) -> bytes:
    """The execution context that a webhook of Dataverse sends."""
    target = {"Attributes": [{"key": "jobtitle", "value": "CEO"}], "Id": record_id, "LogicalName": entity}
    return json.dumps({
        "Depth": 1, "InputParameters": [{"key": "Target", "value": target}], "MessageName": name, "Mode": 1,
        "OperationCreatedOn": f"/Date({at}-0700)/", "OrganizationName": "contoso", "PrimaryEntityId": record_id,
        "PrimaryEntityName": entity, "SecondaryEntityName": "none", "Stage": 40,
    }).encode()  # fmt: skip


def salesforce_body(*records: dict[str, str | None], organization: str = "00D000000000001EAA") -> bytes:
    """An outbound message as Salesforce's guide to its WSDL describes it."""
    notifications = "".join(
        f"<Notification><Id>04l{place:012}AAA</Id>"
        '<sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        + "".join(
            f'<sf:{name} xsi:nil="true"/>' if value is None else f"<sf:{name}>{value}</sf:{name}>"
            for name, value in record.items()
        )
        + "</sObject></Notification>"
        for place, record in enumerate(records)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001AAA</ActionId>"
        '<SessionId xsi:nil="true"/><EnterpriseUrl>https://e</EnterpriseUrl><PartnerUrl>https://p</PartnerUrl>'
        f"{notifications}</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()
