import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simulation.arrays import DAY
from simulation.company import Simulation, simulate
from simulation.contacts import LATEST_TALK_DAYS, LONGEST_ATTEMPT_GAP, MOST_FURTHER_ATTEMPTS
from simulation.handling import LONGEST_WAIT
from simulation.scenarios import SCENARIOS, Sales
from simulation.team import hire
from simulation.working_hours import WorkingHours
from tests.simulation.measures import UNTIL, midnight


def seconds(text: str) -> np.ndarray:
    return np.array([np.datetime64(text, "s").astype(np.int64)])


@pytest.mark.parametrize(
    ("arrival", "hours", "expected"),
    [
        ("2026-06-01T10:00", 2, "2026-06-01T12:00"),  # a Monday
        ("2026-06-01T17:30", 1, "2026-06-02T09:30"),
        ("2026-06-05T17:00", 2, "2026-06-08T10:00"),  # over the weekend
        ("2026-06-06T13:00", 0.5, "2026-06-08T09:30"),
        ("2026-06-01T03:00", 9.5, "2026-06-02T09:30"),
    ],
)
def test_waits_run_in_working_hours_only(arrival: str, hours: float, expected: str) -> None:
    assert WorkingHours().after(seconds(arrival), np.array([hours])) == seconds(expected)


def test_a_team_that_never_sleeps_counts_every_hour() -> None:
    saturday = seconds("2026-06-06T22:00")
    assert WorkingHours(0, 24, 7).after(saturday, np.array([5.0])) == saturday + 5 * 3600


@pytest.mark.parametrize("hours", [(18, 9, 5), (9, 25, 5), (9, 18, 8), (9, 12, 5)])
def test_impossible_working_hours_are_refused(hours: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="working hours"):
        WorkingHours(*hours)


@pytest.mark.parametrize("hours", [WorkingHours(), WorkingHours(10, 18, 5), WorkingHours(7, 18, 4)])
def test_no_first_conversation_can_be_later_than_the_shortest_horizon(hours: WorkingHours) -> None:
    week = seconds("2026-06-01T00:00") + np.arange(0, 7 * DAY, 600)
    longest = LONGEST_WAIT + MOST_FURTHER_ATTEMPTS * LONGEST_ATTEMPT_GAP
    assert (hours.after(week, np.full(week.size, longest)) - week).max() <= LATEST_TALK_DAYS * DAY


def test_first_attempts_are_made_in_working_hours(steady: Simulation) -> None:
    first = steady.contacts.groupby("lead_id")["started_at"].min()
    assert first.dt.day_of_week.max() <= 4
    assert first.dt.hour.between(9, 18).all()


def test_the_recorded_first_attempt_is_the_true_wait_after_arrival(steady: Simulation) -> None:
    first = steady.leads["lead_id"].map(steady.contacts.groupby("lead_id")["started_at"].min())
    elapsed = (first - steady.leads["created_at"]).dt.total_seconds() / 3600
    assert (elapsed >= steady.truth["wait_hours"] - 1e-3)[first.notna()].all()


def test_hot_leads_are_called_first(steady: Simulation) -> None:
    wait = steady.truth["wait_hours"].groupby(pd.qcut(steady.truth["probability"], 10)).median()
    assert wait.iloc[-1] * 4 < wait.iloc[0]
    assert wait.is_monotonic_decreasing


def test_some_leads_are_never_worked_and_they_are_the_colder_ones(steady: Simulation) -> None:
    truth = steady.truth
    assert 0.05 < 1 - truth["worked"].mean() < 0.10
    assert truth["probability"][~truth["worked"]].mean() < 0.75 * truth["probability"][truth["worked"]].mean()


def test_only_leads_that_are_never_worked_stay_without_contacts(steady: Simulation) -> None:
    old = steady.leads["created_at"] < midnight(UNTIL - dt.timedelta(days=LATEST_TALK_DAYS))
    contacted = steady.leads["lead_id"].isin(steady.contacts["lead_id"])
    assert (contacted == steady.truth["worked"])[old].all()


def test_some_leads_that_nobody_tried_are_closed_as_lost(steady: Simulation) -> None:
    ignored = steady.leads["lead_id"][~steady.truth["worked"]]
    closed = steady.outcomes[steady.outcomes["lead_id"].isin(ignored)]
    assert 0.1 < len(closed) / len(ignored) < 0.4
    assert (closed["status"] == "lost").all()


def test_agents_differ_in_speed_and_in_skill(steady: Simulation) -> None:
    agent = steady.leads["lead_id"].map(steady.contacts.drop_duplicates("lead_id").set_index("lead_id")["agent"])
    by_agent = steady.truth.groupby(agent)
    assert 8 <= agent.nunique() <= 12
    assert by_agent["wait_hours"].median().max() > 1.5 * by_agent["wait_hours"].median().min()
    assert by_agent["agent_effect"].first().max() > 0.2 > -0.2 > by_agent["agent_effect"].first().min()


def test_skill_and_pace_are_uncorrelated_and_both_desks_are_level() -> None:
    team = hire(np.random.default_rng(3), Sales(agents=12))
    assert team.skill @ team.pace == pytest.approx(0, abs=1e-12)
    assert team.share @ team.skill == pytest.approx(np.zeros(len(team.share)), abs=1e-12)


def test_agents_can_be_made_equal() -> None:
    equal = replace(SCENARIOS["steady"], sales=Sales(agents=20, skill_sd=0.0))
    simulation = simulate(3_000, scenario=equal, until=UNTIL)
    assert simulation.contacts["agent"].nunique() == 20
    assert (simulation.truth["agent_effect"].dropna() == 0).all()


def test_conversations_take_time_and_missed_calls_do_not(steady: Simulation) -> None:
    contacts = steady.contacts
    phoned = contacts[contacts["channel"] == "phone"]
    assert (phoned.loc[phoned["connected"], "duration_s"] > 0).all()
    assert (contacts.loc[~contacts["connected"], "duration_s"] == 0).all()
    assert contacts.loc[contacts["direction"] == "inbound", "connected"].all()


def test_winning_does_not_bring_the_first_conversation_forward(steady: Simulation) -> None:
    contacts = steady.contacts
    talked = contacts[contacts["connected"]].drop_duplicates("lead_id").set_index("lead_id")["started_at"]
    tried = contacts.drop_duplicates("lead_id").set_index("lead_id")["started_at"]
    days = steady.leads["lead_id"].map((talked - tried).dt.total_seconds() / DAY)
    settled = days.notna() & (steady.leads["created_at"] < midnight(UNTIL - dt.timedelta(days=60)))
    mean = days[settled].groupby(steady.truth["ever_won"]).mean()
    assert mean[True] == pytest.approx(mean[False], rel=0.15)
