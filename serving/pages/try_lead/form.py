"""The form's fields, from the model's schema; what was typed, as a lead in JSON; a stored lead, as what to type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

from features.lead import Lead, Value
from features.schema import ROLES, Field, LeadSchema
from features.values import Kind
from language.text import gettext as _
from language.text import mark
from serving.pages.field_titles import title_of
from serving.pages.formatting import by_clock
from serving.pages.views import Choice
from serving.schemas.field_mapping import SHOWN_VALUES, levels_of
from training.model import ScoringModel

Control = Literal["number", "category", "flag", "time", "text", "line"]
CONTROLS: dict[Kind, Control] = {
    Kind.NUMERIC: "number",
    Kind.CATEGORY: "category",
    Kind.FLAG: "flag",
    Kind.DATETIME: "time",
    Kind.TEXT: "text",
    Kind.EMAIL: "line",
    Kind.PHONE: "line",
}
ROLE_TITLES = {"created_at": mark("Arrived"), "source": mark("Source"), "campaign": mark("Campaign")}
DETAILS = (
    mark("expected a number"),
    mark("expected a number, with a decimal comma"),
    mark("expected true or false, yes or no, 1 or 0"),
    mark("expected an ISO 8601 time such as 2026-11-02T09:30:00Z"),
)
"""What the schema may say of a value, for the translations."""
YES, NO = mark("yes"), mark("no")
LEAD_ID = "tried"
"""What a lead that is only tried is called where a lead must have an id."""

Values = Mapping[str, str]
"""What stands in the form, by its fields' names: a role's, or `field.` and the company's."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field to be filled in; `error` says what is wrong with what stands in it."""

    name: str
    label: str
    control: Control
    value: str
    choices: tuple[Choice, ...]
    error: str


def form_fields(
    model: ScoringModel, values: Values, errors: Mapping[str, str], importance: Mapping[str, float]
) -> tuple[FormField, ...]:
    """Every field that the model takes: the roles first, then those that weigh most."""
    schema = model.schema
    own = (field for field in schema.arrival_fields if field.name not in schema.role_of)
    ranked = sorted(own, key=lambda field: -importance.get(field.name, 0.0))
    asked = [(role, _(ROLE_TITLES[role]), schema.role_field(role)) for role in ROLES if getattr(schema, role)]
    asked += [(_name_of(field.name), title_of(field.name), field) for field in ranked]
    return tuple(_form_field(model, name, label, field, values, errors) for name, label, field in asked)


def sent_lead(schema: LeadSchema, values: Values, zone: tzinfo) -> dict[str, Any]:
    """What was typed as a lead in JSON, as `POST /v1/score` takes it; times are of the company's clocks."""
    typed = {name: value.strip() for name, value in values.items() if value.strip()}
    times = {_name_of(field.name) for field in schema.arrival_fields if field.kind is Kind.DATETIME} | {"created_at"}
    typed |= {name: _with_zone(typed[name], zone) for name in times & typed.keys()}
    fields = {name.removeprefix("field."): value for name, value in typed.items() if name.startswith("field.")}
    return {"lead_id": LEAD_ID, **{role: typed[role] for role in ROLES if role in typed}, "fields": fields}


def stored_values(lead: Lead, schema: LeadSchema, zone: tzinfo) -> dict[str, str]:
    """What a stored lead's form holds."""
    values = {role: _typed(getattr(lead, role), schema.role_field(role), schema, zone) for role in ROLES}
    for field in schema.arrival_fields:
        values[_name_of(field.name)] = _typed(schema.value_of(lead, field), field, schema, zone)
    return values


def error_name(path: tuple[str | int, ...]) -> str:
    """The form's field that a part of the lead was typed into."""
    return _name_of(str(path[-1])) if path[:1] == ("fields",) else str(path[0] if path else "")


def local_minute(at: datetime, zone: tzinfo) -> str:
    """A time as a browser's field writes it, by the company's clocks."""
    return by_clock(at, zone).replace(tzinfo=None).isoformat(timespec="minutes")


def _name_of(field: str) -> str:
    return f"field.{field}"


def _form_field(
    model: ScoringModel, name: str, label: str, field: Field, values: Values, errors: Mapping[str, str]
) -> FormField:
    value, control = values.get(name, ""), CONTROLS[field.kind]
    choices: tuple[Choice, ...] = ()
    if control == "category":
        choices = tuple(Choice(level, level) for level in levels_of(model, field.name)[:SHOWN_VALUES])
    elif control == "flag":
        choices = tuple(Choice(word, _(word), word == value) for word in (YES, NO))
    return FormField(name, label, control, value, choices, errors.get(name, ""))


def _typed(value: Value, field: Field, schema: LeadSchema, zone: tzinfo) -> str:
    """A value as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local_minute(value, zone)
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return f"{value:.15g}".replace(".", field.decimal or schema.decimal)
    return str(value)


def _with_zone(text: str, zone: tzinfo) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.isoformat() if at.tzinfo else at.replace(tzinfo=zone).isoformat()
