"""Of weekly pages on which nothing happened, at most one in twenty says that something did."""

import dataclasses

import pytest
from scipy.stats import binom

from analytics.mix.verdict import PAGE_LEVEL, is_clear
from analytics.report import Report
from simulation.company import simulate
from simulation.scenarios import Sales, Scenario
from tests.analytics.report.test_build import UNTIL, report_of
from tests.conftest import Prove
from tests.proofs import Proof

QUIET = Scenario("quiet", "Nothing changes but season and a slow drift.", Sales(speed_effect=0.0, skill_sd=0.0))
DESCRIBED = {"promise_kept", "never_tried", "cac"}
"""Of points that tell what is, whether or not it changed."""
PAGES = Proof(
    "Pages on which nothing changed",
    "8,000 leads of a company in which nothing changes, agents are equal and speed does nothing; each page is made "
    "whole, scores and reference included. Shown is how many pages call the change or a part of it clear, or ask to "
    "discuss what is not so.",
    "it is more than one in twenty, beyond what so many pages leave to chance",
)


def is_false(report: Report) -> bool:
    """Whether anything of the headline is called clear, or a point tells of what is not so."""
    change = report.change
    headline = any(is_clear(part, change.p_value) for part in (change.total, change.mix, change.handling))
    return headline or any(not DESCRIBED.intersection(point.metrics) for point in report.discuss)


def page(seed: int) -> Report:
    return report_of(simulate(8_000, seed=seed, scenario=QUIET, until=UNTIL))


def test_a_quiet_page_says_so_and_a_page_with_a_clear_change_does_not() -> None:
    quiet = page(1_000)
    clear = dataclasses.replace(quiet.change, p_value=0.001, mix=quiet.change.after)

    assert not is_false(quiet)
    assert quiet.answer.sentences[0].startswith("No clear change: ")
    assert is_false(dataclasses.replace(quiet, change=clear))


@pytest.mark.slow
def test_proof_of_quiet_pages(prove: Prove) -> None:
    runs = 100
    false = sum(is_false(page(seed)) for seed in range(2_000, 2_000 + runs))
    prove(PAGES, "8,000 leads, first company", runs, f"pages that say something of nothing {false / runs:.1%}")
    assert binom.sf(false - 1, runs, PAGE_LEVEL) > 0.01
