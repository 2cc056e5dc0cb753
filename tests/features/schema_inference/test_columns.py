"""Values that stand for nothing, and codes that only look like it."""

import pandas as pd
import pytest

from features.schema_inference.columns import Column, date_placeholders, word_placeholders


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["NA", "EMEA", "APAC", "LATAM"], ()),
        (["NA", "DE", "US", "FR"], ()),
        (["NA", "N/A", "EMEA", "APAC"], ("N/A",)),
        (["NA", "red", "blue"], ("NA",)),
        (["n/a", "EMEA", "APAC"], ("n/a",)),
    ],
)
def test_na_is_a_region_among_codes_in_capitals_and_nothing_elsewhere(texts: list[str], words: tuple[str, ...]) -> None:
    assert word_placeholders(Column.of(pd.Series(texts * 5), "region")) == words


@pytest.mark.parametrize("nothing", ["0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "0001-01-01T00:00:00", "open"])
def test_zeros_and_words_among_dates_are_none(nothing: str) -> None:
    texts = [*(f"2025-01-{day:02d}" for day in range(1, 20)), nothing, nothing]
    assert date_placeholders(Column.of(pd.Series(texts), "closed"), lambda _: True) == (nothing,)
