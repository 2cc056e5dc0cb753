"""The OpenAPI document behind /docs: routes, every problem they may answer, examples from the champion."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import to_jsonable_python

from serving.auth.sessions import COOKIE, SIGN_IN
from serving.http.parameters import (
    ABOUT_KEY,
    ABOUT_LEAD_ID,
    ABOUT_REASONS,
    KEY_HEADER,
    KEY_SCHEMA,
    LEAD_ID_SCHEMA,
    REASONS_SCHEMA,
)
from serving.problems import Problem
from serving.schemas.field_mapping import example_lead
from serving.schemas.requests import BatchIn, ChangesIn, ContactIn, FactsIn, LeadIn, NextIn, OutcomeIn, SpendIn
from serving.scoring.champion import Champion
from serving.scoring.scorer import Scorer

Document = dict[str, Any]

JSON = "application/json"

_REF = "#/components/schemas/{model}"
_NAMED = (FactsIn, ChangesIn, LeadIn, BatchIn, ContactIn, OutcomeIn, NextIn, SpendIn, Problem)
"""Models that the document names whether or not FastAPI does."""


def _json_body(model: type[BaseModel]) -> Document:
    return {"required": True, "content": {JSON: {"schema": {"$ref": _REF.format(model=model.__name__)}}}}


_SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "leads_<key id>_<secret>",
        "description": "Made by `leads keys create`. Each route names the scopes of which the key must have one.",
    },
    "secret": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Leads-Secret",
        "description": "A connection's own: this header, the password of HTTP Basic, or `?secret=…`. HubSpot and "
        "Bitrix24 prove themselves in their own ways.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": f"Made by {SIGN_IN}."},
}


_LEAD_ID = {"name": "lead_id", "in": "path", "required": True, "description": ABOUT_LEAD_ID, "schema": LEAD_ID_SCHEMA}
_REASONS = {"name": "reasons", "in": "query", "description": ABOUT_REASONS, "schema": REASONS_SCHEMA}
_KEY = {"name": KEY_HEADER, "in": "header", "description": ABOUT_KEY, "schema": KEY_SCHEMA}

SCORE_REQUEST: Document = {"parameters": [_REASONS, _KEY], "requestBody": _json_body(LeadIn)}
PUT_REQUEST: Document = {"parameters": [_LEAD_ID, _REASONS], "requestBody": _json_body(FactsIn)}
"""What the two hot routes take, as `openapi_extra`: they read their requests by hand."""

_ANY_BODY: Document = {"schema": {}}
HOOK_REQUEST: Document = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": _ANY_BODY,
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            "text/xml": {"schema": {"type": "string"}},
        },
    }
}
"""What hooks take: whatever their CRM sends."""


def describe(app: FastAPI, scorer: Scorer, root_path: str) -> Callable[[], Document]:
    """A function that gives the document with the examples of the champion of that moment, served at `root_path`."""
    plain = app.openapi
    made: dict[str | None, Document] = {}

    def document() -> Document:
        version = scorer.version
        if version not in made:
            made.clear()
            app.openapi_schema = None
            document = _complete(plain(), None if version is None else scorer.champion)
            made[version] = {"servers": [{"url": root_path}], **document} if root_path else document
        return made[version]

    return document


def _complete(document: Document, champion: Champion | None) -> Document:
    _, schemas = models_json_schema([(model, "validation") for model in _NAMED], ref_template=_REF)
    document["components"]["schemas"].update(schemas["$defs"])
    for methods in document["paths"].values():
        for route in methods.values():
            _name_models(route.get("requestBody", {}).get("content", {}))
    document["components"]["securitySchemes"] = _SECURITY
    if champion is not None:
        _add_examples(document["paths"], champion)
    return document


def _name_models(content: Document) -> None:
    """Refer to a body's model by its name: FastAPI writes out what a dependency checks part by part."""
    named = {model.__doc__: model.__name__ for model in _NAMED}
    for media in content.values():
        model = named.get(media["schema"].get("description"))
        if model is not None:
            media["schema"] = {"$ref": _REF.format(model=model)}


def _add_examples(paths: Document, champion: Champion) -> None:
    """A lead of the company's own fields, and what the champion really answers."""
    model = champion.model
    lead = example_lead(model)
    roles = {role: lead[role] for role in ("created_at", "source", "campaign")}
    score = model.score(model.schema.parse(lead["lead_id"], lead["fields"], **roles), champion.since)
    facts = {name: value for name, value in lead.items() if name != "lead_id"}
    examples = {
        ("/v1/score", "post"): (lead, score),
        ("/v1/score/batch", "post"): ({"leads": [lead]}, {"results": [score]}),
        ("/v1/leads/{lead_id}", "put"): (facts, score),
    }
    for (path, method), (sent, answered) in examples.items():
        route = paths[path][method]
        route["requestBody"]["content"]["application/json"]["example"] = sent
        route["responses"]["200"]["content"]["application/json"]["example"] = to_jsonable_python(answered)
