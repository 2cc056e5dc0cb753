"""Where a company's records of outcomes begin: a history in, without the leads of before out.

A table of leads may reach further back than that of outcomes. The earliest leads then look lost, and are not.
"""

import numpy as np

from features.history import History
from training.labels.delayed_feedback import delays_of
from training.labels.states import DAY, TooFewOutcomes, make_dataset

LEAST_MISSED = 10.0
"""Wins that would have been expected before the first on record. Where 10 are expected there are none by chance in
less than one history of 20,000."""


def since_records_begin(history: History, horizon_days: int) -> tuple[History, tuple[str, ...]]:
    """The history, and what is to be said of it; it holds nothing that its as-of date may not know."""
    arrived, closed_at = history.leads.created_at, history.closed_at
    if arrived is None or closed_at is None:
        return history, ()
    wins = closed_at[(history.status == "won") & ~np.isnat(closed_at)]
    if not len(wins) or not (arrived < wins.min()).any():
        return history, ()
    first = wins.min()
    missed = _missed(history, first, horizon_days)
    if missed < LEAST_MISSED:
        return history, ()
    kept = history.take(np.flatnonzero(arrived >= first))
    left_out = len(history.leads) - len(kept.leads)
    return kept, (
        f"no win is on record before {first.astype('datetime64[D]')}, though about {missed:.0f} would be expected by "
        f"then: records of outcomes seem to begin there, so the {left_out:,} leads of before were left out",
    )


def _missed(history: History, first: np.datetime64, horizon_days: int) -> float:
    """Wins to be expected before `first`, by the rates and delays of the leads that arrived since."""
    try:
        dataset = make_dataset(history, None, horizon_days, young_too=True)
    except TooFewOutcomes:
        return 0.0
    since = np.flatnonzero(dataset.arrived >= first)
    if not dataset.seen_won[since].any():
        return 0.0
    delays, group = delays_of(dataset, since)
    before = np.flatnonzero(dataset.arrived < first)
    days = (first - dataset.arrived[before]) / DAY
    return float((delays.rate(group[before]) * delays.known(group[before], days)).sum())
