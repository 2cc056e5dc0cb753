"""For schemathesis: what an OpenAPI document cannot say of a valid request."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(1900, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC)).map(datetime.isoformat),
)
schemathesis.openapi.format("date", st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key used for another request, a cursor that no page gave, spend told twice: all have a documented 422."""
    case.body = _whole_as_integers(case.body)
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = uuid4().hex
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
    if isinstance(case.body, dict) and isinstance(case.body.get("spend"), list):
        case.body["spend"] = case.body["spend"][:1]


def _whole_as_integers(value: Any) -> Any:
    """7.0 is an integer to JSON Schema; of a name it is refused, because a table would read it as 7."""
    if isinstance(value, dict):
        return {key: _whole_as_integers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole_as_integers(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
