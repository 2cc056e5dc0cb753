"""What is true of the second company. In: a company and windows. Out: numbers without luck, by quadrature.

A window is cut at the change, each piece has Gauss-Legendre nodes in time, and each node has cells of origin,
engagement, size and demo; day one's import is a node of its own.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from stats.types import Vector
from tests.second_company.company import ORIGINS, SIZES, SOURCES, Company, Window
from tests.second_company.laws import (
    HIDDEN_NODES,
    WAIT_NODES,
    Leads,
    added,
    agent_shares,
    belief,
    chance,
    demo_share,
    engagement_at,
    hidden_centre,
    in_time,
    normal_nodes,
    origin_shares,
    probit,
    size_shares,
    speed_bonus,
    uniform_nodes,
    wait_at,
    wait_level,
    worked_share,
)

DAY_NODES, ENGAGEMENT_NODES = 4, 48
OVERLAP = 0.1


@dataclass(frozen=True)
class Split:
    """The change of conversion between two windows in its parts, as shares."""

    total: float
    mix: float
    handling: float


@dataclass(frozen=True)
class Speed:
    """What calling within a limit does for worked leads at equal chances: of each lead (n,), or on average.

    `soon` is the chance of being called within the limit. `effect` is the chance to win within the horizon if called
    as soon as those are, less that if called as late as the others. `missed` is how many more wins a lead had brought
    if those called later had been called as the others.
    """

    soon: Vector
    effect: Vector

    @property
    def missed(self) -> Vector:
        return (1 - self.soon) * self.effect


def arrival_chance(company: Company, leads: Leads, day: float | None = None) -> Vector:
    """Of a win within the horizon (n,), by what is known at arrival, if a lead is worked as on `day`.

    The day is the first of the window before the change unless another one is given.
    """
    return chance(company, leads, np.full(len(leads.day), company.before.start if day is None else day))


def handled_chance(company: Company, leads: Leads) -> Vector:
    """The same (n,), worked as on the day of arrival."""
    return chance(company, leads, leads.day)


def conversion(company: Company, window: Window, *, all_leads: bool = False) -> float:
    """The share of leads arriving in the window that is won within the horizon: of those worked, or of all."""
    leads, weight = cells(company, window)
    worked = weight * worked_share(company, leads.origin)
    return float(worked @ handled_chance(company, leads) / (weight if all_leads else worked).sum())


def source_rates(company: Company, window: Window) -> dict[str, float]:
    """The conversion of each source's leads, if worked as they are in the window."""
    leads, weight = cells(company, window)
    won = weight * handled_chance(company, leads)
    leads_of, won_of = (np.bincount(leads.source, each) for each in (weight, won))
    return dict(zip(SOURCES, (won_of / leads_of).tolist(), strict=True))


def split(company: Company, before: Window, after: Window) -> Split:
    """Mix by the chance at arrival as of the first day of the earlier window, handling by the rest; worked leads.

    A drift of the level, and hidden quality, are in handling.
    """
    promised, came = [], []
    for window in (before, after):
        leads, weight = cells(company, window)
        weight = weight * worked_share(company, leads.origin)
        weight = weight / weight.sum()
        promised.append(float(weight @ arrival_chance(company, leads, before.start)))
        came.append(float(weight @ handled_chance(company, leads)))
    total, mix = came[1] - came[0], promised[1] - promised[0]
    return Split(total, mix, total - mix)


def speed_effect(company: Company, window: Window, limit_hours: float, overlap: float = OVERLAP) -> tuple[float, float]:
    """Mean effect, and mean wins missed, of the window's worked leads whose chance of a soon call is not extreme."""
    leads, weight = cells(company, window)
    speed = speed_of_leads(company, leads, limit_hours)
    kept = weight * worked_share(company, leads.origin) * ((speed.soon > overlap) & (speed.soon < 1 - overlap))
    return float(kept @ speed.effect / kept.sum()), float(kept @ speed.missed / kept.sum())


def speed_of_leads(company: Company, leads: Leads, limit_hours: float) -> Speed:
    """The effect (n,) in all leads of the same fields, whatever agents see in them beyond these."""
    seen, soon, effect = probit(company, leads), np.zeros(len(leads.day)), np.zeros(len(leads.day))
    waits = []
    for hidden, weight in normal_nodes(HIDDEN_NODES if company.picking == "unseen" else 1):
        believed = belief(company, seen, np.full(1, hidden))
        level = wait_level(company, limit_hours, leads, leads.day, believed)
        waits.append((believed, level, weight))
        soon += weight * level
    for believed, level, weight in waits if company.speed else ():
        for node, half in uniform_nodes(WAIT_NODES):
            early, late = (
                wait_at(company, at, leads, leads.day, believed) for at in (level * node, level + (1 - level) * node)
            )
            effect += weight * half * level / soon * _won_after(company, leads, seen, early)
            effect -= weight * half * (1 - level) / (1 - soon) * _won_after(company, leads, seen, late)
    return Speed(soon, effect)


def _won_after(company: Company, leads: Leads, seen: Vector, wait: Vector) -> Vector:
    """The chance of leads (n,) to be won within the horizon if called after these waits."""
    quality = seen + added(company, leads.day) + hidden_centre(company, leads.day) + speed_bonus(company, wait)
    won = np.zeros(len(leads.day))
    for hidden, weight in normal_nodes(HIDDEN_NODES):
        agents = agent_shares(company, belief(company, seen, np.full(1, hidden)))
        for share, skill in zip(agents.T, company.skill, strict=True):
            won += weight * share * special.ndtr(quality + company.hidden_sd * hidden + skill)
    return won * in_time(company, leads)


def cells(company: Company, window: Window) -> tuple[Leads, Vector]:
    """The leads that arrive in a window as cells (k,), and the share of the company's leads that each stands for."""
    day, share = _days(company, window)
    level, part = np.array(uniform_nodes(ENGAGEMENT_NODES)).T
    at, origin, node, size, demo = (
        axis.ravel()
        for axis in np.meshgrid(
            np.arange(len(day)), np.arange(len(ORIGINS)), np.arange(len(level)), np.arange(len(SIZES)), [False, True],
            indexing="ij",
        )
    )  # fmt: skip
    engagement = engagement_at(company, level[node], origin, day[at])
    asks = demo_share(engagement)
    of_size = np.take_along_axis(size_shares(origin), size[:, None], axis=1)[:, 0]
    weight = share[at] * origin_shares(company, day)[at, origin] * part[node] * of_size * np.where(demo, asks, 1 - asks)
    return Leads(day[at], origin, engagement, size, demo), weight


def _days(company: Company, window: Window) -> tuple[Vector, Vector]:
    """Nodes in time (k,), and the share of all leads that arrives around each."""
    ends = np.unique(np.clip([window.start, company.change_day, window.end], window.start, window.end))
    days, shares = [], []
    if window.start <= 0 < window.end:
        days.append(np.zeros(1))
        shares.append(np.full(1, company.imported))
    for start, end in pairwise(ends):
        node, weight = np.array(uniform_nodes(DAY_NODES)).T
        day = start + (end - start) * node
        rate = (1 + company.growth * day / company.days) / (company.days * (1 + company.growth / 2))
        days.append(day)
        shares.append((1 - company.imported) * rate * (end - start) * weight)
    return np.concatenate(days), np.concatenate(shares)
