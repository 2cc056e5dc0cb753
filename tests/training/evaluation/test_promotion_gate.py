"""May the challenger replace the champion?"""

import numpy as np
import pytest
from scipy.special import expit

from tests.training.leads import config, matured
from training.data.encoded_samples import EncodedSamples
from training.evaluation.promotion_gate import (
    BaselineComparison,
    ChampionComparison,
    Comparison,
    beats_base_rate,
    compare,
    decide,
    find_regressed_sources,
)
from training.models.baselines import CrmBaseline, fit_base_rate
from training.models.logistic import fit_logistic

WON = np.tile([1.0, 0.0, 0.0, 0.0], 100)
GOOD, FLAT = np.where(WON > 0.5, 0.4, 0.2), np.full(400, 0.25)


def test_the_gain_is_the_mean_difference_in_log_loss_with_its_interval() -> None:
    comparison = compare(GOOD, FLAT, WON, "the base rate", seed=7)
    gain = 0.25 * np.log(0.4 / 0.25) + 0.75 * np.log(0.8 / 0.75)
    assert comparison.gain == pytest.approx(gain)
    assert comparison.low < gain < comparison.high
    assert comparison.leads == 400
    assert comparison.better


def test_the_interval_is_that_of_the_paired_differences() -> None:
    comparison = compare(GOOD, FLAT, WON, "it", seed=7)
    differences = np.log(np.where(WON > 0.5, 0.4 / 0.25, 0.8 / 0.75))
    margin = 1.645 * differences.std() / 20
    assert comparison.high - comparison.low == pytest.approx(2 * margin, rel=0.1)


def test_the_same_probabilities_beat_nobody() -> None:
    comparison = compare(GOOD, GOOD, WON, "itself", seed=7)
    assert (comparison.gain, comparison.low, comparison.high) == (0.0, 0.0, 0.0)
    assert not comparison.better


def test_who_is_compared_with_whom_only_turns_the_sign() -> None:
    forth, back = compare(GOOD, FLAT, WON, "it", seed=7), compare(FLAT, GOOD, WON, "it", seed=7)
    assert (back.gain, back.low, back.high) == pytest.approx((-forth.gain, -forth.high, -forth.low))


def test_the_same_seed_gives_the_same_verdict() -> None:
    assert compare(GOOD, FLAT, WON, "it", seed=7) == compare(GOOD, FLAT, WON, "it", seed=7)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0.001, 0.03, "beats the champion in log loss by +0.0100 [+0.0010, +0.0300] on 1,200 leads"),
        (-0.001, 0.03, "is within noise of the champion in log loss by +0.0100 [-0.0010, +0.0300] on 1,200 leads"),
        (-0.03, -0.001, "is worse than the champion in log loss by +0.0100 [-0.0300, -0.0010] on 1,200 leads"),
    ],
)
def test_a_comparison_is_told_in_words(low: float, high: float, says: str) -> None:
    assert str(Comparison("the champion", 1_200, 0.01, low, high)) == says


BETTER = Comparison("the base rate", 500, 0.02, 0.01, 0.03)
WORSE = Comparison("champion version 3", 500, -0.02, -0.03, -0.01)


def test_the_first_model_is_promoted_whatever_is_served() -> None:
    decision = decide("blend", beaten=True, baselines={"base rate": BETTER}, champion=None)
    assert (decision.beats_base_rate, decision.promoted) == (True, True)
    assert decision.reasons == (f"blend {BETTER}", "there is no champion yet")
    assert decide(
        "blend", beaten=False, baselines={"base rate": BaselineComparison(last=WORSE, all=WORSE)}, champion=None
    ).promoted


NOISE = Comparison("the base rate", 500, 0.001, -0.01, 0.01)
UNTOLD = compare(GOOD[:40], FLAT[:40], WON[:40], "the base rate", seed=7)


@pytest.mark.parametrize(
    ("rates", "why"),
    [
        (None, "too few leads were won, or were not, to try a model (10 of either are needed)"),
        (BaselineComparison(last=NOISE, all=NOISE), "no model beats the base rate beyond noise yet"),
        (
            BaselineComparison(last=UNTOLD, all=UNTOLD),
            "there are too few leads to tell whether a model beats the base rate",
        ),
        (
            BaselineComparison(last=WORSE, all=BETTER),
            "blend beats the base rate over all leads, but not on the last ones, where it is worse",
        ),
    ],
    ids=["none was tried", "within noise", "too few to tell", "lately worse"],
)
def test_where_the_rates_are_served_it_says_the_true_reason(rates: BaselineComparison | None, why: str) -> None:
    baselines = {"base rate": rates} if rates else {}
    reasons = decide("blend", beaten=False, baselines=baselines, champion=None).reasons
    assert f"{why}: the shrunk rates per source are served" in reasons
    assert sum("no model beats" in reason for reason in reasons) == ("no model beats" in why)


@pytest.mark.parametrize(("leads", "wins"), [(99, 40), (400, 9), (400, 391), (12, 0)])
def test_few_leads_or_wins_are_no_ground_for_a_verdict(leads: int, wins: int) -> None:
    """A block of 12 leads without a win was "worse by -0.0661 [-0.0840, -0.0422]"."""
    won = (np.arange(leads) < wins).astype(float)
    better, worse = (np.where(won > 0.5, p, 1 - p) for p in (0.9, 0.1))
    found = compare(better, worse, won, "the base rate", seed=7)
    assert not found.is_conclusive
    assert (found.better, found.worse) == (False, False)
    assert str(found) == (
        f"cannot be told from the base rate by {leads} leads, {wins} of them won: "
        "100 leads with 10 of either outcome are needed"
    )
    assert str(BaselineComparison(last=found, all=BETTER)).endswith(
        f"on the last {leads} of them it cannot be told from it: {wins} of them won"
    )


def test_the_champion_falls_only_to_what_beats_it_on_the_same_leads() -> None:
    won = decide("blend", beaten=True, baselines={}, champion=ChampionComparison("champion version 3", BETTER))
    lost = decide("blend", beaten=True, baselines={}, champion=ChampionComparison("champion version 3", WORSE))
    assert (won.promoted, lost.promoted) == (True, False)
    assert lost.reasons[-1].startswith("blend is worse than champion version 3")


def test_a_better_challenger_is_held_where_a_source_would_lose_by_it() -> None:
    harm = Comparison("champion version 3 for source 'fair'", 200, -0.05, -0.08, -0.02)
    decision = decide(
        "blend",
        beaten=True,
        baselines={},
        champion=ChampionComparison("champion version 3", BETTER, regressed_sources=(harm,)),
    )
    assert not decision.promoted
    assert decision.reasons[-1] == (
        "held, because blend is worse than champion version 3 for source 'fair' in log loss by "
        "-0.0500 [-0.0800, -0.0200] on 200 leads"
    )


def test_the_source_that_loses_is_found_among_those_that_gain() -> None:
    source = np.repeat(["fair", "search", "social", "rare"], [120, 120, 120, 40])
    worse = np.where(WON > 0.5, 0.1, 0.4)
    mine = np.where(np.isin(source, ["fair", "rare"]), worse, GOOD)
    (harm,) = find_regressed_sources(mine, FLAT, WON, source, "the champion", seed=7)
    assert (harm.rival, harm.leads) == ("the champion for source 'fair'", 120)
    assert harm.high < 0.0
    assert find_regressed_sources(GOOD, FLAT, WON, source, "the champion", seed=7) == ()


def test_a_difference_that_is_sure_but_next_to_nothing_holds_nobody() -> None:
    source = np.repeat(["fair", "search"], 200)
    barely = np.where(WON > 0.5, 0.2495, 0.2505)
    assert compare(barely, FLAT, WON, "it", seed=7).worse
    assert find_regressed_sources(barely, FLAT, WON, source, "the champion", seed=7) == ()


def test_the_more_sources_are_looked_at_the_surer_each_must_be() -> None:
    won, worse = np.tile(WON, 5), np.tile(np.where(WON > 0.5, 0.2, 0.28), 5)
    mine = np.where(np.arange(2_000) < 400, worse, np.tile(GOOD, 5))
    few, many = (np.minimum(np.arange(2_000) // 200 + 1, most).astype(str) for most in (2, 10))
    source_of = {2: np.where(np.arange(2_000) < 400, "fair", few), 10: np.where(np.arange(2_000) < 400, "fair", many)}
    highs = [
        find_regressed_sources(mine, np.full(2_000, 0.25), won, one, "it", 7)[0].high for one in source_of.values()
    ]
    assert highs[0] < highs[1] < 0.0


def test_it_is_what_would_be_served_that_is_held_against_the_champion() -> None:
    decision = decide("blend", beaten=False, baselines={}, champion=ChampionComparison("champion version 3", WORSE))
    assert decision.reasons[-1].startswith("base rate is worse than champion version 3")


def test_without_a_comparison_the_champion_stays_and_the_reason_is_told() -> None:
    decision = decide(
        "blend",
        beaten=True,
        baselines={},
        champion=ChampionComparison("champion version 3", None, "its horizon is 60 days, not 90"),
    )
    assert not decision.promoted
    assert decision.reasons[-1] == "blend cannot be compared with champion version 3: its horizon is 60 days, not 90"


def beats_both_baselines(leads: int, seed: int, signal: float) -> bool:
    """Fit on the first seven tenths of a small company's leads, be judged by the rest."""
    dataset = matured(leads, seed, signal=signal)
    past, test = np.split(np.arange(len(dataset)), [int(0.7 * len(dataset))])
    known = EncodedSamples.from_rows(dataset, past, config().lead_schema)
    X, won = known.encoder.encode(dataset.leads.take(test)), dataset.won[test]
    mine = expit(fit_logistic(known.samples).raw_score(X))
    rivals = (expit(fit(known.encoder, known.samples).raw_score(X)) for fit in (fit_base_rate, CrmBaseline.fit))
    return all(compare(mine, rival, won, "it", seed).better for rival in rivals)


def test_noise_passes_in_no_more_than_one_run_of_twenty() -> None:
    assert sum(beats_both_baselines(400, seed, signal=0.0) for seed in range(60)) <= 3


def test_a_real_gain_passes_in_at_least_four_runs_of_five() -> None:
    assert sum(beats_both_baselines(1_500, seed, signal=1.0) for seed in range(30)) >= 24


def test_against_a_champion_that_knows_as_much_a_retrained_twin_passes_in_one_run_of_twenty() -> None:
    """Two models that err by as much, each its own way: the bound is one-sided at 95 %, so about 5 % pass."""
    passed = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        truth = rng.normal(-1, 1, 400)
        mine, theirs = (expit(truth + rng.normal(0, 0.3, 400)) for _ in range(2))
        won = (rng.random(400) < expit(truth)).astype(float)
        passed += compare(mine, theirs, won, "it", seed).better
    assert passed <= 18


SURELY, BARELY, BEHIND = (
    Comparison("x", 100, gain, low, 0.2) for gain, low in ((0.1, 0.02), (0.1, -0.02), (-0.1, -0.3))
)
LATELY_WORSE = Comparison("x", 100, -0.1, -0.2, -0.01)


@pytest.mark.parametrize(
    ("rates", "beaten"),
    [
        (BaselineComparison(last=BEHIND, all=SURELY), True),
        (BaselineComparison(last=UNTOLD, all=SURELY), True),
        (BaselineComparison(last=SURELY, all=BARELY), False),
        (BaselineComparison(last=LATELY_WORSE, all=SURELY), False),
        (BaselineComparison(last=UNTOLD, all=UNTOLD), False),
    ],
    ids=[
        "beyond noise better than the rates, and lately within noise",
        "the last leads are too few to say anything against it",
        "within noise of the rates",
        "lately worse than the rates",
        "too few leads to tell",
    ],
)
def test_a_model_must_beat_the_rates_beyond_noise_and_lately_not_be_worse(
    rates: BaselineComparison, beaten: bool
) -> None:
    assert beats_base_rate(rates) is beaten
