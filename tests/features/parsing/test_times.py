"""Times as machines and people write them: each is read to the very moment, in UTC, or refused."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.parsing.months import _LANGUAGES, month_of
from features.schema_inference.date_formats import ISO, parse_times
from features.values import ValueRefused, parse_datetime

NOON = datetime(2025, 1, 2, 12, 16, 47, tzinfo=UTC)
DAY = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-02T12:16:47.000+0000",
        "2025-01-02T12:16:47.000000+00:00",
        "2025-01-02 12:16:47 UTC",
        "2025-01-02 12:16:47 +0000 UTC",
        "2025-01-02 12:16:47+00",
        "2025-01-02 15:16:47.000000000 +0300 MSK",
        "2025-01-02T12:16:47Z[UTC]",
        "2025-01-02 13:16:47.000 Europe/Berlin",
        "Thu Jan 02 2025 15:16:47 GMT+0300 (Moscow Standard Time)",
        "Thu, 02 Jan 2025 12:16:47 +0000",
        "Thu, 02 Jan 2025 12:16:47 GMT",
        "Thu Jan  2 12:16:47 2025",
        "Thu Jan  2 12:16:47 UTC 2025",
        "Thu Jan 02 12:16:47 +0000 2025",
        "20250102T121647Z",
        "20250102121647",
        "/Date(1735820207000)/",
        "Jan 2, 2025 7:16:47 AM EST",
        "January 2nd, 2025 at 12:16:47 PM",
        "02-JAN-25 12.16.47.000000 PM",
        "2 janvier 2025 à 12:16:47",
        "2. Jan. 2025 12:16:47 Uhr",
        "2 de enero de 2025, 12:16:47 p. m.",
        "2 января 2025 г., 12:16:47",
    ],
)
def test_a_moment_is_read_whoever_wrote_it(text: str) -> None:
    assert parse_datetime(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "20250102",
        "2025/01/02",
        "2025.1.2",
        "2. Januar 2025",
        "2 janv. 2025",
        "2 ene 2025",
        "2 de janeiro de 2025",
        "2 gennaio 2025",
        "2 stycznia 2025",
        "2 янв. 2025",
        "2. ledna 2025",
        "2 Oca 2025",
        "2025年1月2日",
        "02-Jan-25",
        "Thursday, January 2, 2025",
    ],
)
def test_a_day_is_its_midnight_in_any_language(text: str) -> None:
    assert parse_datetime(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "1/2/2025",
        "02.01.2025",
        "2 Foo 2025",
        "2025-02-30",
        "2025-01-02 12:16:47 IST",
        "2025-01-02 12:16:47 +0000 WHAT",
        "2025-01-02 25:00",
        "2025-01-02 13:00 PM",
        "1001-5000",
        "10-50",
        "5 dec",
        "x" * 500,
    ],
)
def test_what_could_be_two_days_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused):
        parse_datetime(text)


@pytest.mark.parametrize(
    ("raw", "date_format", "time"),
    [
        ("01/02/2025", "%m/%d/%Y %I:%M %p", DAY),
        ("01/02/2025 12:16:47 PM", "%m/%d/%Y", NOON),
        ("02.01.2025 15:16:47 +0300", "%d.%m.%Y %H:%M", NOON),
        ("2. 1. 2025", "%d. %m. %Y", DAY),
        ("2025-01-02", "%d.%m.%Y", DAY),
        ("2 января 2025", "%d %B %Y", DAY),
        ("12:16 on 02.01.2025", "%H:%M on %d.%m.%Y", NOON.replace(second=0)),
        ("1735820207", "unix_s", NOON),
        (1735820207, "unix_s", NOON),
        (1735820207000.0, "unix_ms", NOON),
        ("45659", "excel", DAY),
        ("45659,0", "excel", DAY),
        (20250102, "%Y%m%d", DAY),
    ],
)
def test_a_format_reads_its_day_with_any_time_behind_it(raw: object, date_format: str, time: datetime) -> None:
    assert parse_datetime(raw, date_format) == time


@pytest.mark.parametrize("raw", ["02.01.25", "13/01/2025", "01/02/2025 noon", "x", 10**400, float("nan"), True])
def test_what_a_format_does_not_read_is_refused(raw: object) -> None:
    with pytest.raises(ValueRefused):
        parse_datetime(raw, "%m/%d/%Y")
    with pytest.raises(ValueRefused):
        parse_datetime(raw, "unix_ms")


def test_no_month_has_the_name_of_another() -> None:
    names = [
        (name, number)
        for listed in _LANGUAGES.values()
        for number, words in enumerate(listed.split(","), 1)
        for name in words.split()
    ]
    assert all(month_of(name) == number for name, number in names)
    assert all(listed.count(",") == 11 for listed in _LANGUAGES.values())


MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1))
FORMATS = ["%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%y %I:%M %p", "%d %b %Y", "%Y%m%d", "%Y"]


@given(st.lists(MOMENTS, min_size=1, max_size=4), st.sampled_from(FORMATS), st.sampled_from([*FORMATS, ISO]))
def test_a_column_read_at_once_is_read_as_its_texts_one_by_one(
    moments: list[datetime], written: str, date_format: str
) -> None:
    texts = [moment.strftime(written) for moment in moments]

    def alone(text: str) -> np.datetime64:
        try:
            return np.datetime64(parse_datetime(text, date_format or None).replace(tzinfo=None), "us")
        except ValueRefused:
            return np.datetime64("NaT", "us")

    if date_format == "%Y":
        return
    expected = pd.Series([alone(text) for text in texts], dtype="datetime64[us]")
    assert pd.Series(parse_times(texts, date_format)).equals(expected)
