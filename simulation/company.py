"""A company whose truth is known. In: number of leads, scenario, period. Out: its tables, and the truth."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.arrivals import Period
from simulation.contacts import LATEST_TALK_DAYS
from simulation.files import write_tables
from simulation.frames import contacts_table, leads_table, outcomes_table, spend_table, truth_table
from simulation.history import live_through
from simulation.scenarios import Scenario, scenario_named

MATURED_AFTER_CHANGE = 90  # days of leads that arrive after the change and mature before the end
LEAST_AFTER_CHANGE = 28
LEAST_BEFORE_CHANGE = 30
WRITING = 1  # marks the random stream of the tables as another one than the history's


@dataclass(frozen=True)
class Simulation:
    """What the company has on record at the start of the day `until`, and the truth behind it.

    `leads`, `contacts`, `outcomes` and `spend` have the columns that the product reads. `truth` has one row a
    lead, in the same order:

    - `probability` of a win within the horizon as known at arrival, if the lead is worked as usual;
    - `probability_handled`: given what was truly done and the hidden quality, 0 for a lead never worked;
    - `in_time`: share of its source's wins that come within the horizon; P(ever) = probability / in_time;
    - `worked`: whether anybody ever tries. Never-worked leads keep the `probability` they would have had;
    - `wait_hours`: working hours from arrival to the first attempt;
    - `speed_effect`, `agent_effect`, `hidden`: what these add to the log-odds of ever winning;
    - `ever_won`, `delay_days`: also where the win lies after `until`.
    """

    scenario: Scenario
    change: dt.date
    until: dt.date
    horizon_days: int
    leads: pd.DataFrame
    contacts: pd.DataFrame
    outcomes: pd.DataFrame
    spend: pd.DataFrame
    truth: pd.DataFrame

    def write(self, folder: Path) -> None:
        """Write leads.csv, contacts.csv, outcomes.csv, spend.csv and truth.csv; none is ever half written."""
        names = ("leads", "contacts", "outcomes", "spend", "truth")
        write_tables(folder, {name: getattr(self, name) for name in names})


def simulate(
    leads: int = 10_000,
    *,
    seed: int = 7,
    scenario: str | Scenario = "steady",
    until: dt.date,
    days: int = 540,
    horizon_days: int = 90,
    change: dt.date | None = None,
) -> Simulation:
    """Simulate `days` of history, up to the start of the day `until`; the same arguments, the same tables.

    A scenario changes things at `change`, by default a horizon and a quarter before the end. Raises
    UnknownScenarioError for a name that does not exist, ValueError for a period without room for a before and
    an after.
    """
    chosen = scenario if isinstance(scenario, Scenario) else scenario_named(scenario)
    _check_counts(leads, horizon_days)
    period = _period(until, days, horizon_days, change)
    history = live_through(seed, chosen, period, leads, horizon_days)
    rng = np.random.default_rng([seed, WRITING])
    return Simulation(
        scenario=chosen,
        change=period.change,
        until=until,
        horizon_days=horizon_days,
        leads=leads_table(rng, history, period),
        contacts=contacts_table(history, period),
        outcomes=outcomes_table(history, period),
        spend=spend_table(rng, history, period),
        truth=truth_table(history),
    )


def _check_counts(leads: int, horizon_days: int) -> None:
    if leads < 1:
        raise ValueError(f"leads must be at least 1, not {leads}")
    if horizon_days < LATEST_TALK_DAYS:
        raise ValueError(f"horizon_days must be at least {LATEST_TALK_DAYS}, not {horizon_days}")


def _period(until: dt.date, days: int, horizon_days: int, change: dt.date | None) -> Period:
    start = until - dt.timedelta(days=days)
    change = change or until - dt.timedelta(days=horizon_days + MATURED_AFTER_CHANGE)
    earliest = start + dt.timedelta(days=LEAST_BEFORE_CHANGE)
    latest = until - dt.timedelta(days=horizon_days + LEAST_AFTER_CHANGE)
    if not earliest <= change <= latest:
        raise ValueError(
            f"the change on {change} leaves too little before or after it: with {days} days up to {until} "
            f"and a horizon of {horizon_days} days it must be from {earliest} to {latest}"
        )
    return Period(start, change, until)
