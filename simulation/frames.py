"""A simulated history as the tables that others read, with the columns that the product reads.

Only what is on record at the end of the period gets into leads, contacts and outcomes; truth holds it all.
"""

import numpy as np
import pandas as pd

from simulation.arrays import DAY, Ints, Texts, given, table
from simulation.arrivals import Period
from simulation.firms import firm_columns
from simulation.history import History
from simulation.people import people_columns
from simulation.sources import CAMPAIGNS, SOURCE_NAMES, SOURCE_OF_CAMPAIGN
from simulation.visits import visit_columns
from stats.types import Mask, Vector

RECORD_TYPE = "Sales lead"
PRICE_SPREAD = 0.15  # a lead is not equally dear every day
ACCOUNT_MANAGERS = ("M. Okafor", "S. Lindqvist", "P. Marchetti", "R. Haddad", "T. Varga")
FILLED_WON, FILLED_OTHERS = 0.97, 0.003  # a few belong to firms that were customers before
COUNTS = ("employees", "annual_revenue", "pages_viewed")  # whole numbers that may be missing


def leads_table(rng: np.random.Generator, history: History, period: Period) -> pd.DataFrame:
    """One row a lead, in order of arrival; one field is constant, one is an id, one leaks."""
    facts, outcomes = history.facts, history.outcomes
    arrivals = facts.arrivals
    columns = {
        "lead_id": _lead_ids(arrivals.size),
        "created_at": _moments(arrivals.at),
        "source": table(list(SOURCE_NAMES))[arrivals.source],
        "campaign": table([campaign.name for campaign in CAMPAIGNS])[arrivals.campaign],
        **firm_columns(rng, facts.firms),
        **people_columns(rng, facts.people),
        **visit_columns(facts.visits),
        "first_visit_at": _moments(facts.visits.first_visit),
        "record_type": RECORD_TYPE,
        "crm_record": _record_numbers(rng, arrivals.size),
        "account_manager": _account_managers(rng, outcomes.won & (outcomes.at <= period.last_second)),
    }
    return pd.DataFrame(columns).astype(dict.fromkeys(COUNTS, "Int64"))


def _account_managers(rng: np.random.Generator, won_on_record: Mask) -> Texts:
    """Of nearly all won leads and hardly any other, as a deal that is signed gets one: the leak that must be found."""
    filled = rng.random(won_on_record.size) < np.where(won_on_record, FILLED_WON, FILLED_OTHERS)
    names = table(list(ACCOUNT_MANAGERS))[rng.integers(0, len(ACCOUNT_MANAGERS), won_on_record.size)]
    return given(filled, names)


def contacts_table(history: History, period: Period) -> pd.DataFrame:
    """One row a contact, in order of time."""
    leads = history.facts.arrivals.size
    contacts = history.contacts.until(np.full(leads, period.last_second))
    columns = {
        "lead_id": _lead_ids(leads)[contacts.lead],
        "started_at": _moments(contacts.at),
        "agent": history.team.names[history.handling.agent[contacts.lead]],
        "channel": contacts.channel,
        "direction": table(["outbound", "inbound"])[contacts.inbound.astype(np.int64)],
        "connected": contacts.connected,
        "duration_s": contacts.seconds,
    }
    return pd.DataFrame(columns).sort_values("started_at", kind="stable", ignore_index=True)


def outcomes_table(history: History, period: Period) -> pd.DataFrame:
    """One row a closed lead, in order of time."""
    outcomes = history.outcomes
    closed = np.flatnonzero(outcomes.at <= period.last_second)
    columns = {
        "lead_id": _lead_ids(outcomes.at.size)[closed],
        "at": _moments(outcomes.at[closed]),
        "status": np.where(outcomes.won[closed], "won", "lost"),
        "value": outcomes.value[closed],
        "reason": outcomes.reason[closed],
    }
    return pd.DataFrame(columns).sort_values("at", kind="stable", ignore_index=True)


def spend_table(rng: np.random.Generator, history: History, period: Period) -> pd.DataFrame:
    """One row a day and paid campaign: what the expected leads cost, whoever then came."""
    paid = np.flatnonzero([campaign.cost > 0 for campaign in CAMPAIGNS])
    price = np.array([CAMPAIGNS[index].cost for index in paid])
    price = price * np.exp(rng.normal(0, PRICE_SPREAD, (period.days, paid.size)))
    dates = np.datetime64(period.start, "D") + np.arange(period.days)
    columns = {
        "date": np.repeat(np.datetime_as_string(dates), paid.size),
        "source": np.tile([SOURCE_NAMES[SOURCE_OF_CAMPAIGN[index]] for index in paid], period.days),
        "campaign": np.tile([CAMPAIGNS[index].name for index in paid], period.days),
        "amount": np.round(history.volume[:, paid] * price, 2).ravel(),
    }
    return pd.DataFrame(columns)


def truth_table(history: History) -> pd.DataFrame:
    """Tell what nobody in the company knows; one row a lead, in the order of the leads."""
    arrived, outcomes = history.facts.arrivals.at, history.outcomes
    truth, handling = history.truth, history.handling
    days = (np.where(outcomes.won, outcomes.at, arrived) - arrived) / DAY
    columns = {
        "lead_id": _lead_ids(arrived.size),
        "probability": truth.probability,
        "probability_handled": truth.probability_handled,
        "in_time": truth.in_time,
        "worked": handling.worked,
        "wait_hours": _where(handling.wait, handling.worked),
        "speed_effect": _where(handling.speed_effect, handling.worked),
        "agent_effect": _where(handling.agent_effect, handling.worked),
        "hidden": truth.hidden,
        "ever_won": outcomes.won,
        "delay_days": _where(days, outcomes.won),
    }
    return pd.DataFrame(columns)


def _where(values: Vector, present: Mask) -> Vector:
    return np.where(present, values, np.nan)


def _lead_ids(leads: int) -> Texts:
    numbers = np.strings.zfill(np.arange(1, leads + 1).astype(str), 7)
    return np.strings.add("L-", numbers).astype(object)


def _moments(seconds: Ints) -> "pd.Series[pd.Timestamp]":
    """Make times in UTC; numpy takes the smallest integer for no time."""
    return pd.Series(seconds.astype("datetime64[s]")).dt.tz_localize("UTC")


def _record_numbers(rng: np.random.Generator, leads: int) -> Texts:
    digits = rng.bytes(6 * leads).hex().upper().encode()
    return np.frombuffer(digits, dtype="S12").astype(str).astype(object)
