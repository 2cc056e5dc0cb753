"""Which leads were worked, as the log of contacts tells it: the one definition for labels, report, ledger and gauges.

A lead was worked where a contact with it is on record, **whatever became of it**. A win without a contact is no proof
of work that may count: lost leads can't bring that proof, so counting it would select on the outcome and inflate every
rate. Wins serve as the witness of the log instead: someone worked each of them, so the share of wins that have a
contact estimates the share of work that is logged at all.

Contacts say nothing of leads that arrived long before the log began, and nothing at all where hardly any win has one.
Those leads count as worked, as all leads do where no contacts are recorded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.datetime64]
Mask = NDArray[np.bool_]

COMPLETE = 0.95
"""Share of wins with a contact below which the log is called incomplete."""
MEANINGLESS = 0.2
"""Share of wins with a contact below which contacts do not tell who was worked."""
LEAST_WINS = 10
"""With fewer wins their share with a contact is too uncertain to set the log aside."""
STRAY = 0.01
"""Share of first contacts, the earliest, that do not mark the log's beginning: a mistyped year must not."""


@dataclass(frozen=True)
class ContactLog:
    """What the contacts on record can tell.

    `since` is when the log began (None where nothing is dated), `covers_from` the arrival from which a lead without
    a contact was not worked; `wins` are those that arrived since the log began, `wins_logged` the ones among them
    with a contact.
    """

    since: np.datetime64 | None
    covers_from: np.datetime64 | None
    wins: int
    wins_logged: int

    @property
    def share_logged(self) -> float | None:
        """The share of all work that is on record, as the wins witness it; None without a win."""
        return self.wins_logged / self.wins if self.wins else None

    @property
    def decides(self) -> bool:
        """Whether contacts tell who was worked."""
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
            return f"{counted}, so contacts do not tell which leads were worked: all leads count as worked"
        return (
            f"{counted}, so about {share:.0%} of the calls are logged. Leads without a logged contact are left out, "
            "won or not, which is fair only if calls are logged alike for won leads and for others"
        )

    def worked(self, contacted: Mask, arrived_at: Times | None) -> Mask:
        """Which leads (n,) count as worked: those with a contact, and those of which the log can't tell."""
        if not self.decides:
            return np.ones(len(contacted), dtype=bool)
        if self.covers_from is None or arrived_at is None:
            return contacted
        return np.asarray(contacted | (arrived_at < self.covers_from), dtype=bool)


def read_contact_log(arrived_at: Times | None, first_contact_at: Times, won: Mask, horizon_days: int) -> ContactLog:
    """The log of n leads' contacts: `first_contact_at` (n,) is NaT for none, `won` (n,) a win on record.

    Where arrivals are not dated (None), the log covers all leads.
    """
    contacted = ~np.isnat(first_contact_at)
    if arrived_at is None or not contacted.any():
        return ContactLog(None, None, int(won.sum()), int((won & contacted).sum()))
    first = np.sort(first_contact_at[contacted])
    since = first[int(STRAY * len(first))]
    witnesses = won & (arrived_at >= since)
    covers_from = since - np.timedelta64(horizon_days, "D")
    return ContactLog(since, covers_from, int(witnesses.sum()), int((witnesses & contacted).sum()))
