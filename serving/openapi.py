"""The OpenAPI document behind /docs: routes, every problem they may answer, examples from the champion."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import to_jsonable_python

from serving.errors import MEDIA_TYPE, Problem
from serving.mapping import example_lead
from serving.reading import MOST_REASONS
from serving.requests import BatchIn, LeadIn
from serving.scorer import Champion, Scorer
from training.model import REASONS

Document = dict[str, Any]

_REF = "#/components/schemas/{model}"
_MEANING = {
    400: "The body is not valid JSON",
    413: "The body is too large",
    415: "The body is not declared as JSON in UTF-8",
    422: "A part of the request cannot be used; `errors` points at each",
    503: "There is no model to score with yet; see Retry-After",
}


def problems(*statuses: int) -> dict[int | str, Document]:
    """The problems that a route may answer, as `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        status: {"description": _MEANING.get(status, HTTPStatus(status).phrase), "content": content}
        for status in (*statuses, 500)
    }


def taking(model: type[BaseModel]) -> Document:
    """What a scoring route takes, as `openapi_extra`: these routes read their requests themselves."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    reasons = {
        "name": "reasons",
        "in": "query",
        "description": "How many reasons to give with a score.",
        "schema": {"type": "integer", "minimum": 0, "maximum": MOST_REASONS, "default": REASONS},
    }
    return {
        "parameters": [reasons],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
    }


def describe(app: FastAPI, scorer: Scorer) -> Callable[[], Document]:
    """A function that gives the document with the examples of the champion of that moment."""
    plain = app.openapi
    made: dict[str | None, Document] = {}

    def document() -> Document:
        version = scorer.version
        if version not in made:
            made.clear()
            app.openapi_schema = None
            made[version] = _complete(plain(), None if version is None else scorer.champion)
        return made[version]

    return document


def _complete(document: Document, champion: Champion | None) -> Document:
    _, schemas = models_json_schema([(m, "validation") for m in (LeadIn, BatchIn, Problem)], ref_template=_REF)
    document["components"]["schemas"].update(schemas["$defs"])
    if champion is not None:
        _add_examples(document["paths"], champion)
    return document


def _add_examples(paths: Document, champion: Champion) -> None:
    """A lead of the company's own fields, and what the champion really answers."""
    model = champion.model
    lead = example_lead(model)
    roles = {role: lead[role] for role in ("created_at", "source", "campaign")}
    score = model.score(model.schema.parse(lead["lead_id"], lead["fields"], **roles), champion.since)
    examples = {"/v1/score": (lead, score), "/v1/score/batch": ({"leads": [lead]}, {"results": [score]})}
    for path, (sent, answered) in examples.items():
        route = paths[path]["post"]
        route["requestBody"]["content"]["application/json"]["example"] = sent
        route["responses"]["200"]["content"]["application/json"]["example"] = to_jsonable_python(answered)
