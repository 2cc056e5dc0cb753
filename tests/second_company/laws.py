"""The laws of the second company. In: what is known of leads, and a day. Out: distributions and chances.

`Leads` are drawn leads or the cells of a quadrature: both obey the same functions. The chance of a lead is
`share in time * P(Z < probit + hidden + skill + speed)`, with the hidden quality, the agent and the wait integrated
over; a lead of which a belief is known has an agent and a wait that no longer depend on anything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from stats.types import Mask, Matrix, Vector
from tests.second_company.company import ORIGINS, SIZES, SOURCES, Company

Ints = NDArray[np.intp]

HIDDEN_NODES, WAIT_NODES = 9, 12
WAIT_SHAPE = 1.4
LONGEST_WAIT = 480.0  # hours
SPEED_HOURS = 24.0
WIN_SHAPE = 1.5
UNKNOWN_SIZE = 0.1
MIDDLE = 0.3
LARGE = SIZES.index("large")
OF_SIZE = np.array([-0.05, -0.15, 0.05, 0.25])
SOURCE = np.array([SOURCES.index(origin.source) for origin in ORIGINS])
REFERRAL = SOURCES.index("referral")


@dataclass(frozen=True)
class Leads:
    """What is known of leads (n,) when they arrive; `origin` and `size` are positions in ORIGINS and SIZES."""

    day: Vector
    origin: Ints
    engagement: Vector
    size: Ints
    asked_demo: Mask

    @property
    def source(self) -> Ints:
        return SOURCE[self.origin]


def of_origin(name: str, origin: Ints) -> Vector:
    """One number of each lead's origin (n,)."""
    return np.array([getattr(one, name) for one in ORIGINS], dtype=np.float64)[origin]


def origin_shares(company: Company, day: Vector) -> Matrix:
    """The share of each origin among the leads of these days (n, origins)."""
    weight, trend = (np.array([getattr(one, name) for one in ORIGINS]) for name in ("weight", "trend"))
    factor = np.array([(company.more_of or {}).get(one.source, 1.0) for one in ORIGINS])
    later = (day >= company.change_day)[:, None]
    weights = weight * np.exp(trend * day[:, None] / company.days) * np.where(later, factor, 1.0)
    return weights / weights.sum(axis=1, keepdims=True)


def engagement_at(company: Company, level: Vector, origin: Ints, day: Vector) -> Vector:
    """The quantile of engagement (n,) at a level between 0 and 1."""
    centre, scale = np.array([one.engagement for one in ORIGINS])[origin].T
    shift = np.where(day >= company.change_day, company.engagement_shift, 0.0)
    return centre + shift + scale * special.stdtrit(company.degrees, level)


def size_shares(origin: Ints) -> Matrix:
    """The share of each size (n, sizes)."""
    large = of_origin("large", origin)
    known = np.stack([1 - large - MIDDLE, np.full_like(large, MIDDLE), large], axis=1)
    return np.hstack([np.full((len(origin), 1), UNKNOWN_SIZE), (1 - UNKNOWN_SIZE) * known])


def demo_share(engagement: Vector) -> Vector:
    """The share of leads of this engagement that ask for a demo."""
    return special.ndtr(0.5 * engagement - 0.7)


def worked_share(company: Company, origin: Ints) -> Vector:
    """The share of each lead's like that somebody works."""
    share = [company.neglected_worked if source == company.neglected else company.worked for source in SOURCES]
    return np.array(share)[SOURCE[origin]]


def probit(company: Company, leads: Leads) -> Vector:
    """What the fields show of the quality, at the beginning of the history."""
    bent = leads.engagement / np.sqrt(1 + (leads.engagement / 4) ** 2)
    large, referral = leads.size == LARGE, leads.source == REFERRAL
    together = 0.3 * (large & leads.asked_demo) - 0.2 * bent * referral
    alone = of_origin("bonus", leads.origin) + 0.4 * bent + OF_SIZE[leads.size] + 0.3 * leads.asked_demo
    return company.base + alone + together


def added(company: Company, day: Vector) -> Vector:
    """What a day adds to every lead's probit: the drift, and the handling after the change."""
    return company.drift * day / company.days + np.where(day >= company.change_day, company.handling_shift, 0.0)


def hidden_centre(company: Company, day: Vector) -> Vector:
    return np.where(day >= company.change_day, company.hidden_shift, 0.0)


def belief(company: Company, seen: Vector, hidden: Vector) -> Vector:
    """What agents pick by, in about standard deviations; `hidden` is the hidden quality in standard deviations."""
    match company.picking:
        case "score":
            return (seen - company.base - 0.1) / 0.55
        case "unseen":
            return hidden + np.zeros_like(seen)
        case "fair":
            return np.zeros_like(seen + hidden)


def agent_shares(company: Company, believed: Vector) -> Matrix:
    """How likely each agent gets a lead (n, agents)."""
    liking = np.linspace(company.appetite, -company.appetite, len(company.skill))
    return special.softmax(np.clip(believed, -3, 3)[:, None] * liking, axis=1)


def wait_at(company: Company, level: Vector | float, leads: Leads, day: Vector, believed: Vector) -> Vector:
    """The quantile of the hours until the first call (n,), log-logistic, at a level between 0 and 1."""
    spread = (level / (1 - level)) ** (1 / WAIT_SHAPE)
    return np.minimum(_middle_wait(company, leads, day, believed) * spread, LONGEST_WAIT)


def wait_level(company: Company, hours: float, leads: Leads, day: Vector, believed: Vector) -> Vector:
    """The share of waits (n,) of at most these hours, fewer than the longest."""
    return 1 / (1 + (hours / _middle_wait(company, leads, day, believed)) ** -WAIT_SHAPE)


def _middle_wait(company: Company, leads: Leads, day: Vector, believed: Vector) -> Vector:
    slower = np.where(day >= company.change_day, company.slower, 1.0)
    return of_origin("wait_hours", leads.origin) * slower * np.exp(-company.hot_first * np.clip(believed, -3, 3))


def speed_bonus(company: Company, wait: Vector) -> Vector:
    return company.speed * np.exp(-wait / SPEED_HOURS)


def win_days(leads: Leads) -> Vector:
    """The scale of the gamma distributed days until a win (n,)."""
    return of_origin("win_days", leads.origin) * np.where(leads.size == LARGE, 1.6, 1.0) / WIN_SHAPE


def in_time(company: Company, leads: Leads) -> Vector:
    """The share of wins (n,) that come within the horizon."""
    return special.gammainc(WIN_SHAPE, company.horizon_days / win_days(leads))


def chance(company: Company, leads: Leads, day: Vector) -> Vector:
    """Of a win within the horizon (n,), of a lead that is worked as it was on a day."""
    won = np.zeros(len(leads.origin))
    for weight, wait, agents, quality in _handled(company, leads, day):
        bonus = speed_bonus(company, wait)
        for share, skill in zip(agents.T, company.skill, strict=True):
            won += weight * share * special.ndtr(quality + skill + bonus)
    return won * in_time(company, leads)


def _handled(company: Company, leads: Leads, day: Vector) -> Iterator[tuple[float, Vector, Matrix, Vector]]:
    """Nodes of the hidden quality and of the wait: weight, wait, agents' shares and probit."""
    seen, centre = probit(company, leads), hidden_centre(company, day)
    quality = seen + added(company, day) + centre
    for level, half in uniform_nodes(WAIT_NODES if company.speed else 1):
        for hidden, weight in normal_nodes(HIDDEN_NODES):
            believed = belief(company, seen, np.full(1, hidden))
            wait = wait_at(company, level, leads, day, believed)
            yield weight * half, wait, agent_shares(company, believed), quality + company.hidden_sd * hidden


def uniform_nodes(count: int) -> list[tuple[float, float]]:
    """Nodes and weights of the mean over the numbers from 0 to 1 (Gauss and Legendre)."""
    nodes, weights = special.roots_legendre(count)
    return [(float((1 + node) / 2), float(weight / 2)) for node, weight in zip(nodes, weights, strict=True)]


def normal_nodes(count: int) -> list[tuple[float, float]]:
    """Nodes and weights of the mean over a standard normal number (Gauss and Hermite)."""
    nodes, weights = special.roots_hermitenorm(count)
    return [(float(node), float(weight)) for node, weight in zip(nodes, weights / weights.sum(), strict=True)]
