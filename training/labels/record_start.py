"""The start of a company's records of outcomes.

A table of leads may reach further back than that of outcomes. The earliest leads then look lost, and are not.
"""

import numpy as np

from features.history import History
from training.data.dataset import TooFewOutcomes, make_dataset
from training.labels.delayed_feedback import fit_delays
from training.labels.states import DAY

LEAST_MISSED = 10.0
"""Wins that would have been expected before the first on record. Where 10 are expected there are none by chance in
less than one history of 20,000."""


def trim_before_first_outcome(history: History, horizon_days: int) -> tuple[History, tuple[str, ...]]:
    """The history without the leads from before outcomes were recorded, and notes on what was left out.

    The history was cut at its as-of date before (`cut_history`).
    """
    arrived, closed_at = history.leads.created_at, history.closed_at
    if arrived is None or closed_at is None:
        return history, ()
    wins = closed_at[(history.status == "won") & ~np.isnat(closed_at)]
    if not len(wins) or not (arrived < wins.min()).any():
        return history, ()
    first = wins.min()
    missed = _expected_wins_before(history, first, horizon_days)
    if missed < LEAST_MISSED:
        return history, ()
    kept = history.take(np.flatnonzero(arrived >= first))
    left_out = len(history.leads) - len(kept.leads)
    return kept, (
        f"no win is on record before {first.astype('datetime64[D]')}, though about {missed:.0f} would be expected by "
        f"then: records of outcomes seem to begin there, so the {left_out:,} leads of before were left out",
    )


def _expected_wins_before(history: History, first: np.datetime64, horizon_days: int) -> float:
    """By the rates and delays of the leads that arrived since `first`."""
    try:
        dataset = make_dataset(history, None, horizon_days, include_young=True)
    except TooFewOutcomes:
        return 0.0
    since = np.flatnonzero(dataset.arrived_at >= first)
    if not dataset.recorded_win[since].any():
        return 0.0
    delays, group = fit_delays(dataset, since)
    before = np.flatnonzero(dataset.arrived_at < first)
    days = (first - dataset.arrived_at[before]) / DAY
    return float((delays.rate(group[before]) * delays.known(group[before], days)).sum())
