"""Our sentences for what pydantic and the JSON parser find wrong: each says what is accepted, in one place."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic_core.core_schema import ErrorType

from serving.schemas.types import ACCEPTED_DAY, ACCEPTED_ID, ACCEPTED_TIME

SENTENCES = {
    "missing": "is required",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "list_type": "expected a list",
    "extra_forbidden": "no such key",
    "string_type": "expected text",
    "string_too_short": "expected text of at least {min_length:,} characters",
    "string_too_long": "expected text of at most {max_length:,} characters",
    "string_pattern_mismatch": "expected text without NUL",
    "string_unicode": "expected text in UTF-8",
    "greater_than": "expected a number above {gt:,}",
    "greater_than_equal": "expected a number from {ge:,}",
    "less_than": "expected a number below {lt:,}",
    "less_than_equal": "expected a number up to {le:,}",
    "finite_number": "expected a finite number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a smaller whole number",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
    "date_type": ACCEPTED_DAY,
    "date_parsing": ACCEPTED_DAY,
    "date_from_datetime_parsing": ACCEPTED_DAY,
    "date_from_datetime_inexact": ACCEPTED_DAY,
    "datetime_type": ACCEPTED_TIME,
    "datetime_parsing": ACCEPTED_TIME,
    "datetime_from_date_parsing": ACCEPTED_TIME,
    "value_error": "{error}",
}
"""By pydantic's type of error, filled from the error's context."""

LEAD_SENTENCES = {
    "extra_forbidden": "no such key; a lead has lead_id, created_at, source, campaign, value and fields",
    "string_too_short": ACCEPTED_ID,
    "string_too_long": ACCEPTED_ID,
    "string_type": ACCEPTED_ID,
}
"""What is said otherwise of a lead."""

ANY_OTHER = "cannot be read; /docs says what is accepted"
LIBRARY_TYPES = frozenset(get_args(ErrorType))

NOT_A_NUMBER = "NaN is not JSON; send null or leave it out"
JSON_SENTENCES = {
    "EOF": "it ends too soon",
    "trailing comma": "a comma with nothing after it",
    "trailing characters": "something follows the end of the data",
    "key must be a string": "a key must be text in double quotes",
    "invalid number": "not a number as JSON writes one",
    "number out of range": "a number that is too large",
    "invalid escape": "a backslash that escapes nothing known",
    "unexpected end of hex escape": "half of a \\u escape without its other half",
    "lone leading surrogate": "half of a \\u escape without its other half",
    "control character": "a control character inside text; escape it",
    "invalid unicode": "bytes that are not UTF-8",
    "expected `:`": "a colon is missing after a key",
    "expected `,`": "a comma or the end of a list or object is missing",
    "expected value": "a value is missing; text stands in double quotes",
    "expected ident": "a value is missing; text stands in double quotes",
}
"""By how the JSON parser's message begins."""

_PLACE = re.compile(r"^(.*?) at line (\d+) column (\d+)$", re.DOTALL)
_NAN = re.compile(rb"\s*(NaN|-?Infinity)\b")


def explain_error(error: Mapping[str, Any], sentences: Mapping[str, str] | None = None) -> str:
    """What to say of one of pydantic's errors; `sentences` are preferred. Errors of our own speak for themselves."""
    kind = error["type"]
    if kind not in LIBRARY_TYPES:
        return str(error["msg"])
    sentence = {**SENTENCES, **(sentences or {})}.get(kind, ANY_OTHER)
    try:
        return sentence.format(**{name: _whole(value) for name, value in error.get("ctx", {}).items()})
    except (KeyError, ValueError):
        return ANY_OTHER


def explain_json(body: bytes, message: str) -> str:
    """Where a body breaks, and why, from the parser's message of it."""
    if not body.strip():
        return "the body is empty"
    found = _PLACE.match(message)
    if found is None:
        return "the body breaks; send JSON"
    line, column = int(found[2]), int(found[3])
    place = f"breaks at line {line} column {column}"
    lines = body.split(b"\n")
    rest = lines[line - 1][max(0, column - 2) :] if line <= len(lines) else b""
    constant = _NAN.match(rest) or _NAN.match(rest[1:])
    if constant:
        return f"{place}: {NOT_A_NUMBER.replace('NaN', constant[1].decode(), 1)}"
    reason = next((told for begins, told in JSON_SENTENCES.items() if found[1].startswith(begins)), "this is not JSON")
    return f"{place}: {reason}"


def _whole(value: object) -> object:
    """A limit as people write it: 0 for 0.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
