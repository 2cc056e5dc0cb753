"""Dates that cannot be never become the as-of date: after today, or far beyond all others."""

from datetime import date

import numpy as np
import pytest

from features.history import History
from features.lead_table import LeadTable
from features.parsing.plausible_dates import last_plausible, most_within
from training.checks.date_sanity import drop_impossible_dates
from training.labels.states import infer_as_of

N = 200
DAY = np.timedelta64(1, "D")
FIRST = np.datetime64("2025-01-01", "us")


def history(*wrong: str, arrival: str | None = None) -> History:
    """A lead a day; those of the first rows are closed on the wrong dates."""
    arrived = FIRST + np.arange(N) * DAY
    closed_at = arrived + 20 * DAY
    closed_at[: len(wrong)] = np.array(wrong, dtype="datetime64[us]")
    if arrival:
        arrived = arrived.copy()
        arrived[-1] = np.datetime64(arrival, "us")
    status = np.array(["won", "lost"] * (N // 2), dtype=object)
    ids = np.array([f"L-{number}" for number in range(N)], dtype=object)
    return History(LeadTable(ids, arrived, None, None, {}), status, closed_at)


def test_one_date_far_beyond_all_others_is_left_out_and_said_and_its_outcome_is_kept() -> None:
    cleaned, notes = drop_impossible_dates(history("2052-03-01"), None)
    assert cleaned.closed_at is not None
    assert np.isnat(cleaned.closed_at[0])
    assert cleaned.status[0] == "won"
    assert infer_as_of(cleaned) == infer_as_of(history())
    assert len(notes) == 1
    assert "1 outcomes are dated after today, or far beyond all others (such as 2052-03-01" in notes[0]


def test_dates_after_today_are_left_out_however_many_they_are() -> None:
    wrong = ["2025-09-01"] * 30
    cleaned, _ = drop_impossible_dates(history(*wrong), date(2025, 8, 20))
    assert cleaned.closed_at is not None
    assert np.isnat(cleaned.closed_at[:30]).all()
    assert not np.isnat(cleaned.closed_at[30:]).any()


def test_a_lead_that_arrives_in_the_far_future_is_left_out() -> None:
    cleaned, notes = drop_impossible_dates(history(arrival="2031-01-01"), None)
    assert len(cleaned.leads) == N - 1
    assert "these leads were left out" in notes[0]


def test_where_most_leads_arrive_after_today_it_is_the_clock_that_is_wrong() -> None:
    whole = history()
    cleaned, notes = drop_impossible_dates(whole, date(2024, 1, 1))
    assert (len(cleaned.leads), notes) == (N, ())


def test_a_late_win_among_many_is_no_slip() -> None:
    cleaned, notes = drop_impossible_dates(history("2025-10-01"), None)
    assert notes == ()
    assert cleaned.closed_at is not None
    assert not np.isnat(cleaned.closed_at).any()


@pytest.mark.parametrize("dates", [[], ["NaT"], ["2025-01-01", "2052-01-01"]])
def test_of_few_dates_nothing_is_said(dates: list[str]) -> None:
    times = np.array(dates, dtype="datetime64[us]")
    known = times[~np.isnat(times)]
    assert last_plausible(times, None) == (known.max() if len(known) else None)


def test_today_counts_where_arrivals_do_not_gainsay_it() -> None:
    arrivals = np.array(["2025-01-01", "2025-02-01", "NaT"], dtype="datetime64[us]")
    assert most_within(arrivals, date(2025, 3, 1)) == np.datetime64("2025-03-01", "us")
    assert most_within(arrivals, date(2025, 1, 15)) is None
