"""Cells that a spreadsheet would run are guarded in a file, and read back as they were."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.tables.csv import read_csv
from features.tables.formula_guard import guarded, unguarded

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff") | st.sampled_from("=+-@\t\r'\",;0.")
).filter(bool)

NAMES = TEXTS.map(str.strip).filter(lambda name: name and not set(name) & set(";|\t"))
"""Without what a file may have instead of commas: with those it could truly be read in two ways."""


@pytest.mark.parametrize("text", ["=1+1", "+44 20 7946 0018", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "--5", "-5-3", "+"])
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(f"'{text}") == text


@pytest.mark.parametrize("text", ["-5", "+3.25", "-1,5", "-2e-7", "a=b", "O'Neill", "'quoted'", "", "1-2"])
def test_plain_numbers_and_harmless_text_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


def test_text_that_looks_guarded_is_guarded_once_more() -> None:
    assert guarded("'=1") == "''=1"
    assert unguarded("''=1") == "'=1"


@given(TEXTS)
def test_no_guarded_cell_begins_as_a_formula_does(text: str) -> None:
    written = guarded(text)
    assert unguarded(written) == text
    if written[0] in "=+-@\t\r":
        float(written.replace(",", "."))  # a plain number, or this raises


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), NAMES)
def test_a_written_table_is_read_as_it_was(rows: list[tuple[str, str]], name: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([guarded(cell) for cell in row] for row in [("id", f"{name} of it"), *rows])

    frame = read_csv(file.getvalue().encode(), "t")

    assert list(frame.columns) == ["id", f"{name} of it"]
    assert list(frame.itertuples(index=False, name=None)) == rows
