"""Who calls. In: the size and the spread of the sales team. Out: its agents, and which leads they get."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from simulation.arrays import Ints, Texts, table
from simulation.scenarios import Sales
from simulation.sources import SOURCES
from stats.types import Mask, Vector

FIRST_NAMES = (
    "Amira", "Boris", "Chloe", "Dmitri", "Elena", "Farid", "Grace", "Henrik", "Irina", "Jonas", "Katya",
    "Liam",
)  # fmt: skip
OUTBOUND_SHARE = 3  # every third agent sits at the outbound desk
HELPING_OUT = 0.08  # leads an agent gets from the other desk, for each one that a colleague there gets


@dataclass(frozen=True)
class Team:
    """One entry an agent, but `share`: one row a source, one column an agent, rows summing to one."""

    names: Texts
    skill: Vector
    """Log-odds added to every lead the agent works."""
    pace: Vector
    """Doublings added to every wait."""
    reach: Vector
    """Chance that one attempt reaches the lead."""
    persistence: Vector
    """Share of the possible further attempts that are made while nobody answers."""
    talk: Vector
    """Median seconds of a conversation."""
    diligence: Vector
    """Share of lost leads whose reason gets filled in."""
    share: Vector

    @property
    def size(self) -> int:
        return len(self.names)


def hire(rng: np.random.Generator, sales: Sales) -> Team:
    """Make a team whose skill and pace are uncorrelated, so that neither can be mistaken for the other.

    The mean agent of both desks is the same, so that no source is better for being sold by better people.
    """
    skill, pace = _level(_spread(rng, sales.agents)), _level(_spread(rng, sales.agents))
    pace -= skill * float(skill @ pace) / max(float(skill @ skill), 1e-12)
    return Team(
        names=table([_name(index) for index in range(sales.agents)]),
        skill=sales.skill_sd * skill,
        pace=sales.pace_sd * pace,
        reach=0.42 + 0.06 * _spread(rng, sales.agents),
        persistence=np.clip(0.55 + 0.12 * _spread(rng, sales.agents), 0.1, 0.9),
        talk=240 * np.exp(0.25 * _spread(rng, sales.agents)),
        diligence=np.clip(0.75 + 0.12 * _spread(rng, sales.agents), 0.1, 1.0),
        share=_shares(sales.agents),
    )


def assign(rng: np.random.Generator, team: Team, source: Ints) -> Ints:
    """Draw an agent for each lead, among those who get the leads of its source."""
    cumulative = np.cumsum(team.share, axis=1)[source]
    chosen = (rng.random(source.size)[:, None] > cumulative).sum(axis=1)
    result: Ints = np.minimum(chosen, team.size - 1)
    return result


def _spread(rng: np.random.Generator, agents: int) -> Vector:
    """Spread agents like a standard normal, in random order: every team has its good and its weak ones."""
    quantiles = np.array([NormalDist().inv_cdf((rank + 0.5) / agents) for rank in range(agents)])
    return rng.permutation(quantiles / (quantiles.std() or 1.0))


def _level(values: Vector) -> Vector:
    """Take the mean of each desk off its agents."""
    outbound = _outbound(values.size)
    means = [values[outbound == desk].mean() if (outbound == desk).any() else 0.0 for desk in (False, True)]
    result: Vector = values - np.array(means)[outbound.astype(np.int64)]
    return result


def _outbound(agents: int) -> Mask:
    result: Mask = np.arange(agents) % OUTBOUND_SHARE == OUTBOUND_SHARE - 1
    return result


def _shares(agents: int) -> Vector:
    outbound_source = np.array([source.desk == "outbound" for source in SOURCES])
    weight = np.where(outbound_source[:, None] == _outbound(agents)[None, :], 1.0, HELPING_OUT)
    result: Vector = weight / weight.sum(axis=1, keepdims=True)
    return result


def _name(index: int) -> str:
    again, position = divmod(index, len(FIRST_NAMES))
    return FIRST_NAMES[position] + (f" {again + 1}" if again else "")
