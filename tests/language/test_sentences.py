"""Sentences that were stored in English, written in Russian from the templates that they were made from."""

from language.choice import use_language
from language.sentences import Sentences

DAYS = "%(num)s day before arrival", "%(num)s days before arrival"
REASONS = Sentences(("not given", DAYS, "%(answer)s"))
REWRITTEN = Sentences(rewrites={"is missing": "not given"})
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
        found = [REASONS.translate(text) for text in ("not given", "3 days before arrival", "21 days before arrival")]
        assert found == ["не указано", "за 3 дня до поступления", "за 21 день до поступления"]
        assert REASONS.translate("41.5") == "41,5"
        assert REASONS.translate("Director, grade 2") == "Director, grade 2"


def test_what_no_template_fits_stays_and_english_is_as_it_was() -> None:
    with use_language("ru"):
        assert REWRITTEN.translate("was never like this") == "was never like this"
    assert REASONS.translate("41.5") == "41.5"


def test_what_is_rewritten_reads_anew_in_every_language() -> None:
    assert REWRITTEN.translate("is missing") == "not given"
    with use_language("ru"):
        assert REWRITTEN.translate("is missing") == "не указано"


def test_a_sentence_may_hold_another() -> None:
    said = "held, because trees is worse than base rate in log loss by -0.0021 [-0.0030, -0.0012] on 1,200 leads"
    with use_language("ru"):
        assert DECISIONS.translate(said) == (
            "не назначена: trees хуже эталона «базовая доля» по логарифмической ошибке: "
            "-0,0021 [-0,0030; -0,0012], лидов: 1\xa0200"
        )


def test_data_in_a_sentence_is_not_translated_unless_it_may_hold_another() -> None:
    with use_language("ru"):
        assert REASONS.translate("not given, not given") == "not given, not given"
