"""Bitrix24: events that name an element and carry the application's token; elements are fetched by `crm.item.get`."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm, Found, Stage, WrittenScore
from connectors.crm.errors import CrmRefused, MessageBroken, NotGenuine
from connectors.crm.forms import parse_form
from connectors.crm.message import Message, Notice, NoticeKind
from connectors.crm.record import Raw, Status, read_time
from connectors.http_failures import AccessRefused, BatchRefused, NotTaken
from connectors.toml_config import HERE

ENTITIES = {"leads": (1, "LEAD"), "deals": (2, "DEAL")}
"""The id of a kind of element, and its word in the names of events."""
KINDS: Mapping[str, NoticeKind] = {"ADD": "changed", "UPDATE": "changed", "DELETE": "deleted"}
MANY_VALUED = {"EMAIL": "E-mail", "PHONE": "Phone"}
"""Fields of several values, which stand apart in an element; the first is read."""
MEANINGS: Mapping[str, Status] = {"S": "won", "F": "lost"}
BUSY = frozenset({"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR", "OVERLOAD_LIMIT"})
DENIED = frozenset({"expired_token", "invalid_token", "NO_AUTH_FOUND", "INVALID_CREDENTIALS", "insufficient_scope"})


class Bitrix24(Crm):
    """`secret` is the application token of the outgoing webhook, `token` the address of an incoming one."""

    per_second = 2.0
    most = 50

    def verify(self, message: Message) -> None:
        auth = parse_form(message.body).get("auth")
        sent = auth.get("application_token", "") if isinstance(auth, dict) else ""
        if not isinstance(sent, str) or not hmac.compare_digest(
            sent.encode(), self.connection.secret("secret").encode()
        ):
            raise NotGenuine("auth[application_token] is not the one that crm.toml names")

    def read_notices(self, message: Message) -> list[Notice]:
        form = parse_form(message.body)
        fields = form.get("data", {}).get("FIELDS") if isinstance(form.get("data"), dict) else None
        record_id = fields.get("ID") if isinstance(fields, dict) else None
        event = str(form.get("event", "")).upper()
        _, word = ENTITIES[self.connection.object]
        kind = KINDS.get(event.removeprefix("ONCRM").removeprefix(word)) if event.startswith(f"ONCRM{word}") else None
        if kind is None:
            return []
        if not isinstance(record_id, str) or not record_id.isdecimal():
            raise MessageBroken("expected data[FIELDS][ID], the element's id")
        return [Notice(kind, record_id, read_time(form.get("ts")))]

    def base_url(self) -> str:
        url = self.connection.secret("token").rstrip("/")
        if not url.startswith(("https://", *HERE)):
            raise CrmRefused(
                f"[{self.connection.name}]: token: expected the address of an incoming webhook, such as "
                "https://company.bitrix24.com/rest/1/…/"
            )
        return url

    def authorize(self, api: CrmApi) -> Mapping[str, str]:  # noqa: ARG002 - the address holds the token
        return {}

    def fetch(self, api: CrmApi, record_ids: Sequence[str]) -> list[Raw]:
        commands = {f"r{one}": self._command("crm.item.get", {"id": one}) for one in record_ids}
        found, errors = run_batch(api, commands)
        for error in errors.values():
            if error != "NOT_FOUND":
                raise BatchRefused(f"Bitrix24 says {error}")
        return [flatten(one["item"]) for one in found.values() if isinstance(one, dict) and "item" in one]

    def describe(self, api: CrmApi) -> Found:
        entity, _ = ENTITIES[self.connection.object]
        answer = check_answer(api.call("POST", "/crm.item.fields.json", {"entityTypeId": entity}))
        told = answer.get("result", {}).get("fields")
        if not isinstance(told, dict):
            raise BatchRefused("an answer without result.fields: has the CRM's API changed?")
        fields = {name: str(one.get("title", "")) for name, one in told.items()} | MANY_VALUED
        statuses = get_list(check_answer(api.call("POST", "/crm.status.list.json", {})), "result")
        begins = "STATUS" if self.connection.object == "leads" else "DEAL_STAGE"
        ours = [one for one in statuses if str(one.get("ENTITY_ID", "")).startswith(begins)]
        return Found(fields, [_read_status(one) for one in ours])

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
        commands = {}
        for one in scores:
            fields = {f"fields[{name}]": value for name, value in one.by_field(self.connection).items()}
            commands[f"r{one.record_id}"] = self._command("crm.item.update", {"id": one.record_id, **fields})
        _, errors = run_batch(api, commands)
        return {key.removeprefix("r"): f"Bitrix24 says {error}" for key, error in errors.items()}

    def _command(self, method: str, parameters: Mapping[str, object]) -> str:
        entity, _ = ENTITIES[self.connection.object]
        return f"{method}?{urlencode({'entityTypeId': entity, **parameters})}"


def _read_status(status: Mapping[str, Any]) -> Stage:
    meaning = MEANINGS.get(str(status.get("SEMANTICS")))
    return Stage(str(status["STATUS_ID"]), str(status.get("NAME", "")), meaning)


def run_batch(api: CrmApi, commands: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What each of at most 50 commands came to, and the codes of those that failed.

    Raises:
        NotTaken: where Bitrix24 had no time for one of them.
    """
    answer = check_answer(api.call("POST", "/batch.json", {"halt": 0, "cmd": dict(commands)}))
    told = answer.get("result")
    result: dict[str, Any] = told if isinstance(told, dict) else {}
    found, failed = result.get("result") or {}, result.get("result_error") or {}
    errors = {key: str(one.get("error", "")) for key, one in failed.items()} if isinstance(failed, dict) else {}
    for code in errors.values():
        check_code(code)
    return (found if isinstance(found, dict) else {}), errors


def check_answer(answer: object) -> dict[str, Any]:
    """An answer's content; raises what an error in it means, for Bitrix24 may send one with any status."""
    if not isinstance(answer, dict):
        raise BatchRefused("an answer that is no JSON object: has the CRM's API changed?")
    if "error" in answer:
        check_code(str(answer["error"]))
        raise BatchRefused(f"Bitrix24 says {answer['error']}")
    return answer


def check_code(code: str) -> None:
    """Raise what the code of an error means, where it is not of one record."""
    if code in BUSY:
        raise NotTaken(code)
    if code in DENIED:
        raise AccessRefused(code)


def flatten(item: Mapping[str, Any]) -> dict[str, Any]:
    """An element on one level: its first telephone number and address among its fields."""
    flat = {name: value for name, value in item.items() if name != "fm"}
    many = item.get("fm")
    entries = many.values() if isinstance(many, dict) else many if isinstance(many, list) else []
    for entry in entries:
        if isinstance(entry, dict) and entry.get("typeId") and entry.get("value"):
            flat.setdefault(str(entry["typeId"]), entry["value"])
    return flat
