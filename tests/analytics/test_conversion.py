import numpy as np
import pandas as pd
import pytest

from analytics.conversion import conversion, model_error
from analytics.leads_as_of.groups import group
from tests.analytics.mix.two_periods import AFTER, BEFORE, COMPANIES
from tests.analytics.tables import facts, known, matured, table

LEADS = table(
    "lead_id created_at source campaign",
    "a 2026-01-05T08:00:00Z ads brand",
    "b 2026-01-11T23:00:00Z ads -",
    "c 2026-01-12T00:00:00Z fair -",
    "d 2026-06-20T00:00:00Z fair -",
    "e 2026-06-21T00:00:00Z fair -",
)
CONTACTS = table("lead_id started_at", "a 2026-01-06", "d 2026-06-21")
OUTCOMES = table("lead_id at status", "a 2026-02-01 won", "c 2026-06-01 won", "d 2026-06-25 won")
SCORES = table("lead_id scored_at probability", "d 2026-06-20 0.4", "a 2026-01-05 0.3")


def test_conversion_counts_every_lead_that_arrived_and_matured() -> None:
    (all_,) = conversion(facts(LEADS, CONTACTS, OUTCOMES, scores=SCORES)).rows
    assert (all_.arrived, all_.matured, all_.won, all_.young, all_.won_so_far) == (5, 3, 1, 2, 1)
    assert all_.rate.value == pytest.approx(1 / 3)
    assert all_.never_tried.value == pytest.approx(2 / 3)
    assert (all_.expected.value, all_.expected.n, all_.unscored) == (0.4, 1, 1)


def test_groups_keep_their_names_and_a_missing_one_is_none() -> None:
    rows = conversion(facts(LEADS, CONTACTS, OUTCOMES), by=("source", "campaign")).rows
    assert [(row.name, row.arrived) for row in rows] == [(("ads", "brand"), 1), (("ads", None), 1), (("fair", None), 3)]


def test_a_week_begins_on_monday() -> None:
    rows = conversion(facts(LEADS), by=("week",)).rows
    assert [(row.name, row.arrived) for row in rows] == [
        (("2026-01-05",), 2),
        (("2026-01-12",), 1),
        (("2026-06-15",), 2),
    ]


def test_leads_too_young_to_tell_have_no_conversion_but_an_expected_one() -> None:
    young = conversion(facts(LEADS, CONTACTS, OUTCOMES, scores=SCORES), by=("week",)).rows[-1]
    assert (young.rate.value, young.shrunk.value) == (None, None)
    assert young.rate.reason == "no lead is older than the horizon"
    assert young.expected.low == 1.0  # the one scored lead has won already


def test_what_is_not_recorded_is_unknown() -> None:
    (all_,) = conversion(facts(LEADS, None, OUTCOMES)).rows
    assert all_.never_tried.reason == "contacts are not recorded"
    assert all_.expected.reason == "no scored leads under 90 days old"
    assert conversion(facts(LEADS)).model_error is None


def test_only_leads_that_arrived_in_the_period_count() -> None:
    both = COMPANIES[0].draw(np.random.default_rng(1), 50)
    assert [conversion(both, period).rows[0].arrived for period in (BEFORE, AFTER)] == [50, 50]


def test_no_leads_give_no_rows() -> None:
    assert conversion(facts(LEADS.iloc[:0])).rows == ()


def weekly(rng: np.random.Generator, error: float, weeks: int = 30, leads: int = 150) -> pd.DataFrame:
    """Matured leads, then a week of young ones, whose true chance is off the score by some share, week by week."""
    n = weeks * leads
    score = rng.beta(2, 18, n)
    week = np.repeat(np.arange(weeks), leads)
    chance = np.clip(score * (1 + rng.normal(0, error, weeks))[week], 0, 1)
    arrived_at = np.datetime64("2025-01-06", "us") + week * np.timedelta64(7, "D")
    young = week == weeks - 1
    return matured(n, arrived_at=arrived_at, probability=score, won=rng.random(n) < chance, matured=~young)


@pytest.mark.parametrize("error", [0.0, 0.3])
def test_the_expected_conversion_holds_what_comes(error: float) -> None:
    rng, held = np.random.default_rng(5), []
    for _ in range(120):
        leads = weekly(rng, error)
        (all_,) = conversion(known(leads.assign(won=leads["won"] & leads["matured"]))).rows
        held.append(all_.expected.covers(leads["won"][~leads["matured"]].mean()))
    assert 0.90 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("n", [3, 10, 40])
def test_the_expected_conversion_of_few_leads_holds_what_comes(n: int) -> None:
    rng, held = np.random.default_rng(n), []
    for _ in range(200):
        score = rng.beta(1, 9, n)
        (all_,) = conversion(known(matured(n, probability=score, matured=False))).rows
        held.append(all_.expected.covers((rng.random(n) < score).mean()))
    assert np.mean(held) >= 0.93


def test_the_models_error_is_what_chance_does_not_explain() -> None:
    rng = np.random.default_rng(2)
    found = [np.mean([model_error(weekly(rng, error)) for _ in range(20)]) for error in (0.0, 0.3)]
    assert found[0] < 0.08
    assert found[1] == pytest.approx(0.3, abs=0.05)


def test_a_lead_stands_in_one_group() -> None:
    groups = group(matured(4, source=pd.Categorical(["b", None, "a", "b"])), ["source"])
    assert groups.names == (("a",), ("b",), (None,))
    assert groups.code.tolist() == [1, 2, 0, 1]
