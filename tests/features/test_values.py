"""What each kind reads from what CRMs write, and what it refuses."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.values import (
    ACCEPTED,
    Kind,
    ValueRefused,
    is_missing,
    outcome_key,
    parse_datetime,
    parse_flag,
    parse_number,
    parse_text,
    parser,
    same_text,
    text_of,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (" a \t b\n", "a b"),
        (True, "true"),
        (np.float64(2), "2"),
        (1.0, "1"),
        ("1.0", "1"),
        ("-12.00", "-12"),
        (1, "1"),
        ("1.5", "1.5"),
        ("v1.0", "v1.0"),
        ("1.0.0", "1.0.0"),
        (1e16, "10000000000000000"),
        (float("inf"), "inf"),
        (Decimal("3.00"), "3"),
        ("\u00a0x\u2003", "x"),
    ],
)
def test_text_is_trimmed_and_whole_numbers_have_one_spelling(raw: object, text: str) -> None:
    assert text_of(raw) == text


@given(st.text() | st.floats() | st.integers() | st.booleans())
def test_text_read_again_is_the_same_text(raw: object) -> None:
    assert text_of(text_of(raw)) == text_of(raw)


def test_values_are_compared_without_regard_to_case() -> None:
    assert same_text(" GROẞE  Straße") == same_text("grosse strasse")


@pytest.mark.parametrize("raw", [1, 1.0, True, "1", "1.0", " TRUE "])
def test_for_outcomes_1_and_true_are_one_value(raw: object) -> None:
    assert outcome_key(raw) == "1"


@pytest.mark.parametrize("raw", [None, float("nan"), np.float32("nan"), pd.NaT, "", "  \n", "\u00a0", Decimal("nan")])
def test_nothing_is_missing(raw: object) -> None:
    assert is_missing(raw)


@pytest.mark.parametrize("raw", [0, False, "0", "nan", "none", [], {}, float("inf")])
def test_zero_no_and_words_are_not_missing(raw: object) -> None:
    assert not is_missing(raw)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("12", 12.0),
        (" -3.5 ", -3.5),
        ("1e3", 1000.0),
        ("1,234", 1234.0),
        ("1,234,567.89", 1234567.89),
        ("1 234.5", 1234.5),
        ("1\u202f234", 1234.0),
        ("1'234.5", 1234.5),
        ("1.234", 1.234),
        ("$1,200", 1200.0),
        ("99 %", 99.0),
        ("7 €", 7.0),
        (Decimal("1.10"), 1.1),
        (2**70, float(2**70)),
        (np.int8(-3), -3.0),
        ("nan", None),
    ],
)
def test_numbers_are_read_as_people_write_them(raw: object, number: float | None) -> None:
    assert parse_number(raw) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,5", 1.5), ("1.234,5", 1234.5), ("1.234", 1234.0), ("1 234,5", 1234.5), ("-1.234.567", -1234567.0), ("2", 2.0)],
)
def test_with_a_decimal_comma_points_stand_between_thousands(text: str, number: float) -> None:
    assert parse_number(text, ",") == number


@pytest.mark.parametrize(
    ("raw", "decimal"),
    [
        ("abc", "."),
        ("12 days", "."),
        ("1.234,5", "."),
        ("1,234.5", ","),
        ("1 234,567.5", "."),
        ("1,23", "."),
        ("1.234.567", "."),
        ("1_000", "."),
        ("inf", "."),
        ("1e999", "."),
        (float("-inf"), "."),
        (10**400, "."),
        (True, "."),
        ([1], "."),
        ({}, "."),
        (NOON, "."),
    ],
)
def test_what_could_be_read_two_ways_or_is_no_number_is_refused(raw: object, decimal: str) -> None:
    with pytest.raises(ValueRefused):
        parse_number(raw, decimal)


def test_there_is_one_zero() -> None:
    assert [str(parse_number(zero)) for zero in ("-0", -0.0, 0)] == ["0.0", "0.0", "0.0"]


@pytest.mark.parametrize("raw", [True, 1, 1.0, "1", "1.0", "Yes", " y ", "TRUE", "on"])
def test_yes_in_all_its_words(raw: object) -> None:
    assert parse_flag(raw) is True


@pytest.mark.parametrize("raw", [False, 0, 0.0, -0.0, "0", "0.0", "No", "n", "False", "off"])
def test_no_in_all_its_words(raw: object) -> None:
    assert parse_flag(raw) is False


@pytest.mark.parametrize("raw", [2, "maybe", "yes!", [True], None, 0.5])
def test_a_flag_is_yes_or_no_and_nothing_else(raw: object) -> None:
    with pytest.raises(ValueRefused):
        parse_flag(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-02T12:00:00Z",
        "2026-11-02 12:00",
        " 2026-11-02T13:00:00+01:00 ",
        datetime(2026, 11, 2, 12),
        datetime(2026, 11, 2, 9, tzinfo=timezone(timedelta(hours=-3))),
        pd.Timestamp("2026-11-02 12:00"),
        pd.Timestamp("2026-11-02 13:00", tz="Europe/Berlin"),
    ],
)
def test_times_are_read_in_utc_and_without_a_zone_are_utc(raw: object) -> None:
    time = parse_datetime(raw)
    assert time == NOON
    assert (type(time), time.tzinfo) == (datetime, UTC)


@pytest.mark.parametrize("raw", ["2026-11-02", date(2026, 11, 2)])
def test_a_date_alone_is_its_midnight(raw: object) -> None:
    assert parse_datetime(raw) == datetime(2026, 11, 2, tzinfo=UTC)


def test_a_format_is_tried_before_iso_which_is_read_as_well() -> None:
    assert parse_datetime("02.11.2026 12:00", "%d.%m.%Y %H:%M") == NOON
    assert parse_datetime("2026-11-02T12:00:00Z", "%d.%m.%Y %H:%M") == NOON
    assert parse_datetime("2026-02-11", "%Y-%d-%m") == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "02.11.2026",
        "tomorrow",
        "2026-13-01",
        "",
        1762084800,
        20261102.0,
        True,
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-01:00",
        pd.Timestamp(np.datetime64("20000-01-01", "s")),
        [],
    ],
)
def test_what_is_no_time_or_beyond_the_calendar_is_refused(raw: object) -> None:
    with pytest.raises(ValueRefused):
        parse_datetime(raw)


def test_text_may_come_as_number_date_or_flag() -> None:
    assert [parse_text(raw) for raw in (5, 5.0, True, date(2026, 1, 2), " a  b ")] == [
        "5",
        "5",
        "true",
        "2026-01-02",
        "a b",
    ]


@pytest.mark.parametrize("raw", [{"a": 1}, ["a"], ("a",), {"a"}, b"a"])
def test_what_holds_several_values_is_not_text(raw: object) -> None:
    with pytest.raises(ValueRefused):
        parse_text(raw)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (Kind.NUMERIC, "1,5", 1.5),
        (Kind.FLAG, "yes", True),
        (Kind.DATETIME, "2.11.2026", datetime(2026, 11, 2, tzinfo=UTC)),
        (Kind.CATEGORY, " A ", "A"),
        (Kind.TEXT, 1, "1"),
        (Kind.EMAIL, "a@b.de", "a@b.de"),
        (Kind.PHONE, 49301.0, "49301"),
    ],
)
def test_each_kind_has_its_parser(kind: Kind, raw: object, value: object) -> None:
    assert parser(kind, ",", "%d.%m.%Y")(raw) == value


def test_each_kind_says_what_it_accepts() -> None:
    assert set(ACCEPTED) == set(Kind)
