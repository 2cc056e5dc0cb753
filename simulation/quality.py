"""How good a lead is. In: what its fields show at arrival. Out: its log-odds, before anybody handles it.

Everything that counts here can be read from the lead's fields; what no field shows is added in `truth`.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import DAY
from simulation.arrivals import Arrivals
from simulation.firms import INDUSTRIES, UNKNOWN, Firms
from simulation.people import CHIEF, COUNTRIES, DIRECTOR, NO_TITLE, STUDENT, People
from simulation.sources import CAMPAIGNS, SOURCE_NAMES, SOURCES
from simulation.visits import NEVER, NEVER_SEEN, YES, Visits
from stats.types import Vector

BASE = -2.90
BY_RANK = (-0.10, -0.80, -0.20, 0.20, 0.65, 0.50)  # from NO_TITLE to CHIEF
BY_MAIL = (-0.25, -0.15, 0.30)  # none, free, company
BY_INDUSTRY = {
    "Software": 0.40, "Financial Services": 0.30, "Manufacturing": 0.20, "Logistics": 0.25, "Insurance": 0.30,
    "Retail": -0.20, "Education": -0.55, "Hospitality": -0.40, "Public Sector": -0.45, "Non-profit": -0.60,
}  # fmt: skip
BY_COUNTRY = {"Germany": 0.10, "Austria": 0.15, "Switzerland": 0.20, "United States": -0.15, "Poland": -0.20}


@dataclass(frozen=True)
class Facts:
    """All that is known of the leads when they arrive."""

    arrivals: Arrivals
    firms: Firms
    people: People
    visits: Visits


@dataclass(frozen=True)
class Quality:
    """How good each lead is, as its fields show."""

    log_odds: Vector
    """Of ever winning, if an average agent calls after the usual wait."""
    heat: Vector
    """The same in standard deviations of the leads that arrive before the change."""


def quality_of(facts: Facts) -> Quality:
    """Judge each lead by its fields."""
    log_odds = _log_odds(facts)
    usual = log_odds[~facts.arrivals.after_change]
    if usual.size < 2:  # nothing to compare with: nobody is hot
        return Quality(log_odds, np.zeros_like(log_odds))
    return Quality(log_odds, (log_odds - usual.mean()) / usual.std())


def _log_odds(facts: Facts) -> Vector:
    result: Vector = (
        BASE + _origin(facts.arrivals) + _person(facts.people) + _firm(facts.firms)
        + _interest(facts.visits, facts.arrivals) + _together(facts)
    )  # fmt: skip
    return result


def _origin(arrivals: Arrivals) -> Vector:
    source = np.array([source.quality for source in SOURCES])[arrivals.source]
    campaign = np.array([campaign.quality for campaign in CAMPAIGNS])[arrivals.campaign]
    result: Vector = source + campaign
    return result


def _person(people: People) -> Vector:
    by_country = np.array([BY_COUNTRY.get(name, 0.0) for name, _, _ in COUNTRIES])
    phone = np.where(people.phone, np.where(people.prefix == people.country, 0.15, -0.25), 0.0)
    standing = np.array(BY_RANK)[people.rank] + np.array(BY_MAIL)[people.mail]
    result: Vector = standing + phone + by_country[people.country]
    return result


def _firm(firms: Firms) -> Vector:
    by_industry = np.array([BY_INDUSTRY.get(name, 0.0) for name in INDUSTRIES])
    industry = np.where(firms.industry == UNKNOWN, 0.0, by_industry[firms.industry])
    middling = 0.3 - 0.11 * (np.log(firms.employees) - np.log(150)) ** 2  # neither tiny nor huge buys most
    result: Vector = industry + np.where(np.isnan(firms.employees), -0.10, np.maximum(middling, -0.7))
    return result


def _interest(visits: Visits, arrivals: Arrivals) -> Vector:
    pages = np.where(np.isnan(visits.pages), 0.0, 0.45 * np.log1p(np.minimum(visits.pages, 20)) - 0.65)
    skimmed = np.where(visits.minutes < 0.6 * visits.pages, -0.35, 0.0)
    webinar = np.where(visits.webinar_days == NEVER, 0.0, 0.6 * np.exp(-visits.webinar_days / 45))
    asked = 1.0 * visits.demo + 0.12 * (visits.newsletter == YES)
    result: Vector = pages + skimmed + webinar + asked + _return(visits, arrivals)
    return result


def _return(visits: Visits, arrivals: Arrivals) -> Vector:
    days = np.where(visits.first_visit == NEVER_SEEN, 0.0, (arrivals.at - visits.first_visit) / DAY)
    result: Vector = np.where((days > 1) & (days <= 30), 0.3, np.where(days > 90, -0.2, 0.0))
    return result


def _together(facts: Facts) -> Vector:
    """Facts that count for more, or for less, in company."""
    decides = (facts.people.rank == DIRECTOR) | (facts.people.rank == CHIEF)
    social = facts.arrivals.source == SOURCE_NAMES.index("Social Ads")
    student = (facts.people.rank == STUDENT) | (facts.people.rank == NO_TITLE)
    remote_chief = (facts.people.rank == CHIEF) & (facts.firms.employees > 1000)
    demo = facts.visits.demo * (0.35 * decides - 0.5 * social - 0.3 * student)
    result: Vector = demo - 0.5 * remote_chief
    return result
