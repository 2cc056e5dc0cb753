"""Free text: frequent words."""

import numpy as np

from features.values import Kind
from tests.features.encoders.fitting import fitted, names, row


def test_text_becomes_its_frequent_words_and_how_many_there_are() -> None:
    encoder = fitted(["Director of Sales"] * 3 + ["Sales-Director, DACH", "intern"], Kind.TEXT)
    assert names(encoder) == ["x contains director", "x contains sales", "x contains of", "x words"]
    assert row(encoder, "director director x") == [1.0, 0.0, 0.0, 1.0]
    assert np.isnan(row(encoder, "")).all()
    assert encoder.describe(0, 0, "A Director", None) == "contains director"
    assert encoder.describe(0, 1, "A Director", None) == "does not contain sales"
    assert encoder.describe(0, 3, "A Director", None) == "has 1 different words"
