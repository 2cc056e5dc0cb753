import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit

from analytics.leads_as_of import read_leads_as_of
from analytics.response.speed import SpeedEffect, Verdict, effect_of_speed
from analytics.response.waits import Waiting
from analytics.response.words import in_words, span_in_words
from analytics.response.working_hours import WorkingHours
from simulation.company import Simulation, simulate
from simulation.scenarios import SCENARIOS, Sales
from stats.adjusted import adjusted_shares, difference
from stats.estimates import Estimate, exact_share
from stats.types import Vector
from tests.analytics.response.speed_companies import true_effect
from tests.conftest import Prove
from tests.proofs import Proof

DRAWN = Proof(
    "Speed of response: leads drawn from known chances",
    "Hot leads are called first, and the score ranks leads as it should but is badly calibrated; how often the 95 % "
    "intervals hold the truth. Gain is what being tried soon truly adds in log-odds; 0 is a company where speed does "
    "nothing. Raw is the plain difference, which misleads the more, the more leads there are.",
    "the adjusted effect is held in fewer than 93 % or more than 97 % of the runs",
)
SIMULATED = Proof(
    "Speed of response: simulated companies",
    "The same in whole companies with working hours, agents, several attempts and outcomes that arrive late; the score "
    "is the true chance at arrival. The effect is in log-odds for each halving of the wait.",
    "the adjusted effect is held in fewer than 92 % or more than 98 % of the runs, or the raw one in more than 5 %",
)

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
HOUR, TWO_HOURS = dt.timedelta(hours=1), dt.timedelta(hours=2)


@dataclass(frozen=True)
class Company:
    """Leads whose hotter ones are tried sooner; `gain` is what each truly gains in log-odds from being tried soon."""

    score: Vector
    soon: NDArray[np.bool_]
    won: NDArray[np.bool_]
    gained: Vector
    """Chance of winning if tried soon less that if tried later."""


def company(seed: int, leads: int, gain: float) -> Company:
    rng = np.random.default_rng(seed)
    heat = rng.normal(size=leads)
    log_odds = -2.3 + 1.1 * heat
    soon = -heat + 1.5 * rng.normal(size=leads) < 0
    won = rng.random(leads) < expit(log_odds + gain * soon)
    score = expit(-0.7 + 0.7 * log_odds)  # ranks the leads as it should, and is badly calibrated
    return Company(score, soon, won, expit(log_odds + gain) - expit(log_odds))


def _covered(seeds: int, leads: int, gain: float) -> tuple[float, float, float]:
    """How often the raw difference, the adjusted one, and the wins missed are covered."""
    hits = np.zeros(3)
    for seed in range(seeds):
        one = company(seed, leads, gain)
        found, true = difference(one.score, one.soon, one.won), float(one.gained.mean())
        shares = [one.won[side] for side in (one.soon, ~one.soon)]
        raw = float(shares[0].mean() - shares[1].mean())
        error = float(np.sqrt(sum(share.var() / len(share) for share in shares)))
        hits += abs(raw - true) < 1.96 * error, found.effect.covers(true), found.missed.covers(_missed(one))
    covered = hits / seeds
    return float(covered[0]), float(covered[1]), float(covered[2])


def _missed(one: Company) -> float:
    return float(one.gained[~one.soon].sum())


@pytest.mark.parametrize("gain", [0.0, 0.8])
def test_leads_of_the_same_score_show_what_speed_truly_does(gain: float) -> None:
    raw, adjusted, missed = _covered(150, 2_000, gain)
    assert raw < 0.02
    assert adjusted > 0.9
    assert missed > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.0, 0.8])
@pytest.mark.parametrize("leads", [300, 1_000, 10_000])
def test_the_truth_is_covered_in_95_of_100_companies(gain: float, leads: int, prove: Prove) -> None:
    raw, adjusted, missed = _covered(1_000, leads, gain)
    figures = f"raw {raw:.1%}, adjusted {adjusted:.1%}, wins that delay cost {missed:.1%}"
    prove(DRAWN, f"{leads:,} leads, gain {gain}", 1000, figures)
    assert 0.93 <= adjusted <= 0.97
    assert missed >= 0.92


def test_a_true_effect_of_five_points_is_found_among_ten_thousand_leads() -> None:
    one = company(1, 10_000, 0.5)
    effect = difference(one.score, one.soon, one.won).effect
    assert effect.low is not None
    assert effect.low > 0.02


def test_the_share_won_after_each_wait_is_told_at_equal_scores() -> None:
    effect, covered, raw = np.array([0.0, -0.3, -0.9]), np.zeros(3), np.zeros(3)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        heat = rng.normal(size=3_000)
        side = np.clip(np.rint(1 - heat + rng.normal(size=heat.size)), 0, 2).astype(np.intp)
        won = rng.random(heat.size) < expit(-2 + heat + effect[side])
        true = [float(expit(-2 + heat + added).mean()) for added in effect]
        shares = adjusted_shares(expit(-2 + heat), side, won, 3)
        covered += [share.covers(one) for share, one in zip(shares, true, strict=True)]
        raw += [
            exact_share(int(won[side == one].sum()), int((side == one).sum())).covers(true[one]) for one in range(3)
        ]
    assert (covered >= 0.88 * 60).all()
    assert raw[0] < 6
    assert raw[2] < 6


def test_scores_that_one_side_does_not_have_are_left_out() -> None:
    rng = np.random.default_rng(0)
    score = rng.uniform(0.02, 0.98, 4_000)
    one_side = rng.random(4_000) < expit(12 * (score - 0.5))
    found = difference(score, one_side, rng.random(4_000) < score)
    assert 0.25 < found.overlapping / 4_000 < 0.5
    assert found.effect.covers(0)
    apart = difference(score, score > 0.5, rng.random(4_000) < score)
    assert (apart.effect.value, apart.effect.reason) == (
        None,
        "the scores of the two sides are too different to be compared",
    )


@pytest.mark.parametrize(("soon", "wins"), [(29, 20), (100, 9)])
def test_few_leads_or_wins_tell_nothing(soon: int, wins: int) -> None:
    number = np.arange(200)
    found = difference(np.full(200, 0.1), number < soon, number % 200 >= 200 - wins)
    assert found.effect.value is None
    assert found.effect.reason.startswith("too few leads")


def test_one_score_for_all_leads_gives_the_plain_difference() -> None:
    number = np.arange(1_000)
    soon, won = number % 2 == 0, (number % 10 < 2) | (number % 4 == 0)
    found = difference(np.full(1_000, 0.3), soon, won)
    assert found.effect.value == pytest.approx(won[soon].mean() - won[~soon].mean(), abs=1e-3)


Fate = Literal["won", "lost"]


def leads_with(*fates: tuple[float | None, Fate | None, float | None], stored: float | Vector = 0.2) -> SpeedEffect:
    """The effect among leads given by: hours until tried, what became of them, hours until that."""
    arrived = pd.Timestamp("2026-01-05T00:00")
    ids = [str(number) for number in range(len(fates))]
    tried = [
        (name, arrived + pd.Timedelta(hours=hours)) for name, (hours, _, _) in zip(ids, fates, strict=True) if hours
    ]
    closed = [
        (name, status, arrived + pd.Timedelta(hours=hours or 0))
        for name, (_, status, hours) in zip(ids, fates, strict=True)
        if status
    ]
    facts = read_leads_as_of(
        pd.DataFrame({"lead_id": ids, "created_at": arrived}),
        pd.DataFrame(tried, columns=["lead_id", "started_at"]),
        pd.DataFrame(closed, columns=["lead_id", "status", "at"]),
        None,
        pd.DataFrame({"lead_id": ids, "scored_at": arrived, "probability": stored}),
        AS_OF,
        30,
    )
    return effect_of_speed(Waiting.of(facts, WorkingHours()), TWO_HOURS)


def test_a_lead_that_closed_before_anyone_could_try_it_is_on_neither_side() -> None:
    effect = leads_with((None, "won", 1), (None, "lost", 1), (48, "won", 1), (1, "won", 0.5))
    assert (effect.compared, effect.closed_before) == (0, 4)


def test_a_lead_that_won_while_it_waited_counts_as_tried_later() -> None:
    effect = leads_with((None, "won", 5), (1, None, None))
    assert (effect.later.n, effect.later.value) == (1, 1.0)
    assert (effect.soon.n, effect.soon.value) == (1, 0.0)


def test_a_lead_nobody_tried_within_the_horizon_is_on_neither_side() -> None:
    effect = leads_with((None, None, None), (None, "lost", 100), (31 * 24, None, None), (3, "lost", 50))
    assert (effect.never_tried, effect.compared, effect.later.n) == (3, 1, 1)


def test_a_lead_without_a_score_cannot_be_compared() -> None:
    effect = leads_with((1, None, None), (3, None, None), stored=np.nan)
    assert (effect.compared, effect.without_score, effect.raw.value) == (2, 2, None)


def test_a_score_that_tells_nothing_apart_adjusts_nothing_and_is_not_taken_for_speed() -> None:
    fates: list[tuple[float, Fate | None, float | None]] = [
        (1.0 if place % 2 else 3.0, "won" if place % 5 < 1 + place % 2 else None, 40.0) for place in range(1_000)
    ]
    effect = leads_with(*fates, stored=0.1)
    assert effect.raw.low is not None
    assert effect.raw.low > 0
    assert (effect.adjusted.value, effect.verdict) == (None, Verdict.UNKNOWN)
    assert "the score hardly tells these leads apart" in in_words(effect)


def test_with_a_score_that_tells_little_no_effect_counts_as_speed() -> None:
    fates: list[tuple[float, Fate | None, float | None]] = [
        (1.0 if place % 2 else 3.0, "won" if place % 5 < 1 + place % 2 else None, 40.0) for place in range(1_000)
    ]
    vague = np.where(np.arange(1_000) % 3, 0.2, 0.3)
    effect = leads_with(*fates, stored=vague)
    assert effect.adjusted.low is not None
    assert effect.adjusted.low > 0
    assert effect.verdict is Verdict.MAY_BE_HIDDEN
    assert "too little to say that it is speed" in in_words(effect)


def test_young_leads_are_not_compared() -> None:
    facts = read_leads_as_of(
        pd.DataFrame({"lead_id": ["1"], "created_at": ["2026-05-30"]}),
        pd.DataFrame({"lead_id": ["1"], "started_at": ["2026-05-30T01:00"]}),
        pd.DataFrame({"lead_id": ["1"], "status": ["won"], "at": ["2026-05-31"]}),
        None,
        None,
        AS_OF,
        30,
    )
    assert effect_of_speed(Waiting.of(facts, WorkingHours())).compared == 0


def test_without_a_limit_the_leads_are_divided_evenly() -> None:
    minutes = [3, 4, 10, 12, 40, 50, 200, 3_000]
    facts = read_leads_as_of(
        pd.DataFrame({"lead_id": range(8), "created_at": "2026-01-05T00:00"}),
        pd.DataFrame({"lead_id": range(8), "started_at": pd.Timestamp("2026-01-05") + pd.to_timedelta(minutes, "min")}),
        pd.DataFrame({"lead_id": [0], "status": ["lost"], "at": ["2026-03-01"]}),
        None,
        None,
        AS_OF,
        30,
    )
    assert effect_of_speed(Waiting.of(facts, WorkingHours())).limit == dt.timedelta(minutes=15)


def _measured(seed: int, leads: int, speed_effect: float, blur: float = 0.0) -> tuple[Simulation, Waiting, SpeedEffect]:
    """A simulated company's effect of speed; the score is the true chance at arrival, blurred in its log-odds."""
    scenario = replace(SCENARIOS["speed-does-nothing"], sales=Sales(speed_effect=speed_effect))
    made = simulate(leads, seed=seed, scenario=scenario, until=AS_OF.date())
    noise = blur * np.random.default_rng(seed).normal(size=leads)
    scores = pd.DataFrame(
        {
            "lead_id": made.leads["lead_id"],
            "scored_at": made.leads["created_at"],
            "probability": expit(logit(made.truth["probability"]) + noise),
        }
    )
    facts = read_leads_as_of(made.leads, made.contacts, made.outcomes, None, scores, AS_OF, made.horizon_days)
    waiting = Waiting.of(facts, WorkingHours.parse("Mon-Fri 09:00-18:00"))
    return made, waiting, effect_of_speed(waiting, TWO_HOURS)


def test_where_speed_does_nothing_a_simulated_company_shows_a_large_raw_effect_and_no_adjusted_one() -> None:
    found = [_measured(seed, 6_000, 0.0)[2] for seed in range(8)]
    assert all(effect.raw.low is not None and effect.raw.low > 0.03 for effect in found)
    assert sum(effect.verdict is not Verdict.NOISE for effect in found) <= 1


def test_what_a_vague_score_leaves_is_not_called_speed() -> None:
    """The same companies with a score that is the true one blurred, about as a model trained on few leads is."""
    found = [_measured(seed, 10_000, 0.0, blur=0.6)[2] for seed in range(6)]
    unsure = [effect for effect in found if effect.verdict is Verdict.MAY_BE_HIDDEN]
    assert all(effect.verdict is not Verdict.SPEED for effect in found)
    assert len(unsure) >= 4
    assert all(effect.allowing_hidden.covers(0) and "It may not be speed" in in_words(effect) for effect in unsure)


def test_where_speed_matters_a_simulated_company_shows_how_much() -> None:
    made, waiting, effect = _measured(1, 20_000, 0.4)
    assert effect.verdict is Verdict.SPEED
    assert effect.adjusted.covers(true_effect(made, waiting, TWO_HOURS, 1)[0])
    assert effect.raw.value is not None
    assert effect.adjusted.value is not None
    assert effect.raw.value > 1.5 * effect.adjusted.value


@pytest.mark.slow
@pytest.mark.parametrize("speed_effect", [0.0, 0.2, 0.4])
def test_simulated_companies_are_covered_in_95_of_100(speed_effect: float, prove: Prove) -> None:
    seeds = 500
    raw = covered = 0
    for seed in range(seeds):
        made, waiting, effect = _measured(seed, 10_000, speed_effect)
        true = true_effect(made, waiting, TWO_HOURS, seed)[0]
        covered += effect.adjusted.covers(true)
        raw += effect.raw.covers(true)
    prove(
        SIMULATED,
        f"10,000 leads, effect {speed_effect}",
        seeds,
        f"raw {raw / seeds:.1%}, adjusted {covered / seeds:.1%}",
    )
    assert raw / seeds < 0.05
    assert 0.92 <= covered / seeds <= 0.98


def test_the_effect_is_said_with_its_interval_and_the_word_observational() -> None:
    one = company(1, 10_000, 1.2)
    waits = np.where(one.soon, 1.0, 3.0)
    fates: list[tuple[float, Fate | None, float | None]] = [
        (float(wait), "won" if won else None, 40.0 if won else None) for wait, won in zip(waits, one.won, strict=True)
    ]
    said = in_words(leads_with(*fates, stored=one.score))
    soon, later = (100 * one.won[side].mean() for side in (one.soon, ~one.soon))
    assert said.startswith("At the same score, leads called within 2 working hours and later differ in conversion by +")
    assert "waiting cost" in said
    plain = (
        f"As it looks, of 100 leads called within 2 working hours, {soon:.1f} won; of 100 called later, {later:.1f}."
    )
    assert said.endswith(f"{plain} This is observational: agents chose whom to call first, so this isn't proof.")


def test_an_effect_of_which_score_and_fields_explain_little_is_said_to_have_an_unknown_reason() -> None:
    effect = leads_with(*[(1.0, "won", 40.0)] * 60, *[(3.0, None, None)] * 60)
    known = Estimate(0.2, 0.1, 0.3, 120)
    little = replace(effect, telling=0.4, raw=Estimate(0.21, 0.1, 0.3, 120), adjusted=known)
    much = replace(little, raw=Estimate(0.6, 0.5, 0.7, 120))
    assert {little.verdict, much.verdict} == {Verdict.MAY_BE_HIDDEN}
    assert "whether they saw something else or took them as they came cannot be told" in in_words(little)
    assert "times as telling" not in in_words(little)
    assert "0.5 times as telling" in in_words(much)


def test_an_unknown_effect_is_said_with_its_reason() -> None:
    assert "cannot be told: too few leads" in in_words(leads_with((1, "won", 4), (3, None, None)))
    assert (
        in_words(leads_with((None, None, None))) == "No matured leads can be told apart by how soon they were called."
    )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (HOUR, "1 working hour"),
        (dt.timedelta(minutes=15), "15 working minutes"),
        (2.5 * HOUR, "2.5 working hours"),
        (33.14 * HOUR, "33 working hours"),
    ],
)
def test_spans_are_said_as_people_say_them(span: dt.timedelta, words: str) -> None:
    assert span_in_words(span) == words
