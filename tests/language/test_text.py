"""Texts, numbers and dates in the language of the moment."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from language.choice import use_language
from language.dates import write_date
from language.numbers import whole, write_number
from language.text import gettext, ngettext

AT = datetime(2026, 11, 3, 9, 5, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.mark.parametrize(
    ("number", "english", "russian"),
    [
        (1, "1 day", "1 день"),
        (3, "3 days", "3 дня"),
        (11, "11 days", "11 дней"),
        (1_021, "1,021 days", "1\xa0021 день"),
    ],
)
def test_a_count_has_the_form_that_goes_with_it(number: int, english: str, russian: str) -> None:
    def written() -> str:
        return ngettext("%(num)s day", "%(num)s days", number)

    assert written() == english
    with use_language("ru"):
        assert written() == russian


def test_a_text_takes_its_values_and_one_without_translation_stays() -> None:
    with use_language("ru"):
        assert gettext("overdue by %(duration)s", duration="5 мин") == "просрочка 5 мин"
        assert gettext("Nobody translates 100 % of this") == "Nobody translates 100 % of this"
        assert gettext("") == ""


def test_numbers_have_the_separators_of_the_language() -> None:
    assert [whole(1_234_567.8), write_number(-0.42, ",.2f"), write_number(-0.04, ",.1f")] == [
        "1,234,568",
        "−0.42",
        "0.0",
    ]
    with use_language("ru"):
        assert [whole(1_234_567.8), write_number(-0.42, ",.2f")] == ["1\xa0234\xa0568", "−0,42"]


def test_dates_have_the_names_of_the_language() -> None:
    assert [write_date(AT, "EEE HH:mm"), write_date(AT.date(), "d MMM")] == ["Tue 09:05", "3 Nov"]
    with use_language("ru"):
        assert [write_date(AT, "EEE HH:mm"), write_date(AT.date(), "d MMMM")] == ["вт 09:05", "3 ноября"]
