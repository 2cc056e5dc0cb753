"""What sales does with the leads. In: their quality and the team. Out: who is worked, by whom, how soon.

How long a lead waits depends on its heat, its agent and luck, and on nothing else that decides whether it
wins: luck holds both what agents misjudge and what keeps them busy. So the effect of speed is confounded by
what the fields show, and by nothing that they don't.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import Ints
from simulation.arrivals import Arrivals
from simulation.scenarios import Sales, Scenario
from simulation.sources import SOURCE_NAMES
from simulation.team import Team, assign
from stats.types import Mask, Vector

SHORTEST_WAIT, LONGEST_WAIT = 1 / 12, 90.0  # working hours
COLD_IGNORED = 0.5  # growth of the ignored share, as a logarithm, for each standard deviation of coldness
MOST_IGNORED = 0.6
NEVER_CALLED = 0.95  # share ignored of a source that is "never" called: somebody calls by chance


@dataclass(frozen=True)
class Handling:
    """What is done with each lead; one that is not worked has an agent who never calls."""

    worked: Mask
    agent: Ints
    wait: Vector
    """Working hours from arrival to the first attempt."""
    first_attempt: Ints
    speed_effect: Vector
    agent_effect: Vector


def handle(rng: np.random.Generator, arrivals: Arrivals, heat: Vector, team: Team, scenario: Scenario) -> Handling:
    """Draw what is done with each lead."""
    sales = scenario.sales
    agent = assign(rng, team, arrivals.source)
    slowdown = np.where(arrivals.after_change, scenario.slowdown, 1.0)
    wait = waiting_hours(sales, heat, team.pace[agent], rng.normal(size=arrivals.size), slowdown)
    return Handling(
        worked=rng.random(arrivals.size) >= _ignored_share(arrivals.source, heat, scenario),
        agent=agent,
        wait=wait,
        first_attempt=sales.hours.after(arrivals.at, wait),
        speed_effect=speed_effect(sales, wait),
        agent_effect=team.skill[agent],
    )


def waiting_hours(
    sales: Sales, heat: Vector, pace: Vector | float, luck: Vector | float, slowdown: Vector | float = 1.0
) -> Vector:
    """Working hours until the first attempt, given luck as a standard normal number."""
    misjudged = sales.hot_first * np.sqrt(1 - sales.intuition**2)
    doublings = pace - sales.hot_first * sales.intuition * heat + np.hypot(misjudged, sales.luck) * luck
    result: Vector = np.clip(sales.usual_wait * slowdown * 2.0**doublings, SHORTEST_WAIT, LONGEST_WAIT)
    return result


def speed_effect(sales: Sales, wait: Vector) -> Vector:
    """Log-odds that a wait adds to those of a lead called after the usual wait."""
    result: Vector = -sales.speed_effect * np.log2(wait / sales.usual_wait)
    return result


def _ignored_share(source: Ints, heat: Vector, scenario: Scenario) -> Vector:
    share = np.minimum(scenario.sales.ignored * np.exp(-COLD_IGNORED * heat), MOST_IGNORED)
    if scenario.never_called is None:
        return share
    return np.where(source == SOURCE_NAMES.index(scenario.never_called), NEVER_CALLED, share)
