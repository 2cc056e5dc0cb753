"""Which metric of the contract each number of a report is: the metadata of its dataclass field, read from the types.

A field says its metric as `field(metadata={"metric": "conversion"})`. What stands inside a field without saying of
itself what it is, such as both periods of a comparison, is of the field's metric.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from stats.estimates import Estimate


def metrics_of(kind: type) -> dict[str, str | None]:
    """The metric's key of each field of a dataclass; None where a field names none."""
    return {one.name: one.metadata.get("metric") for one in fields(kind)}


def definitions(kind: type) -> dict[str, str]:
    """The metric's key by the path of each number, without positions, such as "cost.tables.rows.per_win"."""
    return dict(_numbers(kind, "", None))


def _numbers(kind: type, path: str, inherited: str | None) -> Iterator[tuple[str, str]]:
    made_of = get_origin(kind) or kind
    hints = get_type_hints(made_of)
    filled = dict(zip(getattr(made_of, "__parameters__", ()), get_args(kind), strict=True))
    for name, own in metrics_of(made_of).items():
        here, key = f"{path}.{name}".lstrip("."), own or inherited
        kinds = (filled.get(one, one) for one in _kinds_in(hints[name]))
        inner = [one for one in kinds if is_dataclass(get_origin(one) or one) and one is not Estimate]
        if not inner and key and (own or hints[name] is Estimate):
            yield here, key
        for one in inner:
            yield from _numbers(one, here, key)


def _kinds_in(hint: Any) -> Iterator[type]:
    """The types that a hint such as `tuple[Cost, ...]` or `Cost | None` is made of; `RowsBy[Cost]` is one."""
    arguments = () if is_dataclass(get_origin(hint)) else get_args(hint)
    if not arguments:
        yield hint
    for argument in arguments:
        yield from _kinds_in(argument)
