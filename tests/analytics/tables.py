"""Small tables as the store would give them, and facts made by hand."""

import datetime as dt

import numpy as np
import pandas as pd

from analytics.leads_as_of import LeadsAsOf, read_leads_as_of

AS_OF = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
HORIZON = 90
NOTHING = pd.DataFrame({"lead_id": [], "status": []})


def table(columns: str, *rows: str) -> pd.DataFrame:
    """A table from text: columns and rows divided by white space, `-` for nothing."""
    cells = [[None if cell == "-" else cell for cell in row.split()] for row in rows]
    return pd.DataFrame(cells, columns=columns.split())


def facts(leads: pd.DataFrame, contacts=None, outcomes=NOTHING, spend=None, scores=None, as_of=AS_OF) -> LeadsAsOf:
    return read_leads_as_of(leads, contacts, outcomes, spend, scores, as_of, HORIZON)


def matured(n: int, **columns: object) -> pd.DataFrame:
    """`n` old leads of facts, worked and not won unless the columns say otherwise."""
    arrived_at = np.datetime64("2026-01-05T10:00:00", "us")
    usual = {
        "arrived_at": arrived_at,
        "scored_at": arrived_at,
        "source": all_of(n, "ads"),
        "campaign": all_of(n),
        "grade": all_of(n, "B"),
        "model_version": all_of(n, "1"),
        "agent": all_of(n, "Anna"),
        "probability": 0.1,
        "reference": 0.1,
        "state": all_of(n, "lost", ["won", "lost", "open", "not_worked"]),
        "attempts": 1,
        "worked": True,
        "matured": True,
        "won": False,
    }
    return pd.DataFrame({**usual, **columns}, index=range(n))


def all_of(n: int, value: str | None = None, categories: list[str] | None = None) -> pd.Categorical:
    """`n` times the same value; None is missing."""
    names = categories or ([] if value is None else [value])
    code = -1 if value is None else names.index(value)
    return pd.Categorical.from_codes(np.full(n, code), categories=names)


def known(leads: pd.DataFrame) -> LeadsAsOf:
    return LeadsAsOf(leads, pd.DataFrame(), pd.DataFrame(), AS_OF, HORIZON)
