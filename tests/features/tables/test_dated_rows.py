"""Rows that are dated before the arrival of their lead."""

from datetime import UTC, datetime

from features.tables.dated_rows import DatedRows
from features.tables.fact_batches import batch_of


def rows(*held: tuple[int, str | None, datetime | None]) -> DatedRows:
    made = DatedRows("at")
    for number, lead_id, time in held:
        made.add(batch_of([{"lead_id": lead_id, "at": time}], [number]))
    return made


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


ARRIVALS = rows((2, "b", at(2, 9)), (3, "a", at(5)))


def test_rows_before_the_arrival_of_their_own_lead_are_found() -> None:
    found = rows((2, "a", at(4)), (3, "b", at(4)), (4, "a", at(5)), (5, "b", at(2, 8)), (6, "b", at(1)))
    assert found.before(ARRIVALS).tolist() == [2, 5, 6]


def test_a_day_without_an_hour_is_not_before_an_arrival_on_that_day() -> None:
    assert rows((2, "b", at(2))).before(ARRIVALS).tolist() == []


def test_rows_of_no_lead_or_without_a_time_say_nothing() -> None:
    assert rows((2, "z", at(1)), (3, None, at(1)), (4, "a", None)).before(ARRIVALS).tolist() == []
    assert rows((2, "a", at(1))).before(rows()).tolist() == []
    assert rows().before(ARRIVALS).tolist() == []
