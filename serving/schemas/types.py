"""The values that bodies are made of: ids, times, days, words and roles, each with what is accepted of it."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from features.values import ValueRefused, parse_iso_time, text_of

LONGEST_ID = 200
NUL = "\0"
"""PostgreSQL's text takes any character but this."""
EARLIEST, LATEST = datetime(1899, 12, 31, tzinfo=UTC), datetime(2200, 1, 2, tzinfo=UTC)
ACCEPTED_TIME = "expected an ISO 8601 time such as 2026-11-02T09:30:00Z, from 1900 to 2199"
TIME_SCHEMA = {"type": "string", "format": "date-time"}
WHITE = r"\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""What Python's `str.split` takes for white space, spelled out: `\s` is another set in JavaScript, Rust and here."""
WORD_PATTERN = rf"^[^\x00]*[^\x00{WHITE}][^\x00]*$"
ACCEPTED_DAY = "expected a day such as 2026-11-02, from 1900 to 2199"
DAY_PATTERN = "^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$"
DAY_SCHEMA = {"type": "string", "format": "date", "pattern": DAY_PATTERN}
ACCEPTED_ID = "expected text of 1 to 200 characters, or a whole number"
ID_PATTERN = rf"^(?!-?[0-9]+\.0+$)[^\x00{WHITE}]+( [^\x00{WHITE}]+)*$"
AS_WRITTEN = (
    "expected an id without white space around it or twice inside it, and without NUL; a whole number without .0"
)
"""Tables trim their ids and read 7.0 as 7: another spelling would be another lead here and the same one there."""


def check_id(text: str) -> str:
    """A lead's id as it was sent; raises `ValueError` saying what is accepted where it cannot be taken so."""
    if not 1 <= len(text) <= LONGEST_ID:
        raise ValueError(ACCEPTED_ID)
    if NUL in text or text_of(text) != text:
        raise ValueError(AS_WRITTEN)
    return text


def _id_text(raw: object) -> object:
    """CRMs send ids as text and as whole numbers."""
    if isinstance(raw, float | bool) or not isinstance(raw, str | int):
        raise PydanticCustomError("lead_id", ACCEPTED_ID)
    try:
        return check_id(str(raw))
    except ValueError as refused:
        raise PydanticCustomError("lead_id", "{refused}", {"refused": str(refused)}) from None


def _name_text(raw: object) -> object:
    """Sources and campaigns are compared as a table's are, so spellings of one are one."""
    if isinstance(raw, float | bool) or not isinstance(raw, str | int):
        raise PydanticCustomError("name", ACCEPTED_ID)
    return _storable(text_of(raw))


def _text_or_number(pattern: str) -> WithJsonSchema:
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "pattern": pattern}
    return WithJsonSchema({"anyOf": [text, {"type": "integer"}]})


LeadId = Annotated[str, BeforeValidator(_id_text), _text_or_number(ID_PATTERN)]
Name = Annotated[
    str,
    BeforeValidator(_name_text),
    StringConstraints(min_length=1, max_length=LONGEST_ID),
    _text_or_number(WORD_PATTERN),
]


def _time(raw: object) -> object:
    """Times are read as a table's are; those that no database keeps are refused."""
    try:
        time = parse_iso_time(raw) if isinstance(raw, str) else None
    except ValueRefused:
        time = None
    if not isinstance(time, datetime) or not EARLIEST <= time <= LATEST:
        raise PydanticCustomError("time", ACCEPTED_TIME)
    return time


Time = Annotated[datetime, BeforeValidator(_time, json_schema_input_type=str), WithJsonSchema(TIME_SCHEMA)]


def _storable(text: str) -> str:
    if NUL in text:
        raise PydanticCustomError("string_nul", "expected text without NUL")
    return text


Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(_storable),
    Field(json_schema_extra={"pattern": WORD_PATTERN}),
]


def _check_role(raw: object) -> object:
    """Roles are read by the champion's schema; here only what no database keeps is refused."""
    return _storable(raw) if isinstance(raw, str) else raw


Arrival = Annotated[Any, WithJsonSchema({"anyOf": [TIME_SCHEMA, {"type": "null"}, {"const": ""}], "default": None})]
Role = Annotated[
    Any,
    AfterValidator(_check_role),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[^\x00]*$"},
                {"type": "number"},
                {"type": "boolean"},
                {"type": "null"},
            ],
            "default": None,
        }
    ),
]


def _day(raw: object) -> object:
    try:
        if isinstance(raw, str) and re.search(DAY_PATTERN, raw):
            return date.fromisoformat(raw)
    except ValueError:
        pass
    raise PydanticCustomError("day", ACCEPTED_DAY)


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str), WithJsonSchema(DAY_SCHEMA)]
