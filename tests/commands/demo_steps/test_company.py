"""The demo's company has people, and its change stands where the report looks."""

import datetime as dt

import pytest

from analytics.periods import NEWEST, choose_periods
from commands.demo_steps.company import first_scored, make_company
from simulation.company import Simulation

UNTIL = dt.date(2026, 11, 29)


@pytest.fixture(scope="module", params=[3_000, 12_000])
def company(request: pytest.FixtureRequest) -> Simulation:
    return make_company(request.param, 7, UNTIL)


def test_the_change_lies_between_the_periods_that_are_compared(company: Simulation) -> None:
    arrivals = company.leads["created_at"].dt.date.value_counts().to_dict()
    periods = choose_periods(arrivals, dt.datetime.combine(UNTIL, dt.time(), dt.UTC), 90, NEWEST)
    assert abs((periods.after.start.date() - company.change).days) <= 14
    assert company.change > first_scored(UNTIL)


def test_leads_are_people_at_companies_and_worth_money(company: Simulation) -> None:
    leads = company.leads
    assert leads["full_name"].str.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+").all()
    own = leads[leads["email"].str.contains(r"@northworks\d", na=False)]
    assert set(own["company"]) == {"North Works"}
    assert 0.6 < leads["company"].notna().mean() < 0.95
    assert (leads["value"].dropna() > 0).all()
    assert leads["value"].isna().any()


def test_follow_ups_are_agreed_on_and_mostly_kept(company: Simulation) -> None:
    contacts = company.contacts.sort_values("started_at")
    following = contacts.groupby("lead_id")["started_at"].shift(-1)
    agreed = contacts["again_at"].notna()
    late = (following - contacts["again_at"])[agreed] > dt.timedelta(days=1)
    assert agreed.sum() > 100
    assert 0.05 < late.mean() < 0.5
