"""Attempts and conversations. In: handling, and who will win. Out: one entry a contact, and the first talks.

A lead that wins has talked to somebody; when, is drawn just as for the other leads that were reached, so that
early conversations are not a consequence of winning.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import Ints, Texts, pick, table
from simulation.handling import Handling
from simulation.team import Team
from simulation.working_hours import WorkingHours
from stats.types import Mask, Vector

HOUR = 3600
MOST_FURTHER_ATTEMPTS = 5
ATTEMPT_GAP, LONGEST_ATTEMPT_GAP, TALK_GAP = 6.0, 12.0, 20.0  # working hours
LATEST_TALK_DAYS = 30
"""Longest wait plus longest gaps: no first conversation is later than this after arrival."""
NOT_REACHED = np.iinfo(np.int64).max
PHONE, EMAIL, VIDEO = range(3)
CHANNELS = ("phone", "email", "video")


@dataclass(frozen=True)
class Reached:
    """How far sales gets with each worked lead."""

    lead: Ints
    attempts: Ints
    """Attempts up to the first conversation, or in vain."""
    talked: Mask
    further: Ints
    """Contacts after the first conversation."""


@dataclass(frozen=True)
class Contacts:
    """One entry a contact, ordered by lead and time."""

    lead: Ints
    at: Ints
    channel: Texts
    inbound: Mask
    connected: Mask
    seconds: Ints
    first_talk: Mask

    def until(self, last: Ints) -> "Contacts":
        """Only the contacts that can be over by `last`, which has one entry a lead."""
        kept = self.at + HOUR <= last[self.lead]
        return Contacts(**{name: column[kept] for name, column in vars(self).items()})


def reach(rng: np.random.Generator, handling: Handling, team: Team, heat: Vector, won: Mask) -> Reached:
    """Draw how many attempts are made and whether they reach the lead; hot ones are tried a little longer."""
    lead = np.flatnonzero(handling.worked)
    agent, won = handling.agent[lead], won[lead]
    patience = np.clip(team.persistence[agent] + 0.06 * heat[lead], 0.05, 0.95)
    attempts = 1 + rng.binomial(MOST_FURTHER_ATTEMPTS, patience)
    missed = 1 - team.reach[agent]
    luck = rng.random(lead.size) * np.where(won, 1 - missed**attempts, 1.0)
    needed = np.maximum(1, np.ceil(np.log1p(-luck) / np.log(missed))).astype(np.int64)
    talked = won | (needed <= attempts)
    further = np.where(talked, rng.poisson(np.where(won, 2.5, 1.0)), 0)
    return Reached(lead, np.minimum(needed, attempts), talked, further)


def talk(rng: np.random.Generator, reached: Reached, handling: Handling, team: Team, hours: WorkingHours) -> Contacts:
    """Write out the single contacts."""
    rows = reached.attempts + reached.further
    lead = np.repeat(reached.lead, rows)
    step = _within(rows)
    attempts = np.repeat(reached.attempts, rows)
    first = (step == attempts) & np.repeat(reached.talked, rows)
    later = step > attempts
    inbound = later & (rng.random(lead.size) < 0.2)
    connected = first | inbound | (later & (rng.random(lead.size) < 0.65))
    channel = _channels(rng, first, later & connected)
    return Contacts(
        lead=lead,
        at=hours.after(handling.first_attempt[lead], _since_first(rng, step, later, rows)),
        channel=table(list(CHANNELS))[channel],
        inbound=inbound,
        connected=connected,
        seconds=_seconds(rng, team.talk[handling.agent[lead]], connected & (channel != EMAIL)),
        first_talk=first,
    )


def first_talks(contacts: Contacts, leads: int) -> Ints:
    """Find the moment of each lead's first conversation, NOT_REACHED if there is none."""
    result = np.full(leads, NOT_REACHED)
    result[contacts.lead[contacts.first_talk]] = contacts.at[contacts.first_talk]
    return result


def _within(rows: Ints) -> Ints:
    """Count 1, 2, … within each lead."""
    start = np.cumsum(rows) - rows
    return np.arange(rows.sum()) - np.repeat(start, rows) + 1


def _since_first(rng: np.random.Generator, step: Ints, later: Mask, rows: Ints) -> Vector:
    """Working hours since the lead's first attempt."""
    spread = np.exp(rng.normal(0, 0.7, step.size))
    gap = np.where(later, np.maximum(TALK_GAP * spread, 1), np.clip(ATTEMPT_GAP * spread, 1, LONGEST_ATTEMPT_GAP))
    elapsed = np.cumsum(np.where(step == 1, 0.0, gap))
    result: Vector = elapsed - np.repeat(elapsed[np.cumsum(rows) - rows], rows)
    return result


def _channels(rng: np.random.Generator, first: Mask, conversation: Mask) -> Ints:
    attempt = pick(rng, [0.8, 0.2], first.size)
    meeting = pick(rng, [0.5, 0.25, 0.25], first.size)
    return np.where(first, PHONE, np.where(conversation, meeting, attempt))


def _seconds(rng: np.random.Generator, usual: Vector, spoken: Mask) -> Ints:
    length = np.clip(usual * np.exp(rng.normal(0, 0.8, usual.size)), 15, HOUR)
    return np.where(spoken, np.rint(length), 0).astype(np.int64)
