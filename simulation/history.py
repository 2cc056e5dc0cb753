"""The company's history, as it truly happens. In: a scenario, a period, a seed. Out: every stage of it.

The whole story on one page: leads arrive, are of some quality, are handled, win or not, are talked to, and
get closed. Each stage draws from a stream of its own, so scenarios that differ only in handling have the very
same leads, and a lead that wins in the worse one wins in the better one.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrivals import Period, draw_arrivals, expected_volume
from simulation.contacts import Contacts, first_talks, reach, talk
from simulation.firms import draw_firms
from simulation.handling import Handling, handle
from simulation.outcomes import Outcomes, close, won_at
from simulation.people import draw_people
from simulation.quality import Facts, quality_of
from simulation.scenarios import Scenario
from simulation.team import Team, hire
from simulation.truth import Truth, ever_won, true_chances
from simulation.visits import draw_visits
from stats.types import Vector


@dataclass(frozen=True)
class History:
    """All that happens to the leads that arrive in the period, also what happens after its end."""

    volume: Vector
    facts: Facts
    team: Team
    handling: Handling
    truth: Truth
    contacts: Contacts
    outcomes: Outcomes


def live_through(seed: int, scenario: Scenario, period: Period, leads: int, horizon_days: int) -> History:
    """Let the company live through the period."""
    arriving, staffing, winning, talking, closing = np.random.default_rng(seed).spawn(5)
    volume = expected_volume(period, scenario, leads)
    facts = _facts(arriving, volume, period)
    arrivals, quality = facts.arrivals, quality_of(facts)
    team = hire(staffing, scenario.sales)
    handling = handle(staffing, arrivals, quality.heat, team, scenario)
    truth = true_chances(winning, arrivals, quality, handling, team, scenario, horizon_days)
    won = ever_won(winning, truth)
    reached = reach(talking, handling, team, quality.heat, won)
    contacts = talk(talking, reached, handling, team, scenario.sales.hours)
    win_at = won_at(closing, arrivals, won, first_talks(contacts, leads))
    contacts = contacts.until(win_at)
    outcomes = close(closing, arrivals, facts.firms, handling, team, contacts, win_at)
    return History(volume, facts, team, handling, truth, contacts, outcomes)


def _facts(rng: np.random.Generator, volume: Vector, period: Period) -> Facts:
    arrivals = draw_arrivals(rng, volume, period)
    firms = draw_firms(rng, arrivals)
    people = draw_people(rng, arrivals, firms)
    return Facts(arrivals, firms, people, draw_visits(rng, arrivals, people))
