"""A record as it was when its lead arrived, from the changes of its properties since."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.crm.history.pages import Change
from connectors.crm.mapping import FieldMapping
from connectors.crm.record import Raw, read_time

SETTLED = timedelta(minutes=10)
"""After so long what a form and its automations fill in is there; what comes later, people or outcomes fill in."""

Timed = tuple[datetime, Change]


def rebuild_at_arrival(raw: Raw, changes: Sequence[Change], arrived: datetime, mapping: FieldMapping) -> dict[str, Any]:
    """The record as of `SETTLED` after its arrival; a property of which no change is told is as it is now."""
    then = dict(raw)
    for name in mapping.properties:
        its = order_changes(changes, name)
        if its and name not in (mapping.id, mapping.created_at):
            then[name] = find_value(its, arrived + SETTLED)
    return then


def order_changes(changes: Sequence[Change], name: str) -> list[Timed]:
    """The changes of one property with their times, in their order; those without a time that can be read are left."""
    timed = [(at, one) for one in changes if one.name == name and (at := read_time(one.at)) is not None]
    return sorted(timed, key=lambda pair: pair[0])


def find_value(changes: Sequence[Timed], at: datetime) -> Any:
    """What a property held at a time: the newest value until then, or what it was before its first change."""
    until = [one.value for time, one in changes if time <= at]
    return until[-1] if until else changes[0][1].before


def find_untold(mapping: FieldMapping, told: Collection[str]) -> list[str]:
    """The fields that are taken as they are now, because no change of them is told, under the company's names."""
    return [ours for ours, theirs in mapping.fields.items() if theirs not in told]
