"""Attempts, reach, talk time, follow-ups and wins of each agent, from the leads that they got.

A lead is its first agent's. Wins are compared with those expected from the scores of the very leads that the agent
got: the share that leads of such a score won in the hands of all agents together, so that nobody is blamed for bad
leads, praised for good ones, or answerable for a score that promises too much to everybody.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd
from scipy.special import expit, fdtrc

from analytics.conversion import UNHEARD
from analytics.leads_as_of import LeadsAsOf, arrival_score
from analytics.leads_as_of.groups import Groups, Period
from stats.adjusted import MOST_BANDS
from stats.estimates import Estimate, exact_count, exact_shares, normal
from stats.funnel import Funnel, funnel
from stats.instants import to_instant
from stats.regression import fit_shares, score_bands, score_curve
from stats.types import Mask, Vector

TOLERANCE = timedelta(days=1)
UNLIKE, MATTERS = 0.01, 0.1
"""Chance of as unlike leads, and part of the mean score that agents' leads differ by, from which they are unlike."""
TINY = 1e-12
OUTSIDE = {1: "more", 0: None, -1: "fewer"}
UNJUDGED = "too few matured leads with a score: 5 wins and 5 losses must be expected, and two agents compared"


@dataclass(frozen=True)
class Result:
    """Wins of an agent's matured and scored leads, beside those `promised` by the scores and those `expected`.

    Wins between `low` and `high` are no news, for all agents of the page together; `outside` is "more" or "fewer"
    beyond that, and `unusual` whether agents who vary as these do don't explain it either. `against_expected` is wins
    over expected. All of these are unknown where too little is expected.
    """

    leads: int
    wins: int
    promised: float
    expected: float
    low: float | None
    high: float | None
    outside: str | None
    unusual: bool
    against_expected: Estimate = field(metadata={"metric": "won_against_expected"})


@dataclass(frozen=True)
class Agent:
    """One agent and the `leads` they got; the metric contract says what each number counts."""

    name: str
    leads: int
    attempts: Estimate = field(metadata={"metric": "attempts"})
    reach: Estimate = field(metadata={"metric": "reach"})
    talk_s: Estimate = field(metadata={"metric": "talk"})
    follow_up_kept: Estimate = field(metadata={"metric": "follow_up_kept"})
    reasons_filled: Estimate = field(metadata={"metric": "lost_reason_filled"})
    result: Result


@dataclass(frozen=True)
class Agents:
    """All agents by name.

    `differ` is how much they vary beyond chance, as a standard deviation of wins/expected, known only where they do.
    `unlike_leads` tells that the scores of their leads differ beyond chance: somebody or something chose who got which.
    """

    agents: tuple[Agent, ...]
    differ: Estimate
    unlike_leads: bool

    @property
    def outside(self) -> tuple[Agent, ...]:
        """Those whose wins differ from the expected by more than chance."""
        return tuple(agent for agent in self.agents if agent.result.outside)


def agents(facts: LeadsAsOf, period: Period | None = None, tolerance: timedelta = TOLERANCE) -> Agents:
    """Measure every agent; a follow-up counts as kept up to `tolerance` after the agreed time."""
    arrived = np.ones(len(facts), dtype=bool) if period is None else period.holds(facts.leads)
    leads = facts.leads[arrived & facts.leads["agent"].notna().to_numpy()]
    groups = _by_agent(leads["agent"])
    every, lost = np.ones(len(leads), dtype=bool), (leads["state"] == "lost").to_numpy()
    reached = leads["conversations"].to_numpy() > 0
    results = _results(leads, groups)
    columns = zip(
        [str(name) for (name,) in groups.names],
        groups.count().astype(int).tolist(),
        _means(groups, leads["attempts"].to_numpy(dtype=np.float64), every),
        _where_known(facts, exact_shares(groups.count(reached), groups.count(), "no leads")),
        _where_known(facts, _means(groups, leads["talk_s"].to_numpy(dtype=np.float64), reached)),
        _follow_ups(facts, arrived, tolerance),
        exact_shares(groups.count(lost & leads["reason"].notna().to_numpy()), groups.count(lost), "no lost leads"),
        results.results,
        strict=True,
    )
    found = [Agent(*row) for row in columns]
    active = tuple(agent for agent in found if agent.leads or agent.follow_up_kept.n)
    return Agents(active, results.differ, results.unlike)


def _where_known(facts: LeadsAsOf, estimates: list[Estimate]) -> list[Estimate]:
    """The estimates about conversations; unknown where no contact says whether it connected."""
    return estimates if facts.conversations_known else [UNHEARD] * len(estimates)


@dataclass(frozen=True)
class _Results:
    results: list[Result]
    differ: Estimate
    unlike: bool


def _results(leads: pd.DataFrame, groups: Groups) -> _Results:
    score = arrival_score(leads)
    rows = np.flatnonzero(leads["matured"].to_numpy() & ~np.isnan(score))
    won, judged = leads["won"].to_numpy()[rows], Groups(groups.names, groups.code[rows])
    chance = _usual_chance(score[rows], won)
    count, promised, wins = judged.count(), judged.count(score[rows]), judged.count(won)
    found = funnel(wins, judged.count(chance), judged.count(chance * (1 - chance)), count)
    results = [
        _result(found, number, int(leads), float(promises))
        for number, (leads, promises) in enumerate(zip(count, promised, strict=True))
    ]
    return _Results(results, found.differ, _unlike(score[rows], judged))


def _unlike(score: Vector, groups: Groups) -> bool:
    """Whether the mean scores of groups differ beyond chance, and by enough to matter (analysis of variance)."""
    n, total = groups.count(), groups.count(score)
    here = n > 0
    k, mean = int(here.sum()), total[here] / n[here]
    if k < 2 or n.sum() <= k:
        return False
    whole = total.sum() / n.sum()
    between = float((n[here] * (mean - whole) ** 2).sum()) / (k - 1)
    within = max(float((score**2).sum() - (n[here] * mean**2).sum()) / (float(n.sum()) - k), TINY)
    return bool(fdtrc(k - 1, n.sum() - k, between / within) < UNLIKE and np.ptp(mean) > MATTERS * whole)


def _usual_chance(score: Vector, won: Mask) -> Vector:
    """The share of leads of each score (n,) that won, whoever worked them; it adds up to the wins."""
    if len(score) == 0:
        return score
    band, log_odds = score_bands(score, MOST_BANDS)
    wins, leads = (np.bincount(band, weight).astype(np.float64) for weight in (won, None))
    basis = score_curve(log_odds, leads)
    usual: Vector = expit(basis @ fit_shares(basis, wins, leads)[0])
    return usual[band]


def _result(found: Funnel, number: int, leads: int, promised: float) -> Result:
    wins, expected = int(found.wins[number]), float(found.expected[number])
    ratio = exact_count(wins)
    if not found.judged[number] or ratio.value is None or ratio.low is None or ratio.high is None:
        unknown = Estimate.unknown(UNJUDGED, leads)
        return Result(leads, wins, promised, expected, None, None, None, unusual=False, against_expected=unknown)
    return Result(
        leads=leads,
        wins=wins,
        promised=promised,
        expected=expected,
        low=float(found.low[number]),
        high=float(found.high[number]),
        outside=OUTSIDE[int(found.outside[number])],
        unusual=bool(found.unusual[number]),
        against_expected=Estimate(ratio.value / expected, ratio.low / expected, ratio.high / expected, leads),
    )


def _follow_ups(facts: LeadsAsOf, arrived: Mask, tolerance: timedelta) -> list[Estimate]:
    """The share kept of the follow-ups that each agent agreed and that are due; the next contact keeps one.

    One agreed with a lead that closed before its time came, and that nobody contacted again, was not needed any more.
    """
    contacts = facts.contacts
    lead, started_at, again_at = (contacts[name].to_numpy() for name in ("lead", "started_at", "again_at"))
    followed = np.append(lead[1:] == lead[:-1], False)[: len(lead)]
    next_at = np.where(followed, np.append(started_at[1:], started_at[:1]), np.datetime64("NaT"))
    latest = again_at + np.timedelta64(tolerance)
    in_time = next_at <= latest
    closed = facts.leads["closed_at"].to_numpy()[lead] <= again_at
    now = to_instant(facts.as_of)
    due = arrived[lead] & (in_time | ((latest < now) & ~closed))
    groups = _by_agent(contacts["agent"])
    named = groups.code >= 0
    of_agent = Groups(groups.names, groups.code[named])
    return exact_shares(of_agent.count((due & in_time)[named]), of_agent.count(due[named]), "no follow-up was due")


def _by_agent(column: pd.Series) -> Groups:
    return Groups(tuple((str(name),) for name in column.cat.categories), column.cat.codes.to_numpy().astype(np.intp))


def _means(groups: Groups, values: Vector, counted: Mask) -> list[Estimate]:
    n, total, squares = (groups.count(counted * values**power) for power in (0, 1, 2))
    return [
        _mean(int(size), float(first), float(second)) for size, first, second in zip(n, total, squares, strict=True)
    ]


def _mean(n: int, total: float, squares: float) -> Estimate:
    if n < 2:
        return Estimate.unknown("fewer than two leads", n)
    mean = total / n
    return normal(mean, max(squares / n - mean**2, 0.0) / (n - 1), n)
