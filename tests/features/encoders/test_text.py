"""Free text: frequent short texts, and frequent words."""

import numpy as np

from features.encoders.text import Text
from features.values import Kind
from tests.features.encoders.fitting import fitted, names, row

REMARK = "{number} asked for a call back next week, after the meeting with the board of directors"


def test_text_becomes_its_frequent_words_and_how_many_there_are() -> None:
    encoder = fitted([REMARK.format(number=number) for number in range(3)] + ["Directors, DACH", "intern"], Kind.TEXT)
    assert names(encoder)[:2] == ["x contains directors", "x contains after"]
    assert names(encoder)[-1] == "x words"
    here = row(encoder, "directors directors x")
    assert (here[:2], here[-1]) == ([1.0, 0.0], 1.0)
    assert np.isnan(row(encoder, "")).all()
    assert encoder.describe(0, 0, "Our Directors", None) == "contains directors"
    assert encoder.describe(0, 1, "Our Directors", None) == "does not contain after"
    assert encoder.describe(0, len(here) - 1, "Our Directors", None) == "has 2 different words"


def test_a_short_text_that_comes_again_has_a_code_and_its_own_words_need_no_column() -> None:
    encoder = fitted(["Director of Sales"] * 3 + ["Sales-Director, DACH", "intern"], Kind.TEXT)
    assert names(encoder) == ["x text", "x contains director", "x contains sales", "x words"]
    assert row(encoder, "director of SALES ") == [0.0, 1.0, 1.0, 3.0]
    assert row(encoder, "intern") == [1.0, 0.0, 0.0, 1.0]
    assert encoder.describe(0, 0, "Director of Sales", None) == "is Director of Sales"
    assert encoder.describe(0, 0, "intern", None) == "is a rare text"
    assert encoder.describe(0, 2, "intern", None) == "does not contain sales"


def test_a_text_encoder_of_before_has_no_codes() -> None:
    before = Text.from_state({"field": "x", "words": ["director"]})
    assert [column.name for column in before.columns] == ["x contains director", "x words"]
    assert before.encode_value("A Director") == (1.0, 1.0)
