"""What kind of field a column is, and which of its values stand for nothing, as its values tell."""

import pandas as pd
import pytest

from features.schema_inference.columns import Column
from features.schema_inference.table_profile import profile_column
from features.values import Kind


def kind_of(values: list[str], name: str = "field") -> Kind:
    return profile_column(Column.of(pd.Series(values, dtype="str"), name), ".", "").kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "1,200"], Kind.NUMERIC),
        (["1", "0", "1"], Kind.FLAG),
        (["Yes", "no", "YES"], Kind.FLAG),
        (["yes", "", "yes"], Kind.FLAG),
        (["red", "blue", "blue"], Kind.CATEGORY),
        (["01234", "00987", "55555"], Kind.CATEGORY),
        (["2024-01-02", "2024-02-03T10:00:00Z"], Kind.DATETIME),
        (["a@b.de", "c@d.com"], Kind.EMAIL),
        (["+49 170 1234567", "+1 (212) 555-0100"], Kind.PHONE),
        ([f"{rank} of {area}" for rank in "ABCDEFGH" for area in "stuvwxyz"], Kind.TEXT),
        (["A and B", "C and D"] * 50, Kind.CATEGORY),
    ],
)
def test_kinds_are_told_by_the_values(values: list[str], kind: Kind) -> None:
    assert kind_of(values) == kind


def test_digits_are_what_their_name_says() -> None:
    assert kind_of(["9161234567", "9161234568"], "Mobile") == Kind.PHONE
    assert kind_of(["12345", "54321"], "zip_code") == Kind.CATEGORY
    assert kind_of(["12345", "54321"], "amount") == Kind.NUMERIC


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (["999"] * 90 + ["3", "6", "27"] * 4, ("999",)),
        (["-1"] * 50 + ["1", "180", "871"] * 9, ("-1",)),
        (["999"] * 3 + [str(number) for number in range(0, 1500, 5)], ()),
        (["-1", "-2", "5", "7"] * 9, ()),
        (["-1", "0.5", "7.25"] * 9, ()),
        (["yes", "no", "unknown"] * 5, ("unknown",)),
        (["known", "unknown"] * 5, ()),
        (["Select", "N/A", "-", "HR", "IT"] * 5, ("Select", "N/A", "-")),
        (["none", "basic", "premium"] * 5, ()),
        (["5", "7", "n/a"] * 5, ("n/a",)),
    ],
)
def test_placeholders_are_told_from_answers(values: list[str], missing: tuple[str, ...]) -> None:
    assert profile_column(Column.of(pd.Series(values, dtype="str"), "days"), ".", "").missing == missing


CHOICES = ("python", "sql", "java", "excel", "sales")
LISTS = [(first, second) for first in CHOICES for second in CHOICES if first != second]


@pytest.mark.parametrize("mark", [";", ",", "|", ", ", " | "])
def test_cells_of_several_choices_are_text_so_that_each_choice_counts(mark: str) -> None:
    assert kind_of([*map(mark.join, LISTS), *CHOICES] * 3, "skills") is Kind.TEXT


def test_places_and_a_few_lists_are_categories() -> None:
    places = [f"Town{number:02}, {'TX' if number % 2 else 'CA'}" for number in range(20)]
    assert kind_of(places * 5, "place") is Kind.CATEGORY
    assert kind_of(["a;b", "a", "b"] * 30, "choice") is Kind.CATEGORY
