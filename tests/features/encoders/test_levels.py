"""Which values are frequent, and how many are kept."""

from features.encoders import MAX_LEVELS, MAX_SEEN, MAX_WORDS, Category
from features.values import Kind
from tests.features.encoders.fitting import fitted


def test_frequent_means_three_leads_or_half_a_percent_or_twenty() -> None:
    def levels(leads: int, held_by: int) -> int:
        values = ["a"] * held_by + ["b"] * (leads - held_by)
        return len(fitted(values, Kind.CATEGORY).columns[0].levels)

    assert [levels(10, 2), levels(10, 3)] == [2, 3]
    assert [levels(2_000, 9), levels(2_000, 10)] == [2, 3]
    assert [levels(8_000, 19), levels(8_000, 20)] == [2, 3]


def test_many_values_stay_bounded() -> None:
    levels = fitted([f"city {number}" for number in range(400) for _ in range(20)], Kind.CATEGORY)
    assert len(levels.columns[0].levels) == MAX_LEVELS + 1
    each_its_own = fitted([f"id {number}" for number in range(MAX_SEEN + 50)], Kind.CATEGORY).encoders[0]
    assert isinstance(each_its_own, Category)
    assert (each_its_own.levels.names, len(each_its_own.rare)) == ((), MAX_SEEN)
    words = fitted([" ".join(f"word{number}" for number in range(300))] * 5, Kind.TEXT)
    assert len(words.columns) == MAX_WORDS + 1
