"""Calls that are not logged: a perfect score is told to be one, whatever share of the calls is on record."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from analytics.leads_as_of import read_leads_as_of
from analytics.ledger import cohort, ledger
from analytics.reference.predictions import are_examples
from tests.analytics.logged_calls import company
from tests.conftest import Prove
from tests.proofs import Proof
from tests.second_company.company import USUAL
from tests.second_company.tables import make_tables, true_scores

SHARES = (1.0, 0.9, 0.7, 0.5)
CALLS = Proof(
    "Calls that are not logged",
    "A perfect score keeps its word in the ledger, whatever share of the calls is on record.",
    "the mean of delivered over predicted is off by more than 0.02, its interval holds 1 in fewer than 92 %, or more "
    "than 6.5 % of ledgers raise an alarm",
)


def runs(logged: float, times: int, first_seed: int) -> np.ndarray:
    """A row for each company: delivered over predicted, whether its interval holds 1, whether there is an alarm."""
    found = (ledger(company(5_000, logged, first_seed + run).facts()) for run in range(times))
    rows = [(one.whole.ratio.value, one.whole.ratio.covers(1.0), bool(one.alarms)) for one in found]
    return np.array(rows, dtype=np.float64)


@pytest.mark.parametrize("logged", SHARES)
def test_a_perfect_score_raises_no_more_alarms_where_calls_are_not_logged(logged: float) -> None:
    ratio, covers, alarms = runs(logged, 20, 100).T
    assert ratio.mean() == pytest.approx(1.0, abs=0.04)
    assert covers.sum() >= 17
    assert alarms.sum() <= 3


@pytest.mark.slow
@pytest.mark.parametrize("logged", SHARES)
def test_proof_that_a_perfect_score_keeps_its_word_whatever_is_logged(logged: float, prove: Prove) -> None:
    ratio, covers, alarms = runs(logged, 500, 5_000).T
    figures = f"delivered over predicted {ratio.mean():.3f}, 1 in its interval {covers.mean():.1%}"
    prove(CALLS, f"{logged:.0%} of the calls logged", 500, f"{figures}, alarms {alarms.mean():.1%}")
    assert ratio.mean() == pytest.approx(1.0, abs=0.02)
    assert covers.mean() >= 0.92
    assert alarms.mean() <= 0.065


def second_company(logged: float, times: int, first_seed: int, leads: int) -> np.ndarray:
    """The same of a company by other laws, whose scores are true at the moment of arrival."""
    made = replace(USUAL, logged=logged)
    as_of = datetime.combine(made.start, time(), UTC) + timedelta(days=made.days + made.horizon_days)
    rows = []
    for run in range(times):
        tables = make_tables(made, leads, first_seed + run)
        happened = (tables.leads, tables.contacts, tables.outcomes, None, true_scores(made, tables))
        book = ledger(read_leads_as_of(*happened, as_of, made.horizon_days))
        rows.append((book.whole.ratio.value, book.whole.ratio.covers(1.0), bool(book.alarms)))
    return np.array(rows, dtype=np.float64)


@pytest.mark.parametrize("logged", [1.0, 0.5])
def test_the_same_holds_of_a_company_by_other_laws(logged: float) -> None:
    ratio, covers, alarms = second_company(logged, 6, 40, leads=3_000).T
    assert ratio.mean() == pytest.approx(1.0, abs=0.06)
    assert covers.sum() >= 4
    assert alarms.sum() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("logged", SHARES)
def test_proof_on_a_company_by_other_laws(logged: float, prove: Prove) -> None:
    ratio, covers, alarms = second_company(logged, 200, 700, leads=5_000).T
    figures = f"delivered over predicted {ratio.mean():.3f}, 1 in its interval {covers.mean():.1%}"
    prove(CALLS, f"second company, {logged:.0%} logged", 200, f"{figures}, alarms {alarms.mean():.1%}")
    assert ratio.mean() == pytest.approx(1.0, abs=0.02)
    assert covers.mean() >= 0.92
    assert alarms.mean() <= 0.065


def test_a_score_that_promises_a_fifth_too_much_is_still_noticed_where_half_of_the_calls_are_logged() -> None:
    noticed = [bool(ledger(company(20_000, 0.5, seed, inflation=0.3).facts()).alarms) for seed in range(4)]
    assert all(noticed)


@pytest.mark.parametrize("logged", SHARES)
def test_won_or_not_a_lead_without_a_contact_is_not_worked(logged: float) -> None:
    facts = company(3_000, logged, 1).facts()
    lead = facts.leads
    untried = (lead["attempts"] == 0).to_numpy()
    assert not lead["worked"].to_numpy()[untried].any()
    assert lead["won"].to_numpy()[untried].any() == (logged < 1)
    assert not (cohort(facts) | are_examples(facts))[untried].any()
    assert facts.contact_log is not None
    assert bool(facts.contact_log.note) == (logged < 1)
