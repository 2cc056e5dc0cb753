import numpy as np
import pandas as pd
import pytest

from simulation.arrays import logistic
from simulation.company import Simulation, simulate
from simulation.handling import speed_effect, waiting_hours
from simulation.quality import Quality
from simulation.scenarios import Sales
from simulation.team import hire
from simulation.truth import share_in_time, usual_probability
from tests.simulation.measures import UNTIL, auc, won_in_time


def test_about_one_lead_in_eight_is_won_within_the_horizon(steady: Simulation) -> None:
    assert 0.10 < won_in_time(steady).mean() < 0.14


def test_the_truth_ranks_as_well_as_a_good_model_may(steady: Simulation) -> None:
    worked = steady.truth["worked"]
    assert 0.75 < auc(won_in_time(steady)[worked], steady.truth["probability"][worked]) < 0.82


@pytest.mark.parametrize("column", ["probability", "probability_handled"])
def test_worked_leads_win_as_often_as_their_true_probability_says(steady: Simulation, column: str) -> None:
    worked = steady.truth["worked"]
    probability, won = steady.truth.loc[worked, column], won_in_time(steady)[worked]
    for _, part in probability.groupby(pd.qcut(probability, 10), observed=True):
        noise = np.sqrt((part * (1 - part)).sum()) / len(part)
        assert abs(won[part.index].mean() - part.mean()) < 4 * noise


@pytest.mark.parametrize("horizon_days", [30, 90, 150])
def test_probabilities_at_arrival_and_after_handling_agree_in_the_mean(horizon_days: int) -> None:
    truth = simulate(30_000, until=UNTIL, horizon_days=horizon_days).truth
    worked = truth[truth["worked"]]
    assert abs((worked["probability_handled"] - worked["probability"]).mean()) < 0.002


@pytest.mark.parametrize(("log_odds", "heat"), [(-4.0, -1.5), (-2.0, 0.0), (0.5, 2.5)])
def test_the_probability_at_arrival_is_the_mean_over_handling_and_hidden_quality(log_odds: float, heat: float) -> None:
    rng, sales, draws = np.random.default_rng(1), Sales(), 400_000
    team = hire(rng, sales)
    shares = team.share[:1]
    lead = Quality(np.array([log_odds]), np.array([heat]))
    agent = rng.choice(team.size, size=draws, p=shares[0])
    wait = waiting_hours(sales, np.full(draws, heat), team.pace[agent], rng.normal(size=draws))
    hidden = rng.normal(0, sales.hidden_sd, draws)
    drawn = logistic(log_odds + team.skill[agent] + speed_effect(sales, wait) + hidden).mean()
    assert usual_probability(sales, team, shares, lead)[0] == pytest.approx(drawn, abs=0.001)


def test_truth_holds_the_parts_of_the_handled_probability(steady: Simulation) -> None:
    worked = steady.truth[steady.truth["worked"]]
    ever = worked["probability_handled"] / worked["in_time"]
    score = np.log(ever / (1 - ever)) - worked["speed_effect"] - worked["agent_effect"] - worked["hidden"]
    usual = np.log(worked["probability"] / (worked["in_time"] - worked["probability"]))
    assert np.corrcoef(score, usual)[0, 1] > 0.999


def test_wins_of_a_source_come_within_the_horizon_as_often_as_its_truth_says(steady: Simulation) -> None:
    won = steady.truth[steady.truth["ever_won"]]
    by_source = won.groupby(steady.leads["source"])
    in_time = by_source["delay_days"].agg(lambda days: (days <= steady.horizon_days).mean())
    assert in_time.to_numpy() == pytest.approx(by_source["in_time"].first().to_numpy(), abs=0.06)


def test_half_of_the_delays_are_within_the_median() -> None:
    assert share_in_time(45, 45) == pytest.approx(0.5)
    assert share_in_time(7, 90) > 0.99


def test_a_lead_that_nobody_works_never_wins_but_keeps_the_chance_it_had(steady: Simulation) -> None:
    ignored = steady.truth[~steady.truth["worked"]]
    assert not ignored["ever_won"].any()
    assert (ignored["probability_handled"] == 0).all()
    assert (ignored["probability"] > 0).all()
    assert ignored[["wait_hours", "speed_effect", "agent_effect"]].isna().all(axis=None)
