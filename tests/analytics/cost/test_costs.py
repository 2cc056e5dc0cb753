from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

from analytics.cost.budget import in_words, suggest
from analytics.cost.costs import Cost, Costs, costs
from analytics.cost.rates import Rate, chance_best, cost_of_one, shrunk_rates, sum_interval
from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.groups import Period
from simulation.company import simulate

AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
OLD, YOUNG = "2026-05-01", "2026-06-20"

LEADS = [  # day, source, campaign, won, probability, grade
    (OLD, "ads", "brand", True, 0.5, "A"),
    (OLD, "ads", "brand", True, 0.5, "B"),
    (OLD, "ads", "brand", False, 0.1, "D"),
    (OLD, "ads", "video", False, 0.1, "C"),
    (YOUNG, "ads", "brand", True, 0.4, "B"),
    (YOUNG, "ads", "brand", False, 0.2, "C"),
    (OLD, "friends", None, True, 0.9, "A"),
]
SPEND = [
    (OLD, "ads", "brand", 300.0),
    (OLD, "ads", "video", 100.0),
    (YOUNG, "ads", "brand", 150.0),
    (OLD, "fair", "spring", 50.0),
]


def facts_of(
    leads: list[tuple[str, str, str | None, bool, float, str]], spend: list[tuple[str, str, str | None, float]]
) -> LeadsAsOf:
    table = pd.DataFrame(leads, columns=["created_at", "source", "campaign", "won", "probability", "grade"])
    table["lead_id"] = [str(number) for number in range(len(table))]
    won = table[table["won"]]
    scores = table[["lead_id", "probability", "grade"]].assign(scored_at=table["created_at"])
    outcomes = pd.DataFrame({"lead_id": won["lead_id"], "status": "won", "at": won["created_at"]})
    money = pd.DataFrame(spend, columns=["date", "source", "campaign", "amount"])
    return read_leads_as_of(
        table.drop(columns=["won", "probability", "grade"]), None, outcomes, money, scores, AS_OF, 30
    )


def by_name(found: Costs) -> dict[tuple[str | None, ...], Cost]:
    return {cost.name: cost for cost in found.groups}


@pytest.fixture
def campaigns() -> dict[tuple[str | None, ...], Cost]:
    return by_name(costs(facts_of(LEADS, SPEND)))


def test_a_win_costs_the_spend_of_matured_days_over_their_wins(campaigns: dict[tuple[str | None, ...], Cost]) -> None:
    brand = campaigns["ads", "brand"]
    assert (brand.matured_spend, brand.wins, brand.per_win.value) == (300, 2, 150)


def test_an_expected_win_costs_the_spend_of_young_days_over_their_promises(
    campaigns: dict[tuple[str | None, ...], Cost],
) -> None:
    brand = campaigns["ads", "brand"]
    assert brand.young_leads == 2
    assert brand.per_expected_win.value == pytest.approx(150 / 0.6)


def test_a_qualified_lead_is_one_of_grade_a_or_b(campaigns: dict[tuple[str | None, ...], Cost]) -> None:
    assert campaigns["ads", "brand"].per_qualified.value == pytest.approx(450 / 3)


def test_without_a_win_only_the_least_cost_is_known(campaigns: dict[tuple[str | None, ...], Cost]) -> None:
    per_win = campaigns["ads", "video"].per_win
    assert per_win.value is None
    assert per_win.reason == "no win yet from this spend"
    assert per_win.low == pytest.approx(100 / 3.689, rel=1e-3)  # the upper end of the Poisson mean for a count of 0
    assert per_win.high is None


def test_leads_without_spend_and_spend_without_leads_are_both_shown(
    campaigns: dict[tuple[str | None, ...], Cost],
) -> None:
    friends, fair = campaigns["friends", None], campaigns["fair", "spring"]
    assert (friends.leads, friends.spend, friends.per_win.reason) == (1, 0, "no spend recorded")
    assert (fair.leads, fair.spend, fair.per_win.value) == (0, 50, None)
    assert set(campaigns) == {("ads", "brand"), ("ads", "video"), ("friends", None), ("fair", "spring")}


def test_a_small_campaign_is_drawn_toward_its_source(campaigns: dict[tuple[str | None, ...], Cost]) -> None:
    brand, video = campaigns["ads", "brand"].shrunk, campaigns["ads", "video"].shrunk
    assert brand.value is not None
    assert video.value is not None
    assert 170 < brand.value < video.value < 1_000
    assert campaigns["fair", "spring"].shrunk.reason == "no win yet, counted or expected"


def test_sources_and_the_whole_add_up() -> None:
    facts = facts_of(LEADS, SPEND)
    sources, (whole,) = by_name(costs(facts, ["source"])), costs(facts, []).groups
    assert sources["ads",].per_win.value == 200
    assert whole.per_win.value == 450 / 2  # a customer by friends cost nothing, and makes no other one cheaper
    assert (whole.spend, whole.leads, whole.unpaid_leads, whole.unpaid_wins) == (600, 7, 1, 1)


def test_a_campaign_without_spend_takes_no_wins_in_a_source_with_spend() -> None:
    free = [(OLD, "ads", "organic", True, 0.5, "A")] * 40
    facts = facts_of([*LEADS, *free], SPEND)
    (source,) = (cost for cost in costs(facts, ["source"]).groups if cost.name == ("ads",))
    assert (source.matured_spend, source.wins, source.per_win.value) == (400, 2, 200)
    assert (source.leads, source.unpaid_leads, source.unpaid_wins) == (46, 40, 40)
    found = costs(facts)
    organic = by_name(found)["ads", "organic"]
    assert (organic.wins, organic.per_win.reason) == (40, "no spend recorded")
    assert organic.name not in found.rates


def test_spend_that_began_with_the_young_days_paid_for_no_matured_win() -> None:
    """18 wins for each 1,000 were said of such a campaign."""
    leads = [*[(OLD, "ads", "new", True, 0.5, "A")] * 50, *[(YOUNG, "ads", "new", False, 0.1, "C")] * 20, *LEADS]
    found = costs(facts_of(leads, [*SPEND, (YOUNG, "ads", "new", 3_000.0)]))
    new = by_name(found)["ads", "new"]
    (source,) = (cost for cost in costs(facts_of(leads, SPEND), ["source"]).groups if cost.name == ("ads",))
    assert source.wins == 2
    assert new.per_win.value is None
    assert new.per_expected_win.value == pytest.approx(1_500)
    assert 1_000 * found.rates[new.name].mean < 2


def test_spend_on_a_source_as_a_whole_counts_for_all_its_campaigns_and_for_none_alone() -> None:
    facts = facts_of(LEADS, [(OLD, "ads", None, 600.0)])
    (source,) = (cost for cost in costs(facts, ["source"]).groups if cost.name == ("ads",))
    assert source.per_win.value == 300
    found = costs(facts)
    campaigns = by_name(found)
    for name in ("brand", "video", None):
        assert campaigns["ads", name].per_win.reason.startswith("the spend is on record for the source as a whole")
        assert ("ads", name) not in found.rates


def test_spend_on_a_source_without_campaigns_is_divided_by_its_leads() -> None:
    leads = [(OLD, "fair", None, won, 0.5, "A") for won in (True, True, False)]
    assert by_name(costs(facts_of(leads, [(OLD, "fair", None, 100.0)])))["fair", None].per_win.value == 50


def test_only_days_with_recorded_spend_count() -> None:
    leads = [*LEADS, ("2026-04-30", "ads", "brand", True, 0.5, "A"), ("2026-06-21", "ads", "brand", False, 0.5, "A")]
    found = costs(facts_of(leads, SPEND))
    assert (found.first, found.last) == (date(2026, 5, 1), date(2026, 6, 20))
    assert by_name(found)["ads", "brand"].leads == 5


def test_a_period_limits_both_leads_and_spend() -> None:
    june = Period(datetime(2026, 6, 1, tzinfo=UTC), AS_OF)
    found = costs(facts_of(LEADS, SPEND), period=june)
    assert [(cost.name, cost.leads, cost.spend) for cost in found.groups] == [(("ads", "brand"), 2, 150)]


def test_without_spend_there_is_no_cost_but_a_reason() -> None:
    found = costs(facts_of(LEADS, []))
    assert (found.groups, found.note) == ((), "no spend is recorded in this period")


def test_without_scores_or_grades_the_costs_that_need_them_are_unknown() -> None:
    facts = facts_of(LEADS, SPEND)
    bare = LeadsAsOf(
        facts.leads.assign(probability=np.nan, grade=pd.Categorical([None] * 7, categories=["A"])),
        facts.contacts,
        facts.spend,
        AS_OF,
        30,
    )
    brand = by_name(costs(bare))["ads", "brand"]
    assert (brand.per_expected_win.reason, brand.per_qualified.reason) == ("no scores stored", "no grades stored")
    assert brand.per_win.value == 150
    old_spend = bare.spend[bare.spend["date"] < np.datetime64(YOUNG)]
    assert brand.shrunk == by_name(costs(replace(bare, spend=old_spend)))["ads", "brand"].shrunk, (
        "nobody can expect wins"
    )


def test_the_interval_of_a_count_is_the_exact_poisson_interval() -> None:
    assert sum_interval(10, 10, 1) == pytest.approx((4.795, 18.390), abs=1e-3)  # Garwood 1936


def test_the_cost_of_an_expected_win_is_covered() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(1_000):
        promised = rng.beta(1, 6, size=rng.poisson(60))
        covered += cost_of_one(1_000, promised.sum(), (promised**2).sum(), 1.0, "lead").covers(1_000 / (60 / 7))
    assert 0.94 <= covered / 1_000 <= 0.99


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.8])
def test_the_true_cost_of_small_campaigns_is_covered(spread: float) -> None:
    rng = np.random.default_rng(9)
    covered, error, plain_error = [], [], []
    for _ in range(150):
        money = rng.choice([200.0, 1_000.0, 5_000.0], 6)
        true = 0.004 * np.exp(spread * rng.normal(size=6) - spread**2 / 2)
        wins = rng.poisson(true * money).astype(float)
        if wins.sum() == 0:
            continue
        rates = shrunk_rates(wins, wins, money)
        covered += [rate.low <= one <= rate.high for rate, one in zip(rates, true, strict=True)]
        error += [(rate.mean - one) ** 2 for rate, one in zip(rates, true, strict=True)]
        plain_error += ((wins / money - true) ** 2).tolist()
    assert np.mean(covered) > 0.9
    assert np.mean(error) < 0.8 * np.mean(plain_error)


def test_many_wins_need_no_shrinking() -> None:
    few, many = shrunk_rates([2_000, 100], [2_000, 100], [100_000, 50_000])
    assert few.mean == pytest.approx(0.02, rel=0.02)
    assert many.mean == pytest.approx(0.002, rel=0.05)


def test_the_chance_of_being_the_best_is_that_of_drawing_the_highest() -> None:
    rates = [Rate(4.0, 0.5), Rate(9.0, 0.2), Rate(1.0, 1.0)]
    drawn = gamma.rvs([4, 9, 1], scale=[0.5, 0.2, 1.0], size=(200_000, 3), random_state=1)
    assert chance_best(rates) == pytest.approx(np.bincount(drawn.argmax(axis=1)) / 200_000, abs=0.005)


def test_the_suggestion_says_its_doubt_and_that_an_average_is_no_next_win() -> None:
    found = suggest(costs(facts_of(LEADS, SPEND)))
    assert [one.name for one in found.candidates] == [("ads", "brand"), ("ads", "video")]
    assert not found.told_apart
    said = in_words(found)
    assert "next is ads / video" in said
    assert ("only" in said) == (found.candidates[0].chance_best < 0.5)
    assert "This is the average cost, not that of the next win" in said


def test_one_campaign_leaves_nothing_to_suggest() -> None:
    found = suggest(costs(facts_of(LEADS[:3], SPEND[:1])))
    assert in_words(found) == "No suggestion for the budget: it takes at least two campaigns with spend and leads."


def test_a_simulated_company_learns_what_its_customers_truly_cost() -> None:
    made = simulate(20_000, seed=3, until=AS_OF.date())
    scores = pd.DataFrame(
        {
            "lead_id": made.leads["lead_id"],
            "scored_at": made.leads["created_at"],
            "probability": made.truth["probability"] * made.truth["worked"],
        }
    )
    facts = read_leads_as_of(made.leads, made.contacts, made.outcomes, made.spend, scores, AS_OF, made.horizon_days)
    expected = by_name(costs(facts, ["source"]))
    old = (made.leads["created_at"] < pd.Timestamp(AS_OF) - pd.Timedelta(days=90)).to_numpy()
    true = made.truth["probability_handled"][old].groupby(made.leads["source"][old]).sum()
    covered = [cost.per_win.covers(cost.matured_spend / true[cost.name[0]]) for cost in expected.values() if cost.spend]
    assert len(covered) >= 4
    assert all(covered)
