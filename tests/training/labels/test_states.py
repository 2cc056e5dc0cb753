"""What each lead teaches at an as-of date."""

import re
from datetime import UTC, datetime
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import NEVER, History
from features.lead_table import LeadTable
from training.data.dataset import make_dataset
from training.labels.states import State, cut_history, infer_as_of, label

DAY_0 = np.datetime64("2026-01-01T00:00:00", "us")
DAY = np.timedelta64(86_400_000_000, "us")
HORIZON = 30


def day(number: float | None) -> np.datetime64:
    return NEVER if number is None else DAY_0 + np.timedelta64(int(number * 86_400e6), "us")


def at(number: int) -> datetime:
    return cast(datetime, day(number).item()).replace(tzinfo=UTC)


def table(arrivals: list[float] | None, leads: int) -> LeadTable:
    ids = np.array([f"L-{number}" for number in range(leads)], dtype=object)
    return LeadTable(ids, None if arrivals is None else np.array([day(number) for number in arrivals]), None, None, {})


def one(
    arrived: float = 0, status: str | None = None, closed: float | None = None, contact: float | bool | None = False
) -> History:
    """One lead; `contact` False where contacts are not known at all, None where nobody tried."""
    contacts = None if contact is False else np.array([day(contact)])
    return History(table([arrived], 1), np.array([status], dtype=object), np.array([day(closed)]), contacts)


def told(history: History, as_of: int) -> tuple[str, float, float]:
    """State, won and weight of the only lead."""
    labels = label(cut_history(history, at(as_of)), at(as_of), HORIZON)
    return str(labels.state[0]), float(labels.won[0]), float(labels.complete[0])


@pytest.mark.parametrize(
    ("lead", "as_of", "state", "won", "weight"),
    [
        (one(status="won", closed=10), 40, "won", 1.0, 1.0),
        (one(status="won", closed=30), 40, "won", 1.0, 1.0),
        (one(status="won", closed=30.1), 40, "lost", 0.0, 1.0),
        (one(status="won", closed=None), 40, "won", 1.0, 1.0),
        (one(arrived=5, status="won", closed=4), 40, "won", 1.0, 1.0),
        (one(status="lost", closed=10), 40, "lost", 0.0, 1.0),
        (one(status="lost", closed=None), 40, "lost", 0.0, 1.0),
        (one(status=None), 30, "lost", 0.0, 1.0),
        (one(status=None), 29, "open", 0.0, 0.0),
        (one(status="won", closed=10), 20, "won", 1.0, 0.0),
        (one(status="lost", closed=10), 20, "lost", 0.0, 0.0),
        (one(status="won", closed=35), 32, "lost", 0.0, 1.0),
        (one(status="lost", closed=20), 15, "open", 0.0, 0.0),
    ],
    ids=[
        "a win in time",
        "a win on the last day",
        "a win after the horizon is lost for this horizon",
        "a win without a time counts",
        "a win before its arrival counts",
        "lost",
        "lost without a time",
        "neither, and older than the horizon, is lost",
        "neither, and younger, is open",
        "a young win is won but does not teach yet",
        "a young loss is lost but does not teach yet",
        "a win that is still to come is not known",
        "a loss that is still to come is not known",
    ],
)
def test_a_lead_is_labelled_by_its_outcome_and_its_age(
    lead: History, as_of: int, state: str, won: float, weight: float
) -> None:
    assert told(lead, as_of) == (state, won, weight)


@pytest.mark.parametrize(
    ("lead", "state"),
    [
        (one(status="not_worked"), "not_worked"),
        (one(status=None, contact=None), "not_worked"),
        (one(status="lost", closed=20, contact=None), "not_worked"),
        (one(status="lost", closed=20, contact=50), "not_worked"),
        (one(status="lost", closed=20, contact=3), "lost"),
    ],
    ids=[
        "it is said so",
        "no contact",
        "closed, but nobody ever tried",
        "the first contact is still to come",
        "someone tried",
    ],
)
def test_a_lead_that_nobody_tried_is_left_out_not_lost(lead: History, state: str) -> None:
    assert told(lead, 40) == (state, 0.0, float(state != "not_worked"))


def test_a_win_without_a_logged_contact_is_won_and_no_example() -> None:
    assert told(one(status="won", closed=20, contact=None), 40) == ("won", 1.0, 0.0)


def company(logged: float, log_begins: float = 0.0, leads: int = 400) -> History:
    """A quarter of the leads won; the contacts of every so manieth are on record, from the day that the log begins."""
    won = np.arange(leads) % 4 == 0
    arrived = np.linspace(0, 100, leads)
    on_record = (np.arange(leads) // 4 * 7 % 20 < round(20 * logged)) & (arrived >= log_begins)
    return History(
        table(arrived.tolist(), leads),
        np.where(won, "won", "lost").astype(object),
        np.array([day(number + 5) for number in arrived]),
        np.array([day(number + 1) if here else NEVER for number, here in zip(arrived, on_record, strict=True)]),
    )


@pytest.mark.parametrize("logged", [1.0, 0.9, 0.7, 0.5])
def test_the_rate_is_that_of_all_leads_whatever_the_share_of_calls_that_is_logged(logged: float) -> None:
    dataset = make_dataset(company(logged), at(200), HORIZON)
    assert len(dataset) == 400 * logged
    assert dataset.won.mean() == pytest.approx(0.25, abs=0.005)
    assert dataset.counts[State.WON] == 100
    assert dataset.wins_not_logged == 100 - 100 * logged
    assert bool(dataset.notes) is (logged < 0.95)
    shares = [int(re.findall(r"about (\d+)% of the calls are logged", note)[0]) for note in dataset.notes]
    assert shares == pytest.approx([100 * logged] * len(shares), abs=2)


def test_leads_of_long_before_the_log_began_count_as_contacted() -> None:
    dataset = make_dataset(company(1.0, log_begins=50.0), at(200), HORIZON)
    old = dataset.arrived_at < day(51 - HORIZON)
    assert old.sum() > 60
    assert dataset.won[old].mean() == pytest.approx(0.25, abs=0.01)
    assert not dataset.notes


def test_a_log_that_holds_hardly_a_win_decides_nothing_and_it_is_said() -> None:
    dataset = make_dataset(company(0.1), at(200), HORIZON)
    assert (len(dataset), dataset.won.mean(), dataset.wins_not_logged) == (400, 0.25, 0)
    assert "contacts do not tell which leads were called" in dataset.notes[0]


def test_a_lead_that_arrives_on_the_as_of_date_is_not_there() -> None:
    leads = History(table([0, 10, 10.5], 3), np.array([None] * 3, dtype=object), None)
    assert cut_history(leads, at(10)).leads.lead_id.tolist() == ["L-0"]


OUTCOMES = st.tuples(st.sampled_from(["won", "lost"]), st.integers(0, 120))
LEADS = st.tuples(st.integers(0, 100), st.none() | OUTCOMES, st.none() | st.integers(0, 120))
AS_OF = 60


def history_of(leads: list[tuple[int, tuple[str, int] | None, int | None]]) -> History:
    outcomes = [outcome or (None, None) for _, outcome, _ in leads]
    return History(
        table([arrived for arrived, _, _ in leads], len(leads)),
        np.array([status for status, _ in outcomes], dtype=object),
        np.array([day(closed) for _, closed in outcomes]),
        np.array([day(contact) for _, _, contact in leads]),
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(LEADS, LEADS), min_size=1, max_size=12))
def test_a_fact_after_the_as_of_date_never_changes_a_label(pairs: list[tuple[tuple, tuple]]) -> None:
    """The second of each pair tells another future: what it says from the as-of date on replaces the first's."""

    def with_another_future(past: tuple, future: tuple) -> tuple:
        arrived, outcome, contact = past
        if arrived >= AS_OF:
            return (AS_OF + future[0], *future[1:])
        if outcome is None or outcome[1] >= AS_OF:
            outcome = future[1] and (future[1][0], AS_OF + future[1][1])
        if contact is None or contact >= AS_OF:
            contact = None if future[2] is None else AS_OF + future[2]
        return arrived, outcome, contact

    one_future = history_of([past for past, _ in pairs])
    another = history_of([with_another_future(past, future) for past, future in pairs])
    first, second = (label(cut_history(facts, at(AS_OF)), at(AS_OF), HORIZON) for facts in (one_future, another))
    assert first.state.tolist() == second.state.tolist()
    assert first.won.tolist() == second.won.tolist()
    assert first.complete.tolist() == second.complete.tolist()


def test_the_facts_themselves_are_left_as_they_were() -> None:
    lead = one(status="won", closed=35)
    cut_history(lead, at(32))
    assert lead.status.tolist() == ["won"]
    assert lead.closed_at is not None
    assert lead.closed_at[0] == day(35)


def test_an_as_of_date_in_another_zone_is_the_same_instant() -> None:
    lead = one(status="won", closed=10)
    tokyo = datetime.fromisoformat("2026-01-11T08:59:00+09:00")  # a minute before the win
    assert cut_history(lead, tokyo).status.tolist() == [None]


def test_without_an_as_of_date_all_that_is_on_record_counts_and_not_a_day_more() -> None:
    assert infer_as_of(one(arrived=3, status="won", closed=40.5)) == at(41)
    assert infer_as_of(one(arrived=3)) == at(4)
    assert infer_as_of(History(table(None, 1), np.array([None], dtype=object))) is None


def test_without_times_a_closed_lead_is_an_example_and_an_open_one_is_not() -> None:
    status = np.array(["won", "lost", None, "not_worked"], dtype=object)
    labels = label(History(table(None, 4), status), None, HORIZON)
    assert labels.state.tolist() == ["won", "lost", "open", "not_worked"]
    assert labels.complete.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert labels.young.tolist() == [False, False, True, False]
