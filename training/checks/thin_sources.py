"""Sources of which few leads were contacted, so that their rate is hardly known.

Where sales hardly calls a source, no method knows what its leads are worth: the few that were called were perhaps
picked. It is named, and how far its true rate may lie from the predicted one follows from how much sources differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from features.lead_table import LeadTable
from stats.random_effects import dersimonian_laird
from training.models.confidence import source_key

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEW = 30
"""Contacted leads of a source below which its rate is hardly known: at 10 % it is ± 11 points."""
HARDLY, FEW_HARDLY = 0.25, 200
"""A source is rarely contacted where less than this share of what is usual was, and fewer leads than these."""
LEAST_ARRIVED = 20
COMPARED = 10
"""Contacted leads from which a source shows how much sources differ."""
USUAL_VARIANCE, USUAL_FREEDOM = 0.5, 3
"""Log-odds of sources are taken to differ with this variance, a prior with the weight of so many sources."""


@dataclass(frozen=True)
class SourceContacts:
    """Of a source's leads older than the horizon: how many arrived, were contacted, and were won of those."""

    name: str
    arrived: int
    contacted: int
    won: int

    @property
    def share(self) -> float:
        return self.contacted / self.arrived


def count_contacts_by_source(leads: LeadTable, contacted: Mask, won: Mask) -> tuple[SourceContacts, ...]:
    """The counts of each source among n leads, each contacted (n,) and won (n,) or not.

    Leads without a source are one, named ''; empty where sources are not known. Sources are compared without case.
    """
    if leads.source is None:
        return ()
    names = np.array([*map(str, leads.source.values), ""], dtype=object)[leads.source.codes]
    keys, group = np.unique(np.array([source_key(name) for name in names], dtype=object), return_inverse=True)
    masks = (np.ones(len(names)), contacted, contacted & won)
    counts = [np.bincount(group, mask, minlength=len(keys)) for mask in masks]
    first = [str(names[np.flatnonzero(group == place)[0]]) for place in range(len(keys))]
    return tuple(SourceContacts(name, *map(int, each)) for name, *each in zip(first, *counts, strict=True))


def is_rarely_contacted(one: SourceContacts, sources: Sequence[SourceContacts]) -> bool:
    """Whether far less of a source was contacted than of the others, and so little that nobody knows its rate."""
    arrived = sum(other.arrived for other in sources if other is not one)
    contacted = sum(other.contacted for other in sources if other is not one)
    if one.arrived < LEAST_ARRIVED or one.contacted >= FEW_HARDLY or not contacted:
        return False
    return one.share < HARDLY * contacted / arrived


def has_known_rate(one: SourceContacts, sources: Sequence[SourceContacts]) -> bool:
    """Whether enough of a source's leads were contacted to know its rate."""
    return one.contacted >= FEW and not is_rarely_contacted(one, sources)


def note_rarely_contacted_sources(sources: Sequence[SourceContacts]) -> tuple[str, ...]:
    """A note on each source that is rarely contacted."""
    return tuple(
        f"{one.name or 'leads without a source'}: {one.contacted:,} of {one.arrived:,} were called; its score is "
        "little more than a guess, and its leads are marked so. The random share of the queue can be aimed at it "
        "(LEADS_RANDOM_SOURCES)"
        for one in sources
        if is_rarely_contacted(one, sources)
    )


def fit_source_widths(sources: Sequence[SourceContacts]) -> tuple[dict[str, float], float]:
    """The half-width of the 95 % interval of each source's log-odds about the predicted ones, and of a new source's.

    The variance is that between sources (DerSimonian and Laird 1986, shrunk to a usual one), less what the source's
    own contacted leads show; t quantiles, because few sources show that variance.
    """
    variance, quantile = _fit_variance(sources)
    widths = {}
    for one in sources:
        rate = (one.won + 1) / (one.contacted + 2)
        information = one.contacted * rate * (1 - rate)
        widths[source_key(one.name or None)] = quantile / np.sqrt(1 / variance + information)
    return {name: float(width) for name, width in widths.items()}, float(quantile * np.sqrt(variance))


def _fit_variance(sources: Iterable[SourceContacts]) -> tuple[float, float]:
    """The variance of log-odds between sources, and the quantile that its uncertainty asks for."""
    compared = [one for one in sources if one.contacted >= COMPARED]
    freedom = max(len(compared) - 1, 0)
    variance = freedom * _variance_between(compared) if freedom else 0.0
    quantile = float(t.ppf(0.975, freedom + USUAL_FREEDOM))
    return (variance + USUAL_FREEDOM * USUAL_VARIANCE) / (freedom + USUAL_FREEDOM), quantile


def _variance_between(compared: Sequence[SourceContacts]) -> float:
    won = np.array([one.won + 0.5 for one in compared])
    lost = np.array([one.contacted - one.won + 0.5 for one in compared])
    odds, sure = np.log(won / lost), 1 / (1 / won + 1 / lost)
    return dersimonian_laird(odds, sure)
