"""Mix and handling by the reference that a report really has: made of a few thousand leads, shrunk, aged or frozen."""

import dataclasses
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binom

from analytics.mix.change import compare
from analytics.mix.parts import standing_out
from analytics.mix.verdict import HEADLINE_LEVEL
from analytics.reference.predictions import ParsedLeads, place_predictions
from tests.analytics.populations import AFTER, BEFORE, PERIODS, POPULATIONS, SCENARIO_NAMES, Drawn, Population
from tests.conftest import Prove
from tests.proofs import Proof

LEADS = {2_000: 400_000, 5_000: 400_000, 20_000: 800_000}
"""Of the populations from which periods of so many leads are drawn: so many that the luck of the first company's fields
which the report is not shown, and which count as mix in the truth, is small beside the report's own error."""
RUNS = 500
COVERAGE = Proof(
    "Mix and handling by the reference that the report uses",
    "Two companies by unlike laws. Each run draws the leads of both periods and twice as many of one of them before, "
    "by which the report's own functions make a reference; none sees a true chance. Mix is true as the fields show it, "
    "by the chances of leads worked as in the earlier period; hidden quality is in handling. Shown in points: the true "
    "change and its parts, the mean error, and how often the 95 % interval holds it; and how often anything is called "
    "clear.",
    "an interval holds the truth in fewer than 93 % or more than 97 % of the runs, beyond what so many leave to "
    "chance; or where nothing changed anything is clear in more than 4 %",
)
FROZEN = Proof(
    "Mix and handling by a frozen reference that is wrong",
    "The same where the reference was trained long ago: probabilities that are half as far apart as the true ones, "
    "three times as far in log-odds, a third of them, or by chance alone.",
    "mix or handling is held in fewer than 93 % or more than 97 % of the runs, beyond what so many leave to chance",
)
WRONG: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "half as far apart": lambda p: p.mean() + (p - p.mean()) / 2,
    "three times as far apart": lambda p: expit(3 * logit(p) + 4),
    "a third": lambda p: p / 3,
    "by chance": lambda p: np.random.default_rng(7).permutation(p),
}


@lru_cache(maxsize=8)
def population(company: str, scenario: str, leads: int) -> Population:
    return POPULATIONS[company](scenario, leads)


def by_a_frozen_reference(people: Population, rng: np.random.Generator, n: int, wrong: str) -> Drawn:
    """Two periods judged by a registered version that says what `wrong` makes of the true chances."""
    rows = np.concatenate([rng.choice(people.at(time), n) for time in (BEFORE, AFTER)])
    facts, leads = people.facts_of(rows, np.repeat([BEFORE, AFTER], n), rng)
    m = WRONG[wrong](people.usual)[rows]
    judged = place_predictions(facts, ParsedLeads(np.arange(2 * n), leads), m, "1", "", {}, people.schema)
    return people.judged(facts, judged)


def as_often_as_it_says(held: int, runs: int) -> bool:
    """Whether so many of the runs may come of a true coverage of 93 to 97 %, but in one case of a hundred."""
    return binom.cdf(held, runs, 0.93) > 0.005 and binom.sf(held - 1, runs, 0.97) > 0.005


@pytest.mark.parametrize("company", POPULATIONS)
def test_a_reference_of_few_leads_finds_the_whole_mix(company: str) -> None:
    people, rng = population(company, "mix", 60_000), np.random.default_rng(3)
    drawn = [people.draw(rng, 1_500, 800).change for _ in range(40)]

    assert people.truth.mix < -0.025
    assert abs(np.mean([change.mix.value for change in drawn]) - people.truth.mix) < 0.003
    assert np.mean([change.mix.covers(people.truth.mix) for change in drawn]) >= 0.85
    assert np.mean([change.handling.covers(people.truth.handling) for change in drawn]) >= 0.85
    assert all(change.mix.value + change.handling.value == pytest.approx(change.total.value) for change in drawn)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_reference_that_is_wrong_draws_the_line_where_a_right_one_does(wrong: str) -> None:
    people, rng = population("second company", "mix", 60_000), np.random.default_rng(4)
    found = by_a_frozen_reference(people, rng, 6_000, wrong)
    uncorrected = compare(found.facts, PERIODS.before, PERIODS.after, ())

    assert found.change.mix.covers(people.truth.mix)
    assert not uncorrected.mix.covers(people.truth.mix)
    assert not found.change.corrected.covers(0.0)


def test_parts_by_source_still_add_up_when_the_reference_is_corrected() -> None:
    people = population("second company", "opposite", 60_000)
    change = people.draw(np.random.default_rng(5), 2_000, 800, by=(("source",),)).change

    parts = change.by("source")
    assert sum(part.mix.value for part in parts) == pytest.approx(change.mix.value, abs=1e-9)
    assert sum(part.handling.value for part in parts) == pytest.approx(change.handling.value, abs=1e-9)
    assert sum(part.usual_mix for part in parts) == pytest.approx(1.0)


def test_the_shares_of_sources_explain_a_mix_that_is_theirs_alone() -> None:
    people, rng = population("first company", "mix", 60_000), np.random.default_rng(6)
    own = people.draw(rng, 4_000, 4_000).change.within
    inside = population("second company", "mix", 60_000).draw(rng, 4_000, 4_000).change.within

    assert own.covers(0.0)
    assert inside.high < 0


@pytest.mark.parametrize("company", POPULATIONS)
def test_no_source_is_named_where_all_changed_alike(company: str) -> None:
    people, rng = population(company, "hidden quality", 60_000), np.random.default_rng(8)
    named = [
        standing_out(people.draw(rng, 3_000, 1_000, by=(("source",),)).change.by("source"), "handling")
        for _ in range(25)
    ]

    assert sum(part is not None for part in named) <= 4


def test_a_source_that_changed_alone_is_named() -> None:
    people = population("second company", "nothing", 60_000)
    chance = np.where((people.source == "referral") & (people.time == 1), people.chance / 3, people.chance)
    changed = dataclasses.replace(people, chance=chance, is_unchanged=False)
    parts = changed.draw(np.random.default_rng(9), 5_000, 2_000, by=(("source",),)).change.by("source")

    assert standing_out(parts, "handling").name == ("referral",)


@pytest.mark.slow
@pytest.mark.parametrize("n", LEADS)
@pytest.mark.parametrize("scenario", SCENARIO_NAMES)
@pytest.mark.parametrize("company", POPULATIONS)
def test_proof_of_coverage_by_the_reference_used(company: str, scenario: str, n: int, prove: Prove) -> None:
    people, runs = population(company, scenario, LEADS[n]), RUNS
    rng = np.random.default_rng([n, *f"{company}, {scenario}".encode()])  # no two settings share their luck
    drawn = [people.draw(rng, n, 2 * n).change for _ in range(runs)]
    clear, held = sum(change.p_value <= HEADLINE_LEVEL for change in drawn), {}
    told = []
    for part, name in (("total", "change"), ("mix", "mix"), ("handling", "handling")):
        true = getattr(people.truth, part)
        found = [getattr(change, part) for change in drawn]
        held[part] = sum(one.covers(true) for one in found)
        error = float(np.mean([one.value for one in found])) - true
        told.append(f"{name} {100 * true:+.2f}, error {100 * error:+.2f}, held {held[part] / runs:.1%}")
    prove(
        COVERAGE, f"{company}, {scenario}, {n:,} leads a period", runs, f"{'; '.join(told)}; clear {clear / runs:.1%}"
    )
    assert all(as_often_as_it_says(count, runs) for count in held.values())
    assert scenario != "nothing" or binom.sf(clear - 1, runs, HEADLINE_LEVEL) > 0.005


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("company", POPULATIONS)
def test_proof_of_a_frozen_reference_that_is_wrong(company: str, wrong: str, prove: Prove) -> None:
    people, rng, runs = population(company, "opposite", LEADS[5_000]), np.random.default_rng(11), 300
    drawn = [by_a_frozen_reference(people, rng, 5_000, wrong).change for _ in range(runs)]
    held = {
        part: sum(getattr(change, part).covers(getattr(people.truth, part)) for change in drawn)
        for part in ("mix", "handling")
    }
    figures = ", ".join(f"{part} held {count / runs:.1%}" for part, count in held.items())
    prove(FROZEN, f"{company}, opposite changes, {wrong}", runs, figures)
    assert all(as_often_as_it_says(count, runs) for count in held.values())
