"""Forms with brackets in their names, as PHP writes them: `a[b][0]=c` becomes {"a": {"b": {"0": "c"}}}."""

import re
from typing import Any
from urllib.parse import parse_qsl

from connectors.crm.errors import MessageBroken

MOST_PAIRS = 20_000
DEEPEST = 10
_STEP = re.compile(r"\[([^\[\]]*)\]")


def parse_form(body: bytes) -> dict[str, Any]:
    """The objects in a form's body; an empty pair of brackets counts on from 0. Raises `MessageBroken`."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_PAIRS)
    except ValueError:
        raise MessageBroken("expected a form (application/x-www-form-urlencoded)") from None
    form: dict[str, Any] = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        steps = [head, *_STEP.findall(f"[{rest}")] if rest else [name]
        if len(steps) > DEEPEST:
            raise MessageBroken(f"expected names of at most {DEEPEST} parts")
        _put(form, steps, value)
    return form


def _put(form: dict[str, Any], steps: list[str], value: str) -> None:
    place = form
    for step in steps[:-1]:
        below = place.setdefault(step or str(len(place)), {})
        if not isinstance(below, dict):
            raise MessageBroken("expected a name to hold either a value or further names")
        place = below
    place[steps[-1] or str(len(place))] = value


def values_of(form: object) -> list[Any]:
    """What a form's numbered names hold, in their order."""
    return [*form.values()] if isinstance(form, dict) else []
