"""The report's trend over a year, read from the store: of each month so many leads by lot."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from analytics.leads_as_of import read_leads_as_of
from analytics.leads_as_of.fields import StoredLeads, parse_stored, with_roles
from analytics.leads_as_of.groups import Period
from analytics.reference.predictions import draw_rows
from analytics.report.trend import Trend, make_trend, trend_steps
from features.schema import LeadSchema
from serving.store import Connection
from serving.store.report_tables import read_fields, read_leads, read_outcomes

MOST_OF_A_STEP = 2_000
"""Leads of a month or week that are read: chance then moves a conversion of 10 % by less than 1.4 points."""


def read_trend(
    connection: Connection,
    arrivals: Mapping[date, int],
    schema: LeadSchema,
    as_of: datetime,
    horizon_days: int,
    rng: np.random.Generator,
) -> Trend:
    """The trend up to the last month whose leads all matured by `as_of`."""
    step, periods = trend_steps(arrivals, as_of, horizon_days)
    if not periods:
        periods = (Period(as_of, as_of),)
    since, until = periods[0].start, periods[-1].end
    leads = _drawn_of_each(read_leads(connection, since, until), periods, rng)
    outcomes = read_outcomes(connection, leads["lead_id"], since)
    facts = read_leads_as_of(leads, None, outcomes, None, None, as_of, horizon_days)
    sent = dict(read_fields(connection, facts.leads["lead_id"].tolist()))
    stored = StoredLeads(np.arange(len(facts)), [sent.get(lead_id, {}) for lead_id in facts.leads["lead_id"]])
    own = with_roles(schema)
    return make_trend(facts, parse_stored(facts.leads, stored, own), own, step, periods, rng)


def _drawn_of_each(leads: pd.DataFrame, periods: Sequence[Period], rng: np.random.Generator) -> pd.DataFrame:
    """At most so many leads of each period."""
    arrived = leads.rename(columns={"created_at": "arrived_at"})
    rows = [draw_rows(np.flatnonzero(period.holds(arrived)), MOST_OF_A_STEP, rng) for period in periods]
    return leads.iloc[np.concatenate(rows)].reset_index(drop=True)
