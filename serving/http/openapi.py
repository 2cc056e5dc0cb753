"""The OpenAPI document behind /docs: routes, every problem they may answer, examples from the champion."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import to_jsonable_python

from serving.auth.sessions import COOKIE, SIGN_IN
from serving.errors import MEDIA_TYPE, Problem
from serving.http.request_parsing import MOST_REASONS
from serving.schemas.field_mapping import example_lead
from serving.schemas.requests import BatchIn, ChangesIn, ContactIn, FactsIn, LeadIn, NextIn, OutcomeIn, SpendIn
from serving.schemas.types import ID_PATTERN, LONGEST_ID
from serving.scoring.champion import Champion
from serving.scoring.scorer import Scorer
from training.model import REASONS

Document = dict[str, Any]

JSON = "application/json"

_REF = "#/components/schemas/{model}"
_MEANING = {
    400: "The body is not valid JSON, or the path not UTF-8",
    401: "No key was sent, or none that is known and live",
    404: "There is no such thing here",
    409: "The first request under this Idempotency-Key is still being answered, or others change the lead all the time",
    403: "The key's scope does not cover this",
    408: "The body did not arrive in time",
    413: "The body is too large",
    415: "The body is not declared as JSON in UTF-8, plain or in gzip",
    421: "The service is in open mode, and was not addressed as localhost",
    422: "A part of the request cannot be used; `errors` points at each",
    429: "Too many requests of one key; see Retry-After",
    503: "The store cannot be reached, or there is no model to score with yet; see Retry-After",
}


_SECURITY = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "leads_<key id>_<secret>",
        "description": "Made by `leads keys create`. Each route names the scopes of which the key must have one.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": f"Made by {SIGN_IN}."},
}


_REASONS = {
    "name": "reasons",
    "in": "query",
    "description": "How many reasons to give with a score.",
    "schema": {"type": "integer", "minimum": 0, "maximum": MOST_REASONS, "default": REASONS},
}
_LEAD_ID = {
    "name": "lead_id",
    "in": "path",
    "required": True,
    "description": "Your own id of the lead, taken as sent; a slash in it is sent as %2F.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": ID_PATTERN},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again under the same key within a day, the request is answered again and not done again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def problems(*statuses: int) -> dict[int | str, Document]:
    """The problems that a route may answer, as `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        status: {"description": _MEANING.get(status, HTTPStatus(status).phrase), "content": content}
        for status in (*statuses, 500)
    }


def taking(
    model: type[BaseModel] | None = None, reasons: bool = False, idempotent: bool = False, media_type: str = JSON
) -> Document:
    """What a route takes that reads its request itself, as `openapi_extra`; plain JSON is always taken."""
    parameters = ([_REASONS] if reasons else []) + ([_IDEMPOTENCY_KEY] if idempotent else [])
    if model is None:
        return {"parameters": parameters}
    schema = {"$ref": _REF.format(model=model.__name__)}
    body = {"required": True, "content": {kind: {"schema": schema} for kind in dict.fromkeys((media_type, JSON))}}
    return {"parameters": parameters, "requestBody": body}


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
    taken = (FactsIn, ChangesIn, LeadIn, BatchIn, ContactIn, OutcomeIn, NextIn, SpendIn, Problem)
    _, schemas = models_json_schema([(model, "validation") for model in taken], ref_template=_REF)
    document["components"]["schemas"].update(schemas["$defs"])
    document["components"]["securitySchemes"] = _SECURITY
    for path, methods in document["paths"].items():
        if "{lead_id}" in path:
            for route in methods.values():
                route["parameters"] = [_LEAD_ID, *route.get("parameters", [])]
    if champion is not None:
        _add_examples(document["paths"], champion)
    return document


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
