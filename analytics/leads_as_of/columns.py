"""The columns of one plain table as typed arrays, from what a CSV, a Parquet file or the store holds."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pandas.arrays import BooleanArray

from features.errors import Problem, TableRefused, missing_columns
from features.values import FALSE_WORDS, TRUE_WORDS, text_of


class Columns:
    """A table by its column names; one that is not required and not there is missing throughout.

    Raises:
        TableRefused: where a required column is not there, or a value is not of the asked kind.
    """

    def __init__(self, table: str, raw: pd.DataFrame | None, required: Sequence[str]) -> None:
        self.table = table
        self.raw = pd.DataFrame(columns=list(required), dtype="str") if raw is None else raw
        if missing := missing_columns(self.raw.columns, required):
            raise TableRefused(missing, table)
        self._positions: NDArray[np.intp] | None = None

    def texts(self, name: str) -> "pd.Series[str]":
        """Text (n,), missing where there is none."""
        return self.raw[name].astype("str").reset_index(drop=True)

    def positions(self, lead_ids: pa.Array) -> NDArray[np.intp]:
        """Where in these ids each row's lead_id stands (n,), -1 for nowhere."""
        if self._positions is None:
            found = pc.index_in(pa.array(self.texts("lead_id")), value_set=lead_ids, skip_nulls=True)
            self._positions = found.fill_null(-1).to_numpy().astype(np.intp)
        return self._positions

    def times(self, name: str) -> NDArray[np.datetime64]:
        """Naive UTC times (n,), NaT where there is none."""
        if name not in self.raw:
            return np.full(len(self.raw), np.datetime64("NaT"), dtype="datetime64[us]")
        column = self.raw[name]
        format_ = None if pd.api.types.is_datetime64_any_dtype(column) else "ISO8601"
        times = pd.to_datetime(column, utc=True, errors="coerce", format=format_)
        self._refuse(name, column.notna() & times.isna(), "is not an ISO 8601 time such as 2026-11-02T09:30:00Z")
        return times.dt.tz_localize(None).to_numpy().astype("datetime64[us]")

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Numbers (n,), NaN where there is none."""
        if name not in self.raw:
            return np.full(len(self.raw), np.nan)
        column = self.raw[name]
        numbers = pd.to_numeric(column, errors="coerce")
        self._refuse(name, column.notna() & numbers.isna(), "is not a number")
        return numbers.to_numpy(dtype=np.float64, na_value=np.nan)

    def names(
        self, name: str, spelt: Mapping[str, str] | None = None, accepted: Sequence[str] | None = None
    ) -> pd.Categorical:
        """Names (n,) as a category, missing where there is none; `spelt` gives one name for another."""
        if name not in self.raw:
            return pd.Categorical.from_codes(np.full(len(self.raw), -1), categories=pd.Index([], dtype="str"))
        found = pd.Categorical(self.raw[name])
        texts = [text_of(category) for category in found.categories]
        texts = [(spelt or {}).get(text, text) for text in texts]
        distinct = pd.Index(sorted({text for text in texts if text}), dtype="str")
        if accepted is not None and (strange := set(distinct) - set(accepted)):
            rows = found.isin([category for category in found.categories if text_of(category) in strange])
            self._refuse(name, pd.Series(rows), f"is none of {', '.join(accepted)}")
        codes = np.append(distinct.get_indexer(pd.Index(texts, dtype="str")), -1)
        return pd.Categorical.from_codes(codes[found.codes], categories=distinct)

    def flags(self, name: str) -> BooleanArray:
        """True, false or missing (n,), from the usual words and numbers; anything else is missing."""
        words = self.names(name)
        meaning = np.array([word.casefold() in TRUE_WORDS for word in words.categories] + [False])
        unclear = np.array([word.casefold() not in TRUE_WORDS | FALSE_WORDS for word in words.categories] + [True])
        return BooleanArray(meaning[words.codes], unclear[words.codes])

    def _refuse(self, name: str, rows: "pd.Series[bool]", detail: str) -> None:
        refused = np.flatnonzero(rows.to_numpy(dtype=bool))
        if len(refused):
            shown = tuple(self.raw.index[refused].tolist())
            raise TableRefused([Problem(detail, name, shown)], self.table)
