"""Moments are kept in the form that SQLAlchemy gives SQLite's times, so that those of older stores compare."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from serving.store.tables import Moment


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        None,
    ],
)
def test_a_moment_is_written_as_sqlalchemy_writes_times(moment: datetime | None) -> None:
    dialect = sqlite.dialect()
    written = Moment().dialect_impl(dialect).bind_processor(dialect)
    of_sqlalchemy = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert written is not None
    assert of_sqlalchemy is not None
    assert written(moment) == of_sqlalchemy(moment and moment.astimezone(UTC).replace(tzinfo=None))
