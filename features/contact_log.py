"""Which leads were contacted, as the log of contacts shows: one definition for labels, report, ledger and gauges.

A lead was contacted where a contact with it is on record, **whatever became of it**. A win without a contact does not
count: it shows that someone spoke with the lead, but lost leads can't show that, so counting it would select on the
outcome and inflate every rate. Wins tell how complete the log is instead: each of them was contacted, so the share of
wins that have a contact estimates the share of contacts that are logged at all.

Contacts say nothing of leads that arrived long before the log began, and nothing at all where hardly any win has one.
Those leads count as contacted, as all leads do where no contacts are recorded. Of the leads that arrived within one
horizon before the log began, only those still open when it did can have a contact: not the quick wins. So no lead of
that window counts as contacted, whether it has a contact or not.
"""

from dataclasses import dataclass

import numpy as np

from stats.types import Mask, Times

COMPLETE = 0.95
"""Share of wins with a contact below which the log is called incomplete."""
MEANINGLESS = 0.2
"""Share of wins with a contact below which contacts do not tell which leads were contacted."""
LEAST_WINS = 10
"""With fewer wins their share with a contact is too uncertain to set the log aside."""
STRAY = 0.01
"""Share of first contacts, the earliest, that do not mark the log's beginning: a mistyped year must not."""
SOON_DAYS = 7
"""A lead that arrived as the log began and was contacted within so many days of it had all its contacts logged."""


@dataclass(frozen=True)
class ContactLog:
    """From when on, and how completely, contacts are on record.

    The log began at `since` (None where nothing is dated). It says nothing of leads that arrived before `covers_from`,
    and misses early contacts of those that arrived before `complete_from`. `wins` counts the won leads that arrived
    since the log began, `wins_logged` those among them with a contact.
    """

    since: np.datetime64 | None
    covers_from: np.datetime64 | None
    complete_from: np.datetime64 | None
    wins: int
    wins_logged: int

    @property
    def share_logged(self) -> float | None:
        """The share of all contacts that are on record, estimated from the wins; None without a win."""
        return self.wins_logged / self.wins if self.wins else None

    @property
    def decides(self) -> bool:
        """Whether contacts tell which leads were contacted."""
        share = self.share_logged
        return share is None or self.wins < LEAST_WINS or share >= MEANINGLESS

    @property
    def note(self) -> str | None:
        """What a reader must know of an incomplete log; None of a complete one."""
        share = self.share_logged
        if share is None or share >= COMPLETE:
            return None
        counted = f"{self.wins_logged:,} of {self.wins:,} wins have a contact on record"
        if not self.decides:
            return f"{counted}, so contacts do not tell which leads were called: all leads count as called"
        return (
            f"{counted}, so about {share:.0%} of the calls are logged. Leads without a logged contact are left out, "
            "won or not, which is fair only if calls are logged alike for won leads and for others"
        )

    def is_contacted(self, has_contact: Mask, arrived_at: Times | None) -> Mask:
        """Which leads (n,) count as contacted: those with a contact in a complete log, and those of long before it.

        `has_contact` (n,) says which have a contact on record; `arrived_at` (n,) is None where arrivals are not dated.
        """
        if not self.decides:
            return np.ones(len(has_contact), dtype=bool)
        if self.covers_from is None or self.complete_from is None or arrived_at is None:
            return has_contact
        logged = has_contact & (arrived_at >= self.complete_from)
        return np.asarray(logged | (arrived_at < self.covers_from), dtype=bool)


def read_contact_log(arrived_at: Times | None, first_contact_at: Times, won: Mask, horizon_days: int) -> ContactLog:
    """The log of n leads' contacts: `first_contact_at` (n,) is NaT for none, `won` (n,) a win on record.

    Where arrivals are not dated (None), the log covers all leads.
    """
    contacted = ~np.isnat(first_contact_at)
    if arrived_at is None or not contacted.any():
        return ContactLog(None, None, None, int(won.sum()), int((won & contacted).sum()))
    first = np.sort(first_contact_at[contacted])
    since = first[int(STRAY * len(first))]
    wins = won & (arrived_at >= since)
    covers_from = since - np.timedelta64(horizon_days, "D")
    complete_from = complete_since(covers_from, _earliest_logged(arrived_at, first_contact_at, since))
    return ContactLog(since, covers_from, complete_from, int(wins.sum()), int((wins & contacted).sum()))


def complete_since(covers_from: np.datetime64, earliest: np.datetime64 | None) -> np.datetime64:
    """The arrival from which all contacts are logged; `earliest` is that of the first lead which shows it.

    The first lead of a complete log arrives before its contact, so the log is complete before it begins. Where no lead
    shows when (None), no contact is set aside.
    """
    return covers_from if earliest is None else max(covers_from, earliest)


def _earliest_logged(arrived_at: Times, first_contact_at: Times, since: np.datetime64) -> np.datetime64 | None:
    """The first arrival within a fortnight before `since` of a lead contacted within a week; None without one.

    The second week is for the earliest contacts, which `since` leaves out.
    """
    soon = np.timedelta64(SOON_DAYS, "D")
    shows = (since - 2 * soon <= arrived_at) & (arrived_at <= since) & (first_contact_at - arrived_at <= soon)
    return arrived_at[shows].min() if shows.any() else None
