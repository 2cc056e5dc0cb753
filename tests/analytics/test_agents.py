from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import binom

from analytics.agents import Agent, Agents, agents
from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.groups import Period
from simulation.company import simulate
from simulation.scenarios import SCENARIOS, Sales
from stats.funnel import Funnel, funnel
from tests.conftest import Prove
from tests.proofs import Proof
from tests.second_company import COMPANIES, make_tables, true_scores
from tests.second_company.company import Picking

EQUAL = Proof(
    "Agents: equal ones are left alone",
    "Agents equal by construction, who get unlike leads and whose score promises too much; the share of pages that put "
    "any of them outside the limits.",
    "more than about 5 % of the pages flag anyone",
)

AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
ARRIVED = pd.Timestamp("2026-01-05")
NO_LEADS = pd.DataFrame({"lead_id": [], "created_at": []})
NO_OUTCOMES = pd.DataFrame({"lead_id": [], "status": []})
NOBODY = read_leads_as_of(NO_LEADS, None, NO_OUTCOMES, None, None, AS_OF, 90)


def company(seed: int, count: int = 20, leads: int = 6_000, better: float = 0.0, differ: float = 0.0) -> LeadsAsOf:
    """Agents who get unlike leads, from a score that ranks well and promises too much; the first is `better`."""
    rng = np.random.default_rng(seed)
    agent = rng.choice(count, leads, p=rng.dirichlet(np.full(count, 20.0)))
    log_odds = -2 + 0.7 * rng.normal(size=count)[agent] + rng.normal(size=leads)
    skill = differ * rng.normal(size=count)
    skill[0] += better
    return _facts(agent, expit(0.5 + 0.8 * log_odds), rng.random(leads) < expit(log_odds + skill[agent]))


def _facts(agent: NDArray[np.int64], score: NDArray[np.float64], won: NDArray[np.bool_]) -> LeadsAsOf:
    """Matured leads of these agents; built without the tables, because many companies are."""
    names = pd.Categorical.from_codes(agent, [f"agent {number:02}" for number in range(int(agent.max()) + 1)])
    leads = pd.DataFrame({"agent": names, "probability": score, "won": won, "reference": np.nan, "matured": True})
    leads = leads.assign(state="won", reason=None, attempts=1, conversations=0, talk_s=0.0, closed_at=ARRIVED)
    return replace(NOBODY, leads=leads, contacts=NOBODY.contacts.assign(agent=names[:0]))


def named(found: Agents) -> dict[str, Agent]:
    return {agent.name: agent for agent in found.agents}


def pages_that_flag(seeds: int, make: Callable[[int], LeadsAsOf]) -> float:
    return float(np.mean([bool(agents(make(seed)).outside) for seed in range(seeds)]))


def second_company(seed: int, picking: Picking, leads: int = 5_000) -> LeadsAsOf:
    """Eight agents equal by construction, who pick their leads or don't; the score is the true chance at arrival."""
    company = replace(COMPANIES["nothing"], skill=(0.0,) * 8, picking=picking)
    made = make_tables(company, leads, seed)
    as_of = datetime.combine(company.start, time(0), UTC) + timedelta(days=600)
    return read_leads_as_of(made.leads, made.contacts, made.outcomes, None, true_scores(company, made), as_of, 60)


def test_of_200_pages_about_20_equal_agents_at_most_5_in_100_flag_anyone() -> None:
    assert pages_that_flag(200, lambda seed: company(seed, leads=4_000)) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("count", "leads"), [(2, 1_000), (5, 1_000), (20, 2_000), (20, 100_000), (100, 30_000)])
def test_equal_agents_are_left_alone_at_any_size(count: int, leads: int, prove: Prove) -> None:
    flagged = pages_that_flag(500, lambda seed: company(seed, count, leads))
    prove(EQUAL, f"{count} agents, {leads:,} leads", 500, f"pages that flag anyone {flagged:.1%}")
    assert flagged <= 0.065


@pytest.mark.slow
@pytest.mark.parametrize("picking", ["fair", "score"])
def test_equal_agents_of_the_second_company_are_left_alone(picking: Picking, prove: Prove) -> None:
    flagged = pages_that_flag(500, lambda seed: second_company(seed, picking))
    setting = {"fair": "leads by lot", "score": "agents who pick by the chance at arrival"}[picking]
    prove(EQUAL, f"second company, 8 agents, 5,000 leads, {setting}", 500, f"pages that flag anyone {flagged:.1%}")
    assert flagged <= 0.065


@pytest.mark.slow
def test_of_200_simulated_companies_with_equal_agents_at_most_5_in_100_flag_anyone(prove: Prove) -> None:
    flagged = pages_that_flag(200, _simulated)
    prove(EQUAL, "20 agents of a simulated company, 8,000 leads", 200, f"pages that flag anyone {flagged:.1%}")
    assert flagged <= 0.05


def _simulated(seed: int) -> LeadsAsOf:
    equal = replace(SCENARIOS["steady"], sales=Sales(agents=20, skill_sd=0.0, pace_sd=0.0))
    made = simulate(8_000, seed=seed, scenario=equal, until=AS_OF.date())
    scores = made.leads[["lead_id"]].assign(scored_at=made.leads["created_at"], probability=made.truth["probability"])
    return read_leads_as_of(made.leads, made.contacts, made.outcomes, None, scores, AS_OF, made.horizon_days)


def test_how_much_equal_agents_differ_is_not_told() -> None:
    """Before, one page in five said that equal agents differ by a tenth or a fifth, beside that all is chance."""
    pages = [agents(company(seed, count=8, leads=3_000)) for seed in range(60)]
    told = [page for page in pages if page.differ.known]
    assert len(told) <= 3
    assert all(page.outside for page in told)
    assert "no more than chance" in next(page for page in pages if not page.outside).differ.reason


def test_how_much_agents_differ_is_told_with_an_interval_that_holds_it() -> None:
    pages = [agents(company(seed, count=25, leads=50_000, differ=0.3)) for seed in range(20)]
    assert all(page.differ.known for page in pages)
    # three tenths of a log-odd are as much of the wins, times the chance of losing them
    assert sum(page.differ.covers(0.3 * 0.8) for page in pages) >= 17


def test_agents_whose_leads_differ_in_score_are_known_to_have_unlike_leads() -> None:
    alike, picked = (agents(second_company(1, picking)) for picking in ("fair", "score"))
    assert not alike.unlike_leads
    assert picked.unlike_leads


def test_an_agent_better_by_half_a_log_odd_is_found_among_a_thousand_leads_each() -> None:
    pages = [named(agents(company(seed, leads=20_000, better=0.5))) for seed in range(40)]
    assert sum(page["agent 00"].result.outside == "more" for page in pages) >= 32
    others = [agent for page in pages for name, agent in page.items() if name != "agent 00" and agent.result.outside]
    assert len(others) <= 4


def test_where_agents_all_differ_many_are_outside_but_only_the_unusual_are_called_so() -> None:
    alike = agents(company(3, leads=100_000, differ=0.25))
    assert alike.differ.value == pytest.approx(0.22, abs=0.08)  # a quarter of a log-odd, at 15 wins in 100
    assert 0.05 < alike.differ.low < alike.differ.value < alike.differ.high < 0.5
    assert len(alike.outside) > 5
    assert sum(agent.result.unusual for agent in alike.agents) <= 1
    found = named(agents(company(3, leads=100_000, differ=0.25, better=1.5)))
    assert found["agent 00"].result.unusual


def test_good_leads_are_no_merit_and_bad_ones_no_fault() -> None:
    rng = np.random.default_rng(1)
    agent = np.repeat([0, 1], 2_000)
    score = np.where(agent == 0, 0.4, 0.1)
    found = named(agents(_facts(agent, score, rng.random(4_000) < score)))
    assert found["agent 00"].result.wins > 3 * found["agent 01"].result.wins
    assert [one.result.outside for one in found.values()] == [None, None]
    assert found["agent 01"].result.against_expected.covers(1)


def test_a_score_that_promises_everybody_too_much_flags_nobody() -> None:
    found = agents(company(2))
    promised, wins = (sum(getattr(one.result, name) for one in found.agents) for name in ("promised", "wins"))
    assert promised > 1.3 * wins
    assert sum(one.result.expected for one in found.agents) == pytest.approx(wins, rel=1e-3)
    assert found.outside == ()


def test_one_agent_alone_and_agents_with_few_leads_are_not_judged() -> None:
    alone = company(0, count=1, leads=500)
    (only,) = agents(alone).agents
    assert (only.result.outside, only.result.against_expected.value) == (None, None)
    few = agents(company(0, count=2, leads=30))
    assert {one.result.low for one in few.agents} == {None}
    assert "too few matured leads" in few.agents[0].result.against_expected.reason


def plain(wins: int, leads: int, share: float) -> Funnel:
    """One group of equal chances beside a very large one, so that both hardly influence each other."""
    sizes = np.array([leads, 10_000_000.0])
    return funnel(np.array([wins, share * 10_000_000]), sizes * share, sizes * share * (1 - share), sizes)


@pytest.mark.parametrize(("leads", "share"), [(60, 0.1), (1_000, 0.02), (400, 0.5)])
def test_with_equal_chances_the_limits_are_those_of_the_binomial(leads: int, share: float) -> None:
    found = plain(int(leads * share), leads, share)
    tail = (1 - 0.95**0.5) / 2
    low, high = binom.ppf([tail, 1 - tail], leads, share)
    assert found.low[0] == pytest.approx(low, abs=1)
    assert found.high[0] == pytest.approx(high, abs=1)
    assert plain(int(high) + 1, leads, share).outside[0] == 1
    assert plain(int(low) + 1, leads, share).outside[0] == 0
    assert plain(int(low) - 1, leads, share).outside[0] == -1


def contacts_of(*rows: tuple[str, str, str, str | None]) -> LeadsAsOf:
    """Facts of contacts given by lead, time, agent and the time agreed for the next; lead C closed on 3 June."""
    table = pd.DataFrame(rows, columns=["lead_id", "started_at", "agent", "again_at"])
    return read_leads_as_of(
        pd.DataFrame({"lead_id": ["A", "B", "C"], "created_at": ["2026-06-01", "2026-06-01", "2026-05-01"]}),
        table.assign(connected=True, duration_s=60.0),
        pd.DataFrame({"lead_id": ["C"], "status": ["lost"], "at": ["2026-06-03"], "reason": [None]}),
        None,
        None,
        AS_OF,
        90,
    )


@pytest.mark.parametrize(
    ("contacts", "due", "kept"),
    [
        ([("A", "2026-06-02", "Ann", "2026-06-05"), ("A", "2026-06-04", "Bob", None)], 1, 1),
        ([("A", "2026-06-02", "Ann", "2026-06-05"), ("A", "2026-06-05T23:00", "Ann", None)], 1, 1),  # within a day
        ([("A", "2026-06-02", "Ann", "2026-06-05"), ("A", "2026-06-07", "Ann", None)], 1, 0),
        ([("A", "2026-06-02", "Ann", "2026-06-05"), ("B", "2026-06-05", "Ann", None)], 1, 0),  # another lead
        ([("A", "2026-06-29", "Ann", "2026-06-29T12:00")], 0, 0),  # not due yet
        ([("C", "2026-06-02", "Ann", "2026-06-05")], 0, 0),  # closed before
        ([("C", "2026-06-02", "Ann", "2026-06-02T12:00")], 1, 0),
        ([("A", "2026-06-02", "Ann", None), ("A", "2026-06-03", "Ann", None)], 0, 0),
    ],
)
def test_a_follow_up_is_kept_by_the_next_contact_in_time(
    contacts: list[tuple[str, str, str, str | None]], due: int, kept: int
) -> None:
    follow_up = named(agents(contacts_of(*contacts)))["Ann"].follow_up_kept
    assert (follow_up.n, follow_up.value) == (due, kept / due if due else None)


def test_a_longer_tolerance_keeps_more_follow_ups() -> None:
    facts = contacts_of(("A", "2026-06-02", "Ann", "2026-06-05"), ("A", "2026-06-07", "Ann", None))
    assert named(agents(facts, tolerance=timedelta(days=3)))["Ann"].follow_up_kept.value == 1


def test_attempts_reach_talk_and_reasons_are_counted_over_the_agents_leads() -> None:
    leads = pd.DataFrame({"lead_id": ["A", "B", "C"], "created_at": "2026-06-01"})
    contacts = pd.DataFrame(
        [
            ("A", "2026-06-02T09:00", "Ann", False, 0.0),
            ("A", "2026-06-02T10:00", "Bob", True, 120.0),
            ("B", "2026-06-02T11:00", "Ann", True, 60.0),
            ("C", "2026-06-02T12:00", "Ann", False, 0.0),
        ],
        columns=["lead_id", "started_at", "agent", "connected", "duration_s"],
    )
    outcomes = pd.DataFrame(
        {"lead_id": ["A", "B"], "status": "lost", "at": "2026-06-05", "reason": ["No budget", None]}
    )
    (ann,) = agents(read_leads_as_of(leads, contacts, outcomes, None, None, AS_OF, 90)).agents
    assert (ann.name, ann.leads) == ("Ann", 3)
    assert (ann.attempts.value, ann.talk_s.value) == pytest.approx((4 / 3, 90))
    assert (ann.reach.value, ann.reasons_filled.value) == pytest.approx((2 / 3, 0.5))


def test_only_leads_of_the_period_count() -> None:
    facts = contacts_of(("A", "2026-06-02", "Ann", "2026-06-05"), ("C", "2026-05-02", "Ann", "2026-05-03"))
    june = Period(datetime(2026, 6, 1, tzinfo=UTC), AS_OF)
    (ann,) = agents(facts, june).agents
    assert (ann.leads, ann.follow_up_kept.n) == (1, 1)


def test_without_contacts_there_are_no_agents() -> None:
    leads = pd.DataFrame({"lead_id": ["A"], "created_at": "2026-06-01"})
    assert agents(read_leads_as_of(leads, None, NO_OUTCOMES, None, None, AS_OF, 90)).agents == ()
