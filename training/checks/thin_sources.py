"""Sources of which little is known: how many leads of each arrived and were worked in, what follows for them out.

Where sales hardly calls a source, no method knows what its leads are worth: the few that were called were perhaps
picked. It is named, and how far its true rate may lie from the predicted one is told by how much sources differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from features.lead_table import LeadTable
from training.models.confidence import source_key

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEW = 30
"""Worked leads of a source below which its rate is hardly known: at 10 % it is ± 11 points."""
HARDLY, FEW_HARDLY = 0.25, 200
"""A source is hardly worked where less than this share of what is usual was, and fewer leads than these."""
LEAST_ARRIVED = 20
COMPARED = 10
"""Worked leads from which a source shows how much sources differ."""
USUAL_VARIANCE, WORTH = 0.5, 3
"""Log-odds of sources are taken to differ with this variance, for as much as so many sources would tell."""


@dataclass(frozen=True)
class SourceWork:
    """Of a source's leads older than the horizon: how many arrived, were worked, and were won of those."""

    name: str
    arrived: int
    worked: int
    won: int

    @property
    def share(self) -> float:
        return self.worked / self.arrived


def work_by_source(leads: LeadTable, worked: Mask, won: Mask) -> tuple[SourceWork, ...]:
    """For n leads whether each was worked (n,) and won (n,); leads without a source are one, named ''."""
    if leads.source is None:
        return ()
    names = np.array([*map(str, leads.source.values), ""], dtype=object)[leads.source.codes]
    keys, group = np.unique(np.array([source_key(name) for name in names], dtype=object), return_inverse=True)
    counts = [np.bincount(group, mask, minlength=len(keys)) for mask in (np.ones(len(names)), worked, worked & won)]
    first = [str(names[np.flatnonzero(group == place)[0]]) for place in range(len(keys))]
    return tuple(SourceWork(name, *map(int, each)) for name, *each in zip(first, *counts, strict=True))


def is_hardly_worked(one: SourceWork, all_of_them: Sequence[SourceWork]) -> bool:
    """Whether far less of a source was worked than of the others, and so little that nobody knows it."""
    arrived = sum(other.arrived for other in all_of_them if other is not one)
    worked = sum(other.worked for other in all_of_them if other is not one)
    if one.arrived < LEAST_ARRIVED or one.worked >= FEW_HARDLY or not worked:
        return False
    return one.share < HARDLY * worked / arrived


def is_known(one: SourceWork, all_of_them: Sequence[SourceWork]) -> bool:
    """Whether enough of a source's leads were worked to tell its rate."""
    return one.worked >= FEW and not is_hardly_worked(one, all_of_them)


def notes_on_sources(work: Sequence[SourceWork]) -> tuple[str, ...]:
    """What is to be said of the sources that are hardly worked."""
    return tuple(
        f"{one.name or 'leads without a source'}: {one.worked:,} of {one.arrived:,} were called; its score is little "
        "more than a guess, and its leads are marked so. The random share of the queue can be aimed at it "
        "(LEADS_RANDOM_SOURCES)"
        for one in work
        if is_hardly_worked(one, work)
    )


def widths_of(work: Sequence[SourceWork]) -> tuple[dict[str, float], float]:
    """How far in log-odds the truth of each source of which little is known may lie, at 95 %; and of one never seen.

    The variance of a source's log-odds about what is predicted is that between sources (DerSimonian and Laird 1986,
    drawn to a usual one), less what its own worked leads tell; t quantiles, because few sources tell that variance.
    """
    variance, quantile = _between(work)
    widths = {}
    for one in work:
        rate = (one.won + 1) / (one.worked + 2)
        information = one.worked * rate * (1 - rate)
        widths[source_key(one.name or None)] = quantile / np.sqrt(1 / variance + information)
    return {name: float(width) for name, width in widths.items()}, float(quantile * np.sqrt(variance))


def _between(work: Iterable[SourceWork]) -> tuple[float, float]:
    """The variance of log-odds between sources, and the quantile that its uncertainty asks for."""
    compared = [one for one in work if one.worked >= COMPARED]
    freedom = max(len(compared) - 1, 0)
    variance = freedom * _found_between(compared) if freedom else 0.0
    quantile = float(t.ppf(0.975, freedom + WORTH))
    return (variance + WORTH * USUAL_VARIANCE) / (freedom + WORTH), quantile


def _found_between(compared: Sequence[SourceWork]) -> float:
    won = np.array([one.won + 0.5 for one in compared])
    lost = np.array([one.worked - one.won + 0.5 for one in compared])
    odds, sure = np.log(won / lost), 1 / (1 / won + 1 / lost)
    apart = sure @ (odds - np.average(odds, weights=sure)) ** 2 - (len(odds) - 1)
    return max(0.0, float(apart / (sure.sum() - sure @ sure / sure.sum())))
