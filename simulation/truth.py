"""The chance of winning, as only a simulation can know it. In: log-odds, handling. Out: probabilities.

A lead ever wins with the logistic function of: log-odds at arrival + speed effect + agent effect + hidden
quality. Each win takes a delay that depends on the source alone, so that

    P(won within the horizon) = P(ever won) * share of the source's delays that are within the horizon.

`usual_probability` is that chance at arrival, when handling and hidden quality are still ahead: the mean over
the company's usual handling (before any change) of such a lead, agents weighed by how often they get leads of
its source, waits and hidden quality integrated by Gauss-Hermite quadrature. Whether a lead is worked is drawn
from what is known at arrival and independent of the rest, so the mean outcome of worked leads agrees with it.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from simulation.arrays import logistic
from simulation.arrivals import Arrivals
from simulation.handling import Handling, speed_effect, waiting_hours
from simulation.quality import Quality
from simulation.scenarios import Sales, Scenario
from simulation.sources import SOURCES
from simulation.team import Team
from stats.types import Mask, Vector

DELAY_SPREAD = 0.9  # standard deviation of the logarithm of the delay
LUCK_NODES, HIDDEN_NODES = 7, 3


@dataclass(frozen=True)
class Truth:
    """The chances of each lead."""

    probability: Vector
    """Of a win within the horizon, as known at arrival, if the lead is worked as usual."""
    probability_handled: Vector
    """The same, given what was truly done and the hidden quality; zero for a lead that is not worked."""
    in_time: Vector
    """Share of the delays of the lead's source that are within the horizon."""
    hidden: Vector


def true_chances(
    rng: np.random.Generator,
    arrivals: Arrivals,
    quality: Quality,
    handling: Handling,
    team: Team,
    scenario: Scenario,
    horizon_days: int,
) -> Truth:
    """Draw the hidden quality and compute both probabilities."""
    shift = np.where(arrivals.after_change, scenario.hidden_shift, 0.0)
    hidden = rng.normal(shift, scenario.sales.hidden_sd)
    in_time = np.array([share_in_time(source.median_delay, horizon_days) for source in SOURCES])[arrivals.source]
    ever = logistic(quality.log_odds + handling.speed_effect + handling.agent_effect + hidden)
    usual = usual_probability(scenario.sales, team, team.share[arrivals.source], quality)
    return Truth(usual * in_time, np.where(handling.worked, ever * in_time, 0.0), in_time, hidden)


def share_in_time(median_delay: float, horizon_days: int) -> float:
    """Share of log-normal delays that are within the horizon."""
    return NormalDist().cdf(np.log(horizon_days / median_delay) / DELAY_SPREAD)


def usual_probability(sales: Sales, team: Team, agents: Vector, quality: Quality) -> Vector:
    """Chance of ever winning under usual handling; `agents` has a row a lead, a column an agent."""
    total = np.zeros_like(quality.log_odds)
    for agent in range(team.size):
        for luck, weight in _normal_nodes(LUCK_NODES):
            wait = waiting_hours(sales, quality.heat, team.pace[agent], luck)
            handled = quality.log_odds + team.skill[agent] + speed_effect(sales, wait)
            total += agents[:, agent] * weight * _mean_over_hidden(handled, sales.hidden_sd)
    return total


def ever_won(rng: np.random.Generator, truth: Truth) -> Mask:
    """Draw whether each lead ever wins, however late."""
    result: Mask = rng.random(truth.hidden.size) < truth.probability_handled / truth.in_time
    return result


def _mean_over_hidden(log_odds: Vector, spread: float) -> Vector:
    nodes = _normal_nodes(HIDDEN_NODES)
    result: Vector = sum((weight * logistic(log_odds + spread * node) for node, weight in nodes), np.zeros(1))
    return result


def _normal_nodes(count: int) -> list[tuple[float, float]]:
    """Nodes and weights whose weighted mean is the mean over a standard normal number."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return [(float(node), float(weight)) for node, weight in zip(nodes, weights / weights.sum(), strict=True)]
