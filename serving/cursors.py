"""Where a page of a list ended, as text that a client hands back: written here, and never trusted when it returns."""

import base64
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from serving.schemas.types import check_id

FIRST, LAST = datetime(100, 1, 1, tzinfo=UTC), datetime(9900, 1, 1, tzinfo=UTC)
"""Between these every zone and every span of the rules can be taken off or added."""


T = TypeVar("T")


class CursorBroken(ValueError):
    """A cursor that is none of ours."""


def encode(*state: str | float) -> str:
    """A place in a list as text for a URL."""
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def decode(text: str, length: int) -> list[object]:
    """The `length` parts that `encode` was given; raises `CursorBroken`."""
    try:
        state = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError) as error:
        raise CursorBroken from error
    if not isinstance(state, list) or len(state) != length:
        raise CursorBroken
    return state


def as_number(part: object) -> float:
    """A finite number; raises `CursorBroken`."""
    if isinstance(part, bool) or not isinstance(part, int | float):
        raise CursorBroken
    try:
        number = float(part)
    except OverflowError as error:
        raise CursorBroken from error
    if not math.isfinite(number):
        raise CursorBroken
    return number


def as_moment(part: object) -> datetime:
    """A time in UTC that can be reckoned with, from Unix seconds or ISO 8601 with its zone; raises `CursorBroken`."""
    try:
        at = datetime.fromisoformat(part) if isinstance(part, str) else datetime.fromtimestamp(as_number(part), UTC)
        if at.tzinfo is None or not FIRST <= at <= LAST:
            raise CursorBroken
        return at.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise CursorBroken from error


def as_lead_id(part: object) -> str:
    """An id that a lead may have; raises `CursorBroken`."""
    try:
        lead_id = check_id(part) if isinstance(part, str) else ""
        lead_id.encode()  # half of a surrogate pair is JSON, and no text
    except ValueError as error:
        raise CursorBroken from error
    if not lead_id:
        raise CursorBroken
    return lead_id


def parse(read: Callable[[str], T], text: str | None) -> T | None:
    """The cursor that a client sent, as `read` takes it; None where it sent none, or one that is none of ours."""
    try:
        return read(text) if text else None
    except CursorBroken:
        return None
