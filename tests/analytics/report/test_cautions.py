"""What makes mix and handling less sure is said, and only then."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Period
from analytics.mix.change import compare
from analytics.mix.words import change_sentences
from analytics.periods import Periods
from analytics.reference.predictions import ReferenceKind, ReferencePredictions
from analytics.reference.usage import summarise_reference
from analytics.report.cautions import Ground, cautions
from tests.analytics import populations
from tests.analytics.mix.test_mix_reference import by_a_frozen_reference, population
from tests.analytics.mix.two_periods import AFTER, BEFORE, COMPANIES, Company

PERIODS = Periods(BEFORE, AFTER, AFTER, "", "", "")
LEADS = 20_000


def second_company(scenario: str) -> populations.Population:
    return population("second company", scenario, 60_000)


def drawn(company: Company = COMPANIES[3]) -> LeadsAsOf:
    facts = company.draw(np.random.default_rng(1), LEADS)
    return replace(facts, contacts_known=True)


def ground(facts: LeadsAsOf, periods: Periods = PERIODS) -> Ground:
    judged = ReferencePredictions(facts.leads["reference"].to_numpy(), ReferenceKind.TRAINED, "")
    change = compare(facts, periods.before, periods.after)
    return Ground.of(facts, periods, change, summarise_reference(facts, periods, judged))


def with_m(factor: float = 1.0, middle: float = 0.0, power: float = 1.0) -> LeadsAsOf:
    """The company's facts, its reference made wrong: m = middle + factor * chance ** power."""
    facts = drawn()
    return facts.with_reference(middle + factor * facts.leads["reference"].to_numpy() ** power)


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.name)
def test_a_reference_that_is_right_asks_for_no_caution(company: Company) -> None:
    said = [text for text in cautions(ground(drawn(company))) if not text.startswith("By the sources' shares alone")]
    assert said == []


def test_a_mix_beyond_what_the_shares_of_sources_show_is_told_and_no_other() -> None:
    worse_within = cautions(ground(drawn(COMPANIES[1])))
    assert worse_within[0].startswith("By the sources' shares alone, the leads that arrived moved conversion by −")
    assert cautions(ground(drawn(COMPANIES[0]))) == ()


def test_a_line_that_the_earlier_periods_own_leads_moved_is_told() -> None:
    people = second_company("mix")
    found = by_a_frozen_reference(people, np.random.default_rng(4), 6_000, "half as far apart")
    periods = populations.PERIODS
    said = cautions(
        Ground.of(found.facts, periods, found.change, summarise_reference(found.facts, periods, found.judged))
    )

    assert said[0].startswith("The reference model alone would have put −")
    right = people.draw(np.random.default_rng(4), 6_000, 30_000)
    said = cautions(
        Ground.of(right.facts, periods, right.change, summarise_reference(right.facts, periods, right.judged))
    )
    assert not any("alone would have put" in text for text in said)


def test_a_reference_that_tells_nothing_apart_leaves_the_parts_untold() -> None:
    blind = ground(with_m(factor=0.001, middle=0.1))

    assert cautions(blind)[0].startswith("The reference model hardly tells these leads apart")
    assert change_sentences(blind.change, is_blind=blind.is_blind)[1].endswith("from handling, cannot be told.")


def test_a_reference_that_expected_a_third_of_the_wins_is_out_of_its_range() -> None:
    (said,) = [text for text in cautions(ground(with_m(factor=1 / 3))) if "out of its range" in text]

    assert "rest on the earlier period's own leads alone" in said


def test_later_leads_that_the_earlier_period_hardly_had_are_told() -> None:
    facts = drawn()
    late = AFTER.holds(facts.leads)
    m = np.where(late & (np.arange(len(late)) % 5 == 0), 0.9, facts.leads["reference"])

    assert any(
        text.startswith("20 in 100 leads of the later period") for text in cautions(ground(facts.with_reference(m)))
    )


def test_handling_larger_than_conversion_itself_asks_what_else_changed() -> None:
    facts = drawn()
    won = facts.leads["won"].to_numpy() | (AFTER.holds(facts.leads) & (np.arange(len(facts)) % 3 == 0))
    much = replace(facts, leads=facts.leads.assign(won=won))

    assert any("than the whole of what it was before" in text for text in cautions(ground(much)))


def test_periods_far_apart_and_work_that_nobody_recorded_are_told() -> None:
    early = Period(BEFORE.start - dt.timedelta(days=365), BEFORE.end - dt.timedelta(days=365))
    facts = drawn()
    before = BEFORE.holds(facts.leads)
    arrived_at = facts.leads["arrived_at"].where(~before, facts.leads["arrived_at"] - np.timedelta64(365, "D"))
    old = replace(facts, leads=facts.leads.assign(arrived_at=arrived_at), contacts_known=False)
    said = cautions(ground(old, replace(PERIODS, before=early)))

    assert said[-2].startswith("Between the two periods lie 365 days")
    assert said[-1].startswith("Contacts are not recorded")
