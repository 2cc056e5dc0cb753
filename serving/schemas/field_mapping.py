"""The champion's schema as a CRM's field mapping needs it: a model in, `SchemaOut` and an example out."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from features.schema import ROLES, Field, LeadSchema
from features.values import ACCEPTED, Kind
from serving.problems import pointer
from serving.schemas.responses import FieldOut, JsonType, RoleOut, SchemaOut
from serving.schemas.types import ACCEPTED_ID
from training.model import ScoringModel

SHOWN_VALUES = 250
ARRIVED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

_TEXT: list[JsonType] = ["string", "number", "boolean", "null"]
JSON_TYPES: dict[Kind, list[JsonType]] = {
    Kind.NUMERIC: ["number", "string", "null"],
    Kind.CATEGORY: _TEXT,
    Kind.FLAG: ["boolean", "string", "number", "null"],
    Kind.DATETIME: ["string", "null"],
    Kind.TEXT: _TEXT,
    Kind.EMAIL: _TEXT,
    Kind.PHONE: _TEXT,
}


def schema_out(model: ScoringModel) -> SchemaOut:
    """Everything that may be sent, and where it stands in a lead's JSON."""
    schema = model.schema
    return SchemaOut(
        fingerprint=schema.fingerprint,
        model_version=model.version,
        roles=[_lead_id(schema), *(_role(schema, role) for role in ROLES)],
        fields=[_field(model, field) for field in schema.fields],
    )


def example_lead(model: ScoringModel) -> dict[str, Any]:
    """A lead as this model would like it, in JSON."""
    fields = {field.name: _example(model, field) for field in model.schema.arrival_fields}
    roles = {role: fields.pop(column) for column, role in model.schema.role_of.items() if column in fields}
    return {
        "lead_id": "L-1",
        "created_at": _iso(ARRIVED),
        "source": "ads",
        "campaign": "brand",
        **roles,
        "fields": fields,
    }


def _lead_id(schema: LeadSchema) -> RoleOut:
    return RoleOut(
        role="lead_id",
        pointer="/lead_id",
        required=True,
        column=schema.id,
        json_types=["string", "number"],
        accepts=ACCEPTED_ID.removeprefix("expected "),
    )


def _role(schema: LeadSchema, role: Any) -> RoleOut:
    kind = Kind.DATETIME if role == "created_at" else Kind.CATEGORY
    return RoleOut(
        role=role,
        pointer=pointer([role]),
        required=False,
        column=getattr(schema, role),
        json_types=JSON_TYPES[kind],
        accepts=ACCEPTED[kind],
    )


def _field(model: ScoringModel, field: Field) -> FieldOut:
    role = model.schema.role_of.get(field.name)
    return FieldOut(
        name=field.name,
        pointer=pointer([role] if role else ["fields", field.name]),
        kind=field.kind,
        known=field.known,
        role=role,
        json_types=JSON_TYPES[field.kind],
        accepts=ACCEPTED[field.kind],
        missing=list(field.missing),
        values=levels_of(model, field.name)[:SHOWN_VALUES] if field.kind is Kind.CATEGORY else None,
    )


def levels_of(model: ScoringModel, field: str) -> list[str]:
    """A category's values in training, most frequent first, without the pool that stands last."""
    return [level for column in model.encoder.columns if column.field == field for level in column.levels[:-1]]


def _example(model: ScoringModel, field: Field) -> object:
    match field.kind:
        case Kind.NUMERIC:
            return _usual_number(model, field)
        case Kind.CATEGORY:
            return next(iter(levels_of(model, field.name)), "other")
        case Kind.FLAG:
            return True
        case Kind.DATETIME:
            return _iso(ARRIVED - timedelta(days=3))
        case Kind.TEXT:
            return "Please call me about a quote"
        case Kind.EMAIL:
            return "ann@example.com"
        case Kind.PHONE:
            return "+44 20 7946 0018"


def _usual_number(model: ScoringModel, field: Field) -> float:
    """A number between those that the model tells apart."""
    at = next(at for at, column in enumerate(model.encoder.columns) if column.field == field.name)
    knots = [knot for term in model.additive.terms if term.column == at for knot in term.knots]
    if not knots and model.trees is not None:
        knots = _range(model.trees.text, at)
    middle = sorted(knots)[len(knots) // 2] if knots else 1.0
    return float(f"{middle:.3g}")


def _range(trees: str, column: int) -> list[float]:
    """A column's least, middle and greatest value in training, as LightGBM's text format notes them."""
    found = re.search(r"^feature_infos=(.*)$", trees, re.MULTILINE)
    infos = found[1].split() if found else []
    ends = re.fullmatch(r"\[([^:]+):([^:]+)\]", infos[column]) if column < len(infos) else None
    return [float(ends[1]), (float(ends[1]) + float(ends[2])) / 2, float(ends[2])] if ends else []


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
