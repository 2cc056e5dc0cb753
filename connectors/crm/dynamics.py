"""Dynamics 365: Dataverse's webhooks name the record; it is read and scored over the Web API by client credentials."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from connectors.crm.api import CrmApi, get_list
from connectors.crm.crm import Crm, Found, Stage, WrittenScore
from connectors.crm.errors import CrmRefused, MessageBroken
from connectors.crm.generic import parse_json
from connectors.crm.message import Message, Notice
from connectors.crm.record import Raw, Status, read_time
from connectors.http_failures import AccessRefused, BatchRefused, NotTaken

API = "/api/data/v9.2"
AUTHORITY = "https://login.microsoftonline.com"
TABLES = {"lead": "leads", "opportunity": "opportunities"}
FORMATTED = "OData.Community.Display.V1.FormattedValue"
WITH_LABELS = {"Prefer": f'odata.include-annotations="{FORMATTED}"'}
LABEL = "@label"
ONLY_IF_THERE = {"If-Match": "*"}
"""Without it a PATCH of a record that was deleted would make it anew."""
LABELLED = frozenset({"Picklist", "State", "Status", "Boolean"})
LOOKUPS = frozenset({"Lookup", "Owner", "Customer"})
FILLED_BY_SCORES = frozenset({"msdyn_leadscore", "msdyn_leadgrade", "msdyn_opportunityscore", "msdyn_opportunitygrade"})
"""Columns that Dynamics fills itself from `msdyn_predictivescores`, neither read nor written here."""
PREDICTIVE = "msdyn_predictivescores."
"""Stands before a column of Dynamics' own table of scores, where [NAME.score] names one."""
GRADES = {"A": 0, "B": 1, "C": 2, "D": 3}
NO_TREND = 3
MEANINGS: Mapping[str, Status] = {"1": "won", "2": "lost"}
"""Of `statecode`: a lead is qualified or disqualified, an opportunity won or lost."""
_MILLISECONDS = re.compile(r"/Date\((\d+)")


class Dynamics(Crm):
    """`secret` stands in a header of the webhook; `account` is the tenant's id; 6,000 calls in 5 minutes are taken."""

    per_second = 15.0
    needs = ("client_id", "client_secret")

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._token: str | None = None

    def read_notices(self, message: Message) -> list[Notice]:
        context = parse_json(message.body)
        if not isinstance(context, dict) or not isinstance(context.get("PrimaryEntityName"), str):
            raise MessageBroken("expected a webhook of Dataverse, with PrimaryEntityName")
        if context["PrimaryEntityName"] != self.connection.object:
            return []
        record_id = _read_guid(context.get("PrimaryEntityId"))
        told = _MILLISECONDS.match(str(context.get("OperationCreatedOn")))
        happened_at = read_time(told[1]) if told else None
        return [Notice("deleted" if context.get("MessageName") == "Delete" else "changed", record_id, happened_at)]

    def base_url(self) -> str:
        if self.connection.section.account is None:
            raise CrmRefused(f"crm.toml: [{self.connection.name}] needs account, the tenant's id in Microsoft Entra")
        return self.connection.endpoint

    def authorize(self, api: CrmApi) -> Mapping[str, str]:  # noqa: ARG002 - tokens are given elsewhere
        if self._token is None:
            self._token = self._ask_for_token()
        return {"Authorization": f"Bearer {self._token}", "OData-Version": "4.0", "Accept": "application/json"}

    def renew(self, api: CrmApi) -> bool:
        self.forget_token()
        self.authorize(api)
        return True

    def forget_token(self) -> None:
        """Ask for another one at the next call."""
        self._token = None

    def _ask_for_token(self) -> str:
        section = self.connection.section
        form = {
            "grant_type": "client_credentials",
            "client_id": self.connection.secret("client_id"),
            "client_secret": self.connection.secret("client_secret"),
            "scope": f"{self.connection.endpoint}/.default",
        }
        with CrmApi(section.authority or AUTHORITY, self, self.per_second) as login:
            try:
                answer = login.send("POST", f"/{section.account}/oauth2/v2.0/token", {}, form=form)
            except BatchRefused as refused:  # a tenant or an app that is not known is answered with 400
                raise AccessRefused(str(refused)) from None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise NotTaken("Microsoft gave no token")
        return token

    @property
    def path(self) -> str:
        """Where the connection's kind of records is."""
        return f"{API}/{TABLES[self.connection.object]}"

    @property
    def columns(self) -> str:
        """The columns that are read, each once."""
        return ",".join(dict.fromkeys(name.removesuffix(LABEL) for name in self.connection.mapping.properties))

    def read_row(self, row: Mapping[str, Any]) -> Raw:
        """A row by the mapping's names; what is empty has no label either."""
        flat = {name.replace(f"@{FORMATTED}", LABEL): value for name, value in row.items()}
        return {name: flat.get(name) for name in self.connection.mapping.properties}

    def fetch(self, api: CrmApi, record_ids: Sequence[str]) -> list[Raw]:
        values = ",".join(f"'{one}'" for one in record_ids)
        key = f"{self.connection.object}id"
        question = f"Microsoft.Dynamics.CRM.In(PropertyName='{key}',PropertyValues=[{values}])"
        asked = {"$select": self.columns, "$filter": question}
        answer = api.call("GET", self.path, params=asked, headers=WITH_LABELS)
        return [self.read_row(one) for one in get_list(answer, "value")]

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:
        troubles: dict[str, str] = {}
        for one in scores:
            try:
                self._write_score(api, one)
            except BatchRefused as refused:
                troubles[one.record_id] = f"Dynamics 365 says {refused}"
        return troubles

    def _write_score(self, api: CrmApi, score: WrittenScore) -> None:
        values = score.by_field(self.connection)
        own = {name: value for name, value in values.items() if not name.startswith(PREDICTIVE)}
        if own:
            api.call("PATCH", f"{self.path}({score.record_id})", own, headers=ONLY_IF_THERE)
        table = {name.removeprefix(PREDICTIVE): value for name, value in values.items() if name.startswith(PREDICTIVE)}
        if table:
            key = f"msdyn_entityid='{score.record_id}',msdyn_entitytype='{self.connection.object}'"
            row = {name: _read_predictive(name, value) for name, value in table.items()}
            api.call("PATCH", f"{API}/msdyn_predictivescores({key})", {**row, "msdyn_scoretrend": NO_TREND})

    def describe(self, api: CrmApi) -> Found:
        attributes = f"{API}/EntityDefinitions(LogicalName='{self.connection.object}')/Attributes"
        asked = {"$select": "LogicalName,AttributeType,AttributeOf,DisplayName"}
        fields: dict[str, str] = {}
        for one in get_list(api.call("GET", attributes, params=asked), "value"):
            fields |= _read_column(one)
        states = {"$select": "LogicalName", "$expand": "OptionSet"}
        answer = api.call("GET", f"{attributes}/Microsoft.Dynamics.CRM.StateAttributeMetadata", params=states)
        options = [option for one in get_list(answer, "value") for option in get_list(one, "OptionSet", "Options")]
        return Found(fields, [_read_stage(option) for option in options])


def _read_guid(raw: object) -> str:
    """A record's id as the Web API writes it; of a step for several records at once there is none."""
    try:
        found = UUID(str(raw))
    except ValueError:
        raise MessageBroken("expected PrimaryEntityId, a GUID") from None
    if not found.int:
        raise MessageBroken("expected a step of Create, Update or Delete, which names one record")
    return str(found)


def _read_predictive(name: str, value: object) -> object:
    """A value as a column of `msdyn_predictivescores` takes it: whole percents, and grades as choices."""
    if name == "msdyn_grade":
        return GRADES.get(str(value))
    return round(value) if isinstance(value, float) else value


def _read_column(column: Mapping[str, Any]) -> dict[str, str]:
    """The names under which a column is read, with its label; none of what only accompanies another column."""
    name, kind = str(column["LogicalName"]), column.get("AttributeType")
    if column.get("AttributeOf") or name in FILLED_BY_SCORES:
        return {}
    label = _read_label(column.get("DisplayName"))
    name = f"_{name}_value" if kind in LOOKUPS else name
    return {name: label, f"{name}{LABEL}": label} if kind in LABELLED | LOOKUPS else {name: label}


def _read_stage(option: Mapping[str, Any]) -> Stage:
    value = str(option["Value"])
    return Stage(value, _read_label(option.get("Label")), MEANINGS.get(value))


def _read_label(text: Any) -> str:
    return str(((text or {}).get("UserLocalizedLabel") or {}).get("Label") or "")
