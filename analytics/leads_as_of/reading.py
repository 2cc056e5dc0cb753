"""The tables of docs/tables.md as of one instant, read from raw frames into frames that name leads by position."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analytics.leads_as_of.columns import Columns
from features.errors import Problem, TableRefused

STATES = ("won", "lost", "open", "not_worked")
DIRECTIONS = {"inbound": "in", "outbound": "out"}

Rows = NDArray[np.intp]
Times = NDArray[np.datetime64]


class Reader:
    """Reads table by table as of one instant, and gathers notes on the way."""

    def __init__(self, now: np.datetime64) -> None:
        self.now = now
        self.notes: list[str] = []
        self.lead_ids: pa.Array = pa.array([], pa.large_string())
        self.place = np.array([-1])

    def leads(self, raw: pd.DataFrame) -> pd.DataFrame:
        """The leads that had arrived."""
        columns = Columns("leads", raw, required=("lead_id", "created_at"))
        ids, arrived_at = columns.texts("lead_id"), columns.times("created_at")
        lacking = ids.isna().to_numpy() | np.isnat(arrived_at)
        self._note("leads: rows without lead_id or created_at", lacking)
        here = ~lacking & (arrived_at < self.now)
        self.lead_ids = pa.array(ids)
        self.place = np.append(np.where(here, np.cumsum(here) - 1, -1), -1)
        if len(again := np.flatnonzero(ids.duplicated() & ids.notna())):
            rows = tuple(raw.index[again].tolist())
            raise TableRefused([Problem("the same id stands there more than once", "lead_id", rows)], "leads")
        return pd.DataFrame(
            {
                "lead_id": ids[here].to_numpy(),
                "arrived_at": arrived_at[here],
                "source": columns.names("source")[here],
                "campaign": columns.names("campaign")[here],
                "value": columns.numbers("value")[here],
            }
        )

    def add_outcomes(self, table: pd.DataFrame, raw: pd.DataFrame) -> None:
        """The latest outcome of each lead; an undated one comes before the dated."""
        columns = Columns("outcomes", raw, required=("lead_id", "status"))
        at, status = columns.times("at"), columns.names("status", accepted=STATES)
        rows = self._known(columns, at)
        order = rows[np.argsort(at[rows], kind="stable")]
        order = np.concatenate([order[np.isnat(at[order])], order[~np.isnat(at[order])]])
        row_of = np.full(len(table), -1)
        row_of[self._lead(columns)[order]] = order
        table["status"] = pd.Categorical(_taken(status, row_of))
        table["closed_at"] = np.append(at, np.datetime64("NaT"))[row_of]
        table["reason"] = _taken(columns.names("reason"), row_of)
        table["outcome_value"] = np.append(columns.numbers("value"), np.nan)[row_of]
        undated = (table["status"] == "won") & table["closed_at"].isna()
        self._note("outcomes: wins without a date, counted as won within the horizon", undated.to_numpy())

    def contacts(self, raw: pd.DataFrame | None) -> pd.DataFrame:
        """The contacts that had begun, by lead and time."""
        columns = Columns("contacts", raw, required=("lead_id", "started_at"))
        started_at = columns.times("started_at")
        self._note("contacts: rows without started_at", np.isnat(started_at))
        rows = self._known(columns, started_at)
        rows = rows[~np.isnat(started_at[rows])]
        lead = self._lead(columns)
        rows = rows[np.lexsort((started_at[rows], lead[rows]))]
        return pd.DataFrame(
            {
                "lead": lead[rows].astype(np.int64),
                "started_at": started_at[rows],
                "agent": columns.names("agent")[rows],
                "channel": columns.names("channel")[rows],
                "direction": columns.names("direction", spelt=DIRECTIONS)[rows],
                "connected": columns.flags("connected")[rows],
                "duration_s": columns.numbers("duration_s")[rows],
                "again_at": columns.times("again_at")[rows],
            }
        )

    def add_scores(self, table: pd.DataFrame, raw: pd.DataFrame | None) -> None:
        """The first score of each lead, and the reference wherever it stands."""
        columns = Columns("scores", raw, required=("lead_id", "scored_at", "probability"))
        scored_at, lead = columns.times("scored_at"), self._lead(columns)
        rows = self._known(columns, scored_at)
        latest_first = rows[np.argsort(scored_at[rows], kind="stable")][::-1]
        row_of = np.full(len(table), -1)
        row_of[lead[latest_first]] = latest_first
        table["probability"] = np.append(columns.numbers("probability"), np.nan)[row_of]
        table["grade"] = _taken(columns.names("grade"), row_of)
        table["model_version"] = _taken(columns.names("model_version"), row_of)
        table["scored_at"] = np.append(scored_at, np.datetime64("NaT"))[row_of]
        reference = columns.numbers("reference")
        told = np.flatnonzero((lead >= 0) & ~np.isnan(reference))
        table["reference"] = np.nan
        table.loc[lead[told], "reference"] = reference[told]

    def spend(self, raw: pd.DataFrame | None) -> pd.DataFrame:
        """The money spent before the as-of date."""
        columns = Columns("spend", raw, required=("date", "source", "amount"))
        date = columns.times("date")
        here = date < self.now
        return pd.DataFrame(
            {
                "date": date[here],
                "source": columns.names("source")[here],
                "campaign": columns.names("campaign")[here],
                "amount": columns.numbers("amount")[here],
            }
        )

    def _lead(self, columns: Columns) -> Rows:
        """Position of each row's lead (rows,), -1 for one that was not there yet, or never."""
        return self.place[columns.positions(self.lead_ids)]

    def _known(self, columns: Columns, at: Times) -> Rows:
        """Rows about a lead that is there, dated before the as-of date or not dated."""
        self._note(f"{columns.table}: rows that name no lead", columns.positions(self.lead_ids) < 0)
        return np.flatnonzero((self._lead(columns) >= 0) & ~(at >= self.now))

    def _note(self, what: str, rows: NDArray[np.bool_]) -> None:
        if count := int(rows.sum()):
            self.notes.append(f"{what}: {count:,}")


def _taken(column: pd.Categorical, row_of: Rows) -> pd.Categorical:
    """The column at these rows, missing for -1."""
    return pd.Categorical.from_codes(np.append(column.codes, -1)[row_of], dtype=column.dtype)
