import hashlib

import pytest

from analytics.metrics import CONTRACT, METRICS, UnknownMetric, contract_table, metric


def test_each_number_is_defined_once() -> None:
    assert len({number.key for number in CONTRACT}) == len(CONTRACT)
    assert len({number.name for number in CONTRACT}) == len(CONTRACT)
    assert metric("conversion") is METRICS["conversion"]


def test_each_definition_is_whole() -> None:
    assert all(number.formula and number.window and number.key.isidentifier() for number in CONTRACT)


def test_handling_is_never_sales_alone_and_says_what_it_holds() -> None:
    assert metric("handling").owner == "both"
    assert "how leads were worked, plus any quality our fields don't capture" in metric("handling").name


def test_an_unknown_number_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownMetric, match="there is no metric 'roi'; the contract has conversion, "):
        metric("roi")


def test_the_table_has_a_row_for_each_number() -> None:
    rows = contract_table().splitlines()
    assert len(rows) == 2 + len(CONTRACT)
    assert rows[2] == (
        "| Conversion from lead to customer (`conversion`) | leads won within the horizon, divided by all leads that "
        "arrived, worked or not | leads that arrived in the period and are older than the horizon | both | share | 1 |"
    )
    assert all(row.count("|") == 7 for row in rows)


def test_a_changed_definition_is_a_new_version() -> None:
    """A definition that changes needs a line in its `changes`, which is the next version, and then its new print."""
    prints = {number.key: (number.version, _print(number.formula + number.window)) for number in CONTRACT}
    assert prints == PRINTS


def _print(definition: str) -> str:
    return hashlib.sha256(definition.encode()).hexdigest()[:8]


PRINTS = {
    "conversion": (1, "5b93caa7"),
    "expected_conversion": (1, "62850542"),
    "never_tried": (1, "01ce0334"),
    "never_reached": (1, "fb25c266"),
    "change": (1, "65010c5c"),
    "mix": (2, "f19dc582"),
    "handling": (2, "4bd38100"),
    "quality_over_time": (1, "a5445ce9"),
    "handling_over_time": (1, "72ba3577"),
    "smallest_change": (2, "abe668b6"),
    "first_attempt": (1, "e68dbe5d"),
    "first_conversation": (1, "dfa6287d"),
    "promise_kept": (1, "0f941f01"),
    "raw_speed_effect": (1, "c3439309"),
    "speed_effect": (2, "2067f878"),
    "wins_lost_to_delay": (2, "fc253419"),
    "spend": (1, "733bfff3"),
    "cac": (2, "204e2139"),
    "expected_cac": (2, "676517a4"),
    "cost_per_qualified_lead": (2, "17e4dbe0"),
    "marginal_wins": (2, "ef3121cf"),
    "attempts": (1, "a1eda7ab"),
    "reach": (1, "24ef2d60"),
    "talk": (1, "10e319b4"),
    "follow_up_kept": (1, "74ce88fa"),
    "lost_reason_filled": (1, "6426ae63"),
    "won_against_expected": (1, "dc887144"),
    "promised": (2, "7edf8ee4"),
    "delivered": (2, "8ed8834f"),
    "delivered_for_promised": (2, "5a046ff8"),
    "lift": (2, "e4e66db8"),
    "drift": (1, "96ae935e"),
}
