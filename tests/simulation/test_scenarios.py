import datetime as dt
import functools

import numpy as np
import pandas as pd
import pytest

from simulation.company import Simulation, simulate
from simulation.scenarios import SCENARIOS
from tests.simulation.measures import UNTIL, after_change, log_odds, true_parts, won_in_time

POINT = 0.01
NOTHING = 0.4 * POINT


@functools.cache
def company(scenario: str) -> Simulation:
    return simulate(20_000, scenario=scenario, until=UNTIL)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_says_what_happens_and_can_be_simulated(name: str) -> None:
    simulation = company(name)
    assert simulation.scenario.name == name
    assert simulation.scenario.says.endswith(".")
    assert len(simulation.leads) == 20_000


@pytest.mark.parametrize(
    ("name", "mix_falls", "handling_falls"),
    [
        ("steady", False, False),
        ("speed-does-nothing", False, False),
        ("good-source-never-called", False, False),
        ("marketing-shift", True, False),
        ("sales-slowdown", False, True),
        ("hidden-quality", False, True),
        ("both", True, True),
    ],
)
def test_a_scenario_moves_its_own_part_and_no_other(name: str, mix_falls: bool, handling_falls: bool) -> None:
    for part, falls in zip(true_parts(company(name)), (mix_falls, handling_falls), strict=True):
        assert part < -2.5 * POINT if falls else abs(part) < NOTHING


@pytest.mark.parametrize("name", ["sales-slowdown", "hidden-quality", "speed-does-nothing"])
def test_scenarios_of_handling_have_the_very_same_leads(name: str) -> None:
    fields = company("steady").leads.drop(columns="account_manager")
    pd.testing.assert_frame_equal(company(name).leads.drop(columns="account_manager"), fields)


def test_a_slower_department_wins_no_lead_that_the_faster_one_would_have_lost() -> None:
    slow, usual = company("sales-slowdown").truth, company("steady").truth
    assert not (slow["ever_won"] & ~usual["ever_won"]).any()
    assert slow["ever_won"].sum() < usual["ever_won"].sum()


def test_in_a_slowdown_leads_wait_longer_only_after_the_change() -> None:
    slow, usual = company("sales-slowdown"), company("steady")
    ratio = (slow.truth["wait_hours"] / usual.truth["wait_hours"]).groupby(after_change(slow)).median()
    assert ratio[False] == pytest.approx(1)
    assert ratio[True] == pytest.approx(8)


def test_a_fall_of_hidden_quality_shows_in_no_field_and_no_wait() -> None:
    hidden, usual = company("hidden-quality"), company("steady")
    pd.testing.assert_series_equal(hidden.truth["probability"], usual.truth["probability"])
    pd.testing.assert_series_equal(hidden.truth["wait_hours"], usual.truth["wait_hours"])
    moved = (hidden.truth["hidden"] - usual.truth["hidden"]).groupby(after_change(hidden)).mean()
    assert moved.to_list() == pytest.approx([0, -0.6])


def test_where_speed_does_nothing_quick_calls_still_look_as_if_they_won() -> None:
    simulation = company("speed-does-nothing")
    quick = simulation.truth["wait_hours"] < simulation.truth["wait_hours"].median()
    rate = won_in_time(simulation)[simulation.truth["worked"]].groupby(quick).mean()
    assert rate[True] > 1.5 * rate[False]
    assert (simulation.truth["speed_effect"].dropna() == 0).all()


@pytest.mark.parametrize(("name", "effect"), [("speed-does-nothing", 0.0), ("steady", -0.2)])
def test_among_equally_good_leads_a_doubled_wait_changes_the_odds_as_stated(name: str, effect: float) -> None:
    simulation = company(name)
    worked = simulation.truth["worked"]
    wait = np.log2(simulation.truth["wait_hours"][worked])
    score = log_odds(simulation.truth["probability"][worked])
    columns = np.column_stack([np.ones(wait.size), wait, score, score**2, score**3])
    assert _logistic_fit(columns, won_in_time(simulation)[worked].to_numpy(float))[1] == pytest.approx(effect, abs=0.06)


def test_the_good_source_is_good_and_hardly_ever_called() -> None:
    simulation = company("good-source-never-called")
    by_source = simulation.truth.groupby(simulation.leads["source"])
    assert by_source["probability"].mean()["Partner"] > 1.4 * simulation.truth["probability"].mean()
    assert by_source["worked"].mean()["Partner"] < 0.1
    assert by_source["worked"].mean().drop("Partner").min() > 0.85


def test_matured_leads_lie_on_both_sides_of_the_change() -> None:
    steady = company("steady")
    assert steady.change <= UNTIL - dt.timedelta(days=steady.horizon_days + 60)
    assert 0.2 < after_change(steady).mean() < 0.5


def test_the_change_can_be_set() -> None:
    change = UNTIL - dt.timedelta(days=300)
    shifted = simulate(2_000, scenario="hidden-quality", until=UNTIL, change=change)
    assert shifted.change == change
    assert shifted.truth["hidden"].groupby(after_change(shifted)).mean().diff().iloc[-1] < -0.5


def _logistic_fit(columns: np.ndarray, won: np.ndarray) -> np.ndarray:
    """Maximum likelihood by Newton's method."""
    weights = np.zeros(columns.shape[1])
    for _ in range(25):
        fitted = 1 / (1 + np.exp(-columns @ weights))
        hessian = columns.T @ (columns * (fitted * (1 - fitted))[:, None])
        weights += np.linalg.solve(hessian, columns.T @ (won - fitted))
    return weights
