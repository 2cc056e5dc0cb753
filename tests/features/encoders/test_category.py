"""Categories: codes of frequent values, a pool of rare ones, and what was never seen."""

import numpy as np
import pytest

from features.encoders import MAX_SEEN, POOL
from features.encoders.feature_encoder import FeatureEncoder
from features.values import Kind
from tests.features.encoders.fitting import fitted, row, table


def test_frequent_values_get_codes_by_frequency_and_rare_unseen_and_missing_ones_are_told_apart() -> None:
    encoder = fitted(["ads"] * 3 + ["mail"] * 4 + ["zoo", "fair"], Kind.CATEGORY)
    assert encoder.columns[0].levels == ("mail", "ads", POOL)
    assert [row(encoder, value)[0] for value in ("mail", "ads", "zoo", "new")] == [0.0, 1.0, 2.0, 2.0]
    assert np.isnan(row(encoder, None)).all()
    unseen = {value: list(encoder.unseen(encoder.schema.parse("L", {"x": value}))) for value in ("zoo", "new", None)}
    assert unseen == {"zoo": [], "new": ["x"], None: []}


@pytest.mark.parametrize(
    ("seen", "sent"),
    [
        ("Google", " gOOgle "),
        ("Straße", "STRASSE"),
        ("New  York", "new york"),
        ("1.0", 1),
        (1.0, "1"),
        (1, 1.0),
        (True, "true"),
        ("ΣΟΦΟΣ", "σοφος"),
        (2**53 + 1, "9007199254740993"),
    ],
)
def test_spellings_of_one_value_share_its_code(seen: object, sent: object) -> None:
    encoder = fitted([seen] * 5 + ["other"] * 3, Kind.CATEGORY)
    assert row(encoder, sent) == [0.0]
    assert not list(encoder.unseen(encoder.schema.parse("L", {"x": sent})))


def test_true_and_1_in_one_column_are_two_values_as_they_are_alone() -> None:
    leads, schema = table([True] * 4 + [1] * 3, Kind.CATEGORY)
    encoder = FeatureEncoder.fit(leads, schema)
    assert encoder.columns[0].levels == ("true", "1", POOL)
    assert encoder.encode(leads)[:, 0].tolist() == [0.0] * 4 + [1.0] * 3


def test_of_more_rare_values_than_are_kept_none_that_was_seen_is_called_never_seen() -> None:
    values: list[object] = [f"id {number}" for number in range(MAX_SEEN + 5_000)]
    category = fitted(values, Kind.CATEGORY).encoders[0]
    assert all(category.has_seen(value) for value in values)
    new = [category.has_seen(f"new {number}") for number in range(1_000)]
    assert 0.1 < sum(new) / len(new) < 0.3  # those whose hash lies beyond the ones kept, a fifth


def test_what_a_reason_says_of_a_category() -> None:
    category = fitted(["Ads"], Kind.CATEGORY)
    assert category.describe(0, 0, "ADS", None) == "is ADS"
    assert category.describe(0, 0, "Fair", None) == "is Fair, never seen in training"
