"""The typed parameters that routes share: what is sent in, checked values out, each documented by its type."""

import re
from typing import Annotated, Any

from fastapi import Body, Depends, Header, Path, Query
from pydantic import BaseModel, BeforeValidator, GetPydanticSchema, WithJsonSchema
from pydantic_core import PydanticCustomError

from features.errors import FieldProblem, LeadRefused
from features.lead import Spend
from serving.deps import SettingsDep
from serving.http.merge_patch import MEDIA_TYPE
from serving.http.strict_json import find_excesses
from serving.middleware.raw_paths import with_slashes
from serving.schemas.requests import BatchIn, ChangesIn, SpendIn
from serving.schemas.types import ID_PATTERN, LONGEST_ID, check_id
from serving.schemas.validation import PARAMETER, read_batch, read_spend
from training.model import REASONS

MOST_REASONS = 10
ACCEPTED_REASONS = f"expected a whole number from 0 to {MOST_REASONS}"
ACCEPTED_KEY = "expected 1 to 200 visible ASCII characters"
KEY_HEADER = "Idempotency-Key"

LEAD_ID_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": ID_PATTERN}
REASONS_SCHEMA = {"type": "integer", "minimum": 0, "maximum": MOST_REASONS, "default": REASONS}
KEY_SCHEMA = {"type": "string", "pattern": "^[!-~]{1,200}$"}
ABOUT_LEAD_ID = "Your own id of the lead, taken as sent; a slash in it is sent as %2F."
ABOUT_REASONS = "How many reasons to give with a score."
ABOUT_KEY = "Sent again under the same key within a day, the request is answered again and not done again."


def parse_lead_id(part: str) -> str:
    """The lead's id in a part of a routed path; raises `ValueError` saying what is accepted."""
    return check_id(with_slashes(part))


def parse_reasons(text: str) -> int:
    """How many reasons a query asks for, 0 to `MOST_REASONS`; raises `ValueError` saying what is accepted."""
    if text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= MOST_REASONS:
        return int(text)
    raise ValueError(ACCEPTED_REASONS)


def parse_idempotency_key(text: str) -> str:
    """A client's Idempotency-Key; raises `ValueError` saying what is accepted."""
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", text):
        raise ValueError(ACCEPTED_KEY)
    return text


def _validated_by(parse: Any) -> BeforeValidator:
    """A validator that says what `parse` says, without pydantic's "Value error, "."""

    def validate(sent: object) -> object:
        try:
            return parse(sent) if isinstance(sent, str) else sent
        except ValueError as refused:
            raise PydanticCustomError(PARAMETER, "{refused}", {"refused": str(refused)}) from None

    return BeforeValidator(validate)


def _documented_as(model: type[BaseModel]) -> GetPydanticSchema:
    """Plain data, which a dependency checks part by part, documented as a model."""
    return GetPydanticSchema(get_pydantic_json_schema=lambda _, handler: handler(model.__pydantic_core_schema__))


LeadIdPath = Annotated[
    str, _validated_by(parse_lead_id), WithJsonSchema(LEAD_ID_SCHEMA), Path(description=ABOUT_LEAD_ID)
]
ReasonsQuery = Annotated[
    int, _validated_by(parse_reasons), WithJsonSchema(REASONS_SCHEMA), Query(description=ABOUT_REASONS)
]
IdempotencyKey = Annotated[
    str | None,
    _validated_by(parse_idempotency_key),
    WithJsonSchema(KEY_SCHEMA),
    Header(alias=KEY_HEADER, description=ABOUT_KEY),
]


async def _batch(batch: Annotated[object, _documented_as(BatchIn), Body()], settings: SettingsDep) -> list[object]:
    return read_batch(batch, settings)


async def _spend(spend: Annotated[object, _documented_as(SpendIn), Body()], settings: SettingsDep) -> list[Spend]:
    return read_spend(spend, settings)


async def _patch(
    patch: Annotated[object, _documented_as(ChangesIn), Body(media_type=MEDIA_TYPE)], settings: SettingsDep
) -> dict[str, object]:
    if not isinstance(patch, dict):
        raise LeadRefused([FieldProblem((), "expected an object")])
    too_much = list(find_excesses(patch, settings, depth=-1))
    if too_much:
        raise LeadRefused(too_much)
    return patch


BatchBody = Annotated[list[object], Depends(_batch)]
"""The unchecked leads of a batch: one that is refused must not spoil the others."""
SpendBody = Annotated[list[Spend], Depends(_spend)]
"""The rows of a body of spend, with every wrong one of them named."""
PatchBody = Annotated[dict[str, object], Depends(_patch)]
"""A JSON merge patch of a lead; what it makes of the lead is checked once the lead is known."""
