"""For schemathesis: what an OpenAPI document cannot say of a valid request."""

from typing import Any
from uuid import uuid4

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key that was used for another request, and a cursor that no page gave, are refused with a documented 422."""
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = uuid4().hex
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
