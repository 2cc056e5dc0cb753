"""The report's trend over a year, read from the store: of each month so many leads by lot."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial

import numpy as np
import pandas as pd

from analytics.leads_as_of import read_leads_as_of
from analytics.leads_as_of.fields import StoredLeads, parse_stored, with_roles
from analytics.leads_as_of.groups import Period
from analytics.reference.predictions import draw_rows
from analytics.report.trend import Trend, make_trend, trend_steps
from features.schema import LeadSchema
from serving.store import Connection
from serving.store.report_tables import read_drawn_leads, read_fields, read_outcomes

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
    draw = partial(draw_rows, most=MOST_OF_A_STEP, rng=rng)
    drawn = [read_drawn_leads(connection, period.start, period.end, draw) for period in periods]
    leads = pd.concat(drawn, ignore_index=True)
    outcomes = read_outcomes(connection, leads["lead_id"].tolist())
    facts = read_leads_as_of(leads, None, outcomes, None, None, as_of, horizon_days)
    lead_ids = facts.leads["lead_id"].tolist()
    sent = dict(read_fields(connection, lead_ids))
    stored = StoredLeads(np.arange(len(facts)), [sent.get(lead_id, {}) for lead_id in lead_ids])
    own = with_roles(schema)
    return make_trend(facts, parse_stored(facts.leads, stored, own), own, step, periods, rng)
