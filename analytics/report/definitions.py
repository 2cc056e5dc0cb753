"""Which metric of the contract each number of the report is: paths in `Report`, without positions, to keys."""

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

_ROWS = ("whole", "tables.rows")

_CONVERSION = {
    "rate": "conversion",
    "shrunk": "conversion",
    "never_tried": "never_tried",
    "expected": "expected_conversion",
}
_RESPONSE = {
    "attempt_median": "first_attempt",
    "attempt_ninetieth": "first_attempt",
    "conversation_median": "first_conversation",
    "conversation_ninetieth": "first_conversation",
    "kept": "promise_kept",
    "never_tried": "never_tried",
    "never_reached": "never_reached",
}
_SPEED = {
    "soon": "conversion",
    "later": "conversion",
    "raw": "raw_speed_effect",
    "adjusted": "speed_effect",
    "allowing_hidden": "speed_effect",
    "wins_lost": "wins_lost_to_delay",
    "bars.raw": "conversion",
    "bars.adjusted": "conversion",
}
_COST = {
    "spend": "spend",
    "per_win": "cac",
    "per_expected_win": "expected_cac",
    "per_qualified": "cost_per_qualified_lead",
    "shrunk": "cac",
}
_AGENT = {
    "attempts": "attempts",
    "reach": "reach",
    "talk_s": "talk",
    "follow_up_kept": "follow_up_kept",
    "reasons_filled": "lost_reason_filled",
}
_RESULT = {"result.against_expected": "won_against_expected"}
_SIDES = ("before", "after", "change")
_ENTRY = {"promised": "promised", "delivered": "delivered", "ratio": "delivered_for_promised"}
_PART = {"before": "conversion", "after": "conversion", "mix": "mix", "handling": "handling"}
_WATERFALL = {
    **_PART,
    "total": "change",
    "smallest": "smallest_change",
    "smallest_mix": "smallest_change",
    "smallest_handling": "smallest_change",
    "corrected": "mix",
    "within": "mix",
    "cells.mix": "mix",
    "cells.handling": "handling",
}


def _paths() -> Iterator[tuple[str, str]]:
    groups = (
        (("change",), _WATERFALL),
        (("change.parts.rows",), _PART),
        (("conversion.whole", "conversion.tables.rows", "conversion.weeks"), _CONVERSION),
        (tuple(f"response.{rows}" for rows in _ROWS), _RESPONSE),
        (("response.hours",), {"attempt_median": "first_attempt", "kept": "promise_kept"}),
        (("response.speed",), _SPEED),
        (tuple(f"cost.{rows}" for rows in _ROWS), _COST),
        (("cost.budget",), {"wins": "marginal_wins"}),
        (("conversations.whole", "conversations.agents"), {**_AGENT, **_RESULT}),
        (("conversations",), {"differ": "won_against_expected"}),
        (("ledger.whole", "ledger.tables.rows", "ledger.alarms.entry"), _ENTRY),
        (("ledger",), {"lift": "lift"}),
        (("ledger.curve",), {"promised": "expected_conversion", "delivered": "conversion"}),
        (("drift.fields",), {"size": "drift"}),
    )
    costs = {name: _COST[name] for name in ("per_win", "per_qualified")}
    for part, own in (("response", _RESPONSE), ("cost", costs), ("conversations", _AGENT)):
        for (name, key), side in product(own.items(), _SIDES):
            yield f"{part}.compared.{name}.{side}", key
    for places, own in groups:
        for place, (name, key) in product(places, own.items()):
            yield f"{place}.{name}", key


DEFINITIONS: Mapping[str, str] = MappingProxyType(dict(_paths()))
