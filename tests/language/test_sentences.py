"""Sentences that were stored in English, written in Russian from the templates that they were made from."""

from language.choice import use_language
from language.sentences import Sentences

REASONS = Sentences(
    (
        "is missing",
        ("is %(num)s day before arrival", "is %(num)s days before arrival"),
        "is %(answer)s",
    )
)
DECISIONS = Sentences(
    (
        "held, because %(comparison)s",
        "%(one)s is worse than %(other)s in log loss by %(gain)s [%(low)s, %(high)s] on %(leads)s leads",
        "base rate",
    ),
    is_nested=True,
)


def test_the_first_template_that_fits_counts_and_numbers_take_their_form() -> None:
    with use_language("ru"):
        found = [
            REASONS.translate(text) for text in ("is missing", "is 3 days before arrival", "is 21 days before arrival")
        ]
        assert found == ["не указано", "за 3 дня до поступления", "за 21 день до поступления"]
        assert REASONS.translate("is 41.5") == "41,5"
        assert REASONS.translate("is Director, grade 2") == "Director, grade 2"


def test_what_no_template_fits_stays_and_english_is_as_it_was() -> None:
    with use_language("ru"):
        assert REASONS.translate("was never like this") == "was never like this"
    assert REASONS.translate("is 41.5") == "is 41.5"


def test_a_sentence_may_hold_another() -> None:
    said = "held, because trees is worse than base rate in log loss by -0.0021 [-0.0030, -0.0012] on 1,200 leads"
    with use_language("ru"):
        assert DECISIONS.translate(said) == (
            "не назначена: trees хуже эталона «базовая доля» по логарифмической ошибке: "
            "-0,0021 [-0,0030; -0,0012], лидов: 1\xa0200"
        )


def test_data_in_a_sentence_is_not_translated_unless_it_may_hold_another() -> None:
    with use_language("ru"):
        assert REASONS.translate("is is missing") == "is missing"
