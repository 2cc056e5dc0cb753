"""Tables on disk. In: named data frames. Out: a CSV file each, complete or not there at all."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from features.whole_files import replace_file


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write every table beside its place first, then move all of them in; the folder is made if missing."""
    with ExitStack() as drafts:
        for name, frame in tables.items():
            draft = drafts.enter_context(replace_file(folder / f"{name}.csv"))
            _with_iso_times(frame).to_csv(draft, index=False, lineterminator="\n")


def _with_iso_times(frame: pd.DataFrame) -> pd.DataFrame:
    times = {name: _iso(frame[name]) for name in frame.columns if isinstance(frame[name].dtype, pd.DatetimeTZDtype)}
    return frame.assign(**times)


def _iso(times: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """2026-03-01T09:30:00Z, an empty text for no time; strftime takes ten times as long."""
    seconds = times.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    texts = np.strings.add(np.datetime_as_string(seconds), "Z")
    return pd.Series(np.where(np.isnat(seconds), "", texts).tolist(), index=times.index)
