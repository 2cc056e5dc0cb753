"""What becomes of the leads. In: who wins, and the contacts. Out: when leads are won or lost, and why.

A lost lead may stay open for ever: nobody closes it. Some leads that nobody tried are closed as lost.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import DAY, Ints, Texts, given, pick, table
from simulation.arrivals import Arrivals
from simulation.contacts import HOUR, NOT_REACHED, Contacts, first_talks
from simulation.firms import Firms
from simulation.handling import Handling
from simulation.sources import SOURCES
from simulation.team import Team
from simulation.truth import DELAY_SPREAD
from stats.types import Mask, Vector

CLOSED_WORKED, CLOSED_IGNORED = 0.82, 0.3  # share of the lost leads that are ever closed
DAYS_TO_LOSE, DAYS_TO_LOSE_IGNORED = 25, 50  # medians
NOT_REACHABLE = "Not reachable"
REASONS = (
    "No budget",
    "Chose a competitor",
    "No need",
    "Bad timing",
    "Price",
    "Wrong person",
    "Missing feature",
)
REASON_WEIGHTS = [0.24, 0.18, 0.17, 0.15, 0.12, 0.08, 0.06]
STILL_OPEN = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Outcomes:
    """One entry a lead, whenever it may happen."""

    won: Mask
    at: Ints
    """When the lead is won or lost, STILL_OPEN if nobody ever closes it."""
    value: Vector
    reason: Texts


def won_at(rng: np.random.Generator, arrivals: Arrivals, won: Mask, first_talk: Ints) -> Ints:
    """When winners win: after the delay of their source, never before the first conversation is over."""
    median = np.array([source.median_delay for source in SOURCES])[arrivals.source]
    delay = median * np.exp(DELAY_SPREAD * rng.normal(size=arrivals.size)) * DAY
    talked = np.where(won, first_talk, 0) + HOUR
    return np.where(won, np.maximum(arrivals.at + delay.astype(np.int64), talked), STILL_OPEN)


def close(
    rng: np.random.Generator,
    arrivals: Arrivals,
    firms: Firms,
    handling: Handling,
    team: Team,
    contacts: Contacts,
    winning: Ints,
) -> Outcomes:
    """Close the leads: winners when they win (`winning`), of the others those that somebody bothers with."""
    won = winning != STILL_OPEN
    losing = _lost_at(rng, arrivals, handling, contacts)
    filled = rng.random(arrivals.size) < np.where(handling.worked, team.diligence[handling.agent], CLOSED_IGNORED)
    reason = _reasons(rng, first_talks(contacts, arrivals.size) != NOT_REACHED)
    return Outcomes(
        won=won,
        at=np.where(won, winning, losing),
        value=np.where(won, _values(rng, firms), np.nan),
        reason=given(filled & ~won, reason),
    )


def _lost_at(rng: np.random.Generator, arrivals: Arrivals, handling: Handling, contacts: Contacts) -> Ints:
    closed = rng.random(arrivals.size) < np.where(handling.worked, CLOSED_WORKED, CLOSED_IGNORED)
    median = np.where(handling.worked, DAYS_TO_LOSE, DAYS_TO_LOSE_IGNORED)
    days = median * np.exp(0.7 * rng.normal(size=arrivals.size))
    last_contact = np.zeros(arrivals.size, dtype=np.int64)
    last_contact[contacts.lead] = contacts.at  # ordered by time: the last one stays
    at = np.maximum(arrivals.at + (days * DAY).astype(np.int64), last_contact + HOUR)
    return np.where(closed, at, STILL_OPEN)


def _reasons(rng: np.random.Generator, talked: Mask) -> Texts:
    said = table(list(REASONS))[pick(rng, REASON_WEIGHTS, talked.size)]
    silent = ~talked & (rng.random(talked.size) < 0.85)
    return np.where(silent, NOT_REACHABLE, said)


def _values(rng: np.random.Generator, firms: Firms) -> Vector:
    """Money from a won lead: larger firms pay more, less than in proportion."""
    spread = np.exp(rng.normal(0, 0.5, firms.size.size))
    result: Vector = np.round(1500 * np.exp(0.35 * firms.size) * spread, 2)
    return result
