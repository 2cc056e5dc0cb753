"""Sources of which few leads were contacted."""

import pytest

from training.checks.thin_sources import (
    SourceContacts,
    fit_source_widths,
    has_known_rate,
    is_rarely_contacted,
    note_rarely_contacted_sources,
)


def work(name: str, arrived: int, worked: int, won: int = 5) -> SourceContacts:
    return SourceContacts(name, arrived, worked, won)


@pytest.mark.parametrize(
    ("one", "hardly", "known"),
    [
        (work("referral", 260, 26), True, False),
        (work("referral", 260, 0, 0), True, False),
        (work("referral", 260, 250), False, True),
        (work("referral", 9_000, 900), False, True),
        (work("referral", 12, 12), False, False),
        (work("referral", 12, 0, 0), False, False),
    ],
    ids=["26 of 260", "none", "all", "few of many, but 900", "a small one, worked", "a small one, not worked"],
)
def test_a_source_is_known_where_enough_of_it_was_contacted(one: SourceContacts, hardly: bool, known: bool) -> None:
    all_of_them = (one, work("search", 2_000, 1_800, 150), work("social", 2_000, 1_900, 100))
    assert (is_rarely_contacted(one, all_of_them), has_known_rate(one, all_of_them)) == (hardly, known)
    assert bool(note_rarely_contacted_sources(all_of_them)) is hardly


def test_where_half_of_the_calls_are_logged_no_source_is_called_neglected_for_it() -> None:
    sources = [work(name, 300, 140, 15) for name in ("search", "social", "fair")]
    assert note_rarely_contacted_sources(sources) == ()


def test_the_less_is_known_of_a_source_the_wider_its_interval() -> None:
    others = [work(str(number), 900, 800, won) for number, won in enumerate((40, 80, 120, 200))]
    widths, widest = fit_source_widths([*others, work("few", 260, 26, 3), work("none", 260, 0, 0)])
    assert widths["0"] < widths["few"] < widths["none"] == pytest.approx(widest)
