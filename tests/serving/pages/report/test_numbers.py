"""Where a number stands in the report, found by what takes it from there."""

import pytest

from serving.pages.report.numbers import trace


def test_a_path_has_the_attributes_and_positions_that_were_asked_for() -> None:
    assert trace(lambda report: report.response.tables[1].rows[2].kept) == ("response", "tables", 1, "rows", 2, "kept")


def test_what_stands_in_for_a_report_cannot_be_looped_over_for_ever() -> None:
    with pytest.raises(TypeError, match="not iterable"):
        trace(lambda report: [table for table in report.response.tables if table.by])
