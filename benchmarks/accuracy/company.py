"""Tables of a simulated company: leads, contacts and outcomes as its CRM holds them, the truth beside them."""

import datetime as dt

import numpy as np
import pandas as pd

from benchmarks.accuracy.tables import WON, Table
from simulation.company import simulate

UNTIL, AS_OF = dt.date(2026, 7, 1), "2026-01-15"
DAYS, HORIZON_DAYS = 620, 90


def company(leads: int, scenario: str, seed: int) -> Table:
    """Learn at the as-of date; judge by the worked leads of the months after it, whose outcome is known by the end."""
    simulated = simulate(
        leads,
        seed=seed,
        scenario=scenario,
        until=UNTIL,
        days=DAYS,
        horizon_days=HORIZON_DAYS,
        change=dt.date(2026, 1, 15),
    )
    truth, created_at = simulated.truth, pd.to_datetime(simulated.leads.created_at, utc=True)
    won = truth.ever_won.to_numpy(bool) & (truth.delay_days.to_numpy(float) <= HORIZON_DAYS)
    horizon = pd.Timedelta(days=HORIZON_DAYS)
    as_of, end = pd.Timestamp(AS_OF, tz="UTC"), pd.Timestamp(UNTIL, tz="UTC") - horizon
    worked = truth.worked.to_numpy(bool)
    matured = (created_at + horizon <= as_of).to_numpy() & worked
    test = ((created_at >= as_of) & (created_at < end)).to_numpy() & worked
    fields = simulated.leads.drop(columns=["account_manager", "record_type", "crm_record"])
    return Table(
        train=fields[matured].assign(**{WON: np.where(won, "yes", "no")[matured]}),
        test=fields[test],
        won=won[test].astype(np.float64),
        order="created_at",
        truth=truth.probability.to_numpy(np.float64)[test],
        history={"leads": fields, "outcomes": simulated.outcomes, "contacts": simulated.contacts},
        as_of=AS_OF,
        horizon_days=HORIZON_DAYS,
    )
