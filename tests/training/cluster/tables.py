"""A leads table in Parquet partitions, a scoring.toml for it, and a session that maps in this process."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from distributed.protocol import pickle

from features.config import ScoringConfig, check_config
from features.history import History, read_history
from tests.training.leads import raw_leads
from training.cluster.partitions import list_partitions
from training.cluster.read_leads import read_lead_rows
from training.cluster.remote_leads import PartitionedTable

JOBS = ("Sales director", "Office manager", "Owner", "CEO", "Head of sales, EMEA region", "engineer")


class ThisProcess:
    """Maps as `Session` does, without a cluster; what would travel is pickled as Dask does it."""

    def map(self, function: Callable[..., Any], items: Iterable[Any], *shared: object) -> Iterator[Any]:
        sent = pickle.dumps((function, shared))
        for item in items:
            task, arguments = pickle.loads(sent)
            yield pickle.loads(pickle.dumps(task(item, *arguments)))


def make_leads(leads: int, seed: int = 0) -> pd.DataFrame:
    """Leads with a field of each kind, and their outcome beside them: some won, some lost, the rest open."""
    rng = np.random.default_rng([seed, 9])
    table = raw_leads(leads, seed).reset_index(drop=True)
    created = pd.to_datetime(table["created"])
    won = rng.random(leads) < np.where(table["job"] == "director", 0.4, 0.12)
    lost = ~won & (rng.random(leads) < 0.6)
    closed = created + pd.to_timedelta(rng.exponential(12.0, leads).round(4), unit="D")
    table["won"] = np.where(won, "1", np.where(lost, "0", None))
    table["won_at"] = [str(time) if known else None for time, known in zip(closed, won | lost, strict=True)]
    position = rng.choice(JOBS, leads)
    table["position"] = [f"{name} {rng.integers(60)}" if rng.random() < 0.3 else name for name in position]
    table["email"] = [f"p{n}@{rng.choice(['gmail.com', 'firm.de', 'b.co.uk'])}" for n in range(leads)]
    table["phone"] = rng.choice(["+49 30 1234567", "+33 1 23 45 67", "030 123", None], leads)
    table["founded"] = rng.choice(["1999-05-01", "2020-02-03T10:00:00Z", None], leads)
    table["called_again"] = np.where(won, "yes", "no")
    table["age"] = table["age"].astype("str").where(table["age"].notna(), None)
    return table


def make_config(folder: Path, table: str, horizon_days: int = 30, **training: object) -> ScoringConfig:
    content: dict[str, object] = {
        "leads": {"table": table, "id": "id", "created_at": "created", "source": "source"},
        "outcome": {"column": "won", "won": ["1"], "lost": ["0"], "at": "won_at", "horizon_days": horizon_days},
        "fields": {
            "age": {"kind": "numeric"},
            "job": {"kind": "category"},
            "title": {"kind": "category"},
            "newsletter": {"kind": "flag"},
            "source": {"kind": "category"},
            "position": {"kind": "text"},
            "email": {"kind": "email"},
            "phone": {"kind": "phone"},
            "founded": {"kind": "datetime"},
            "called_again": {"kind": "flag", "known": "later"},
        },
        "training": training,
    }
    return check_config(content, folder / "scoring.toml")


def write_partitions(table: pd.DataFrame, folder: Path, files: int = 3, rows_a_group: int = 70) -> None:
    """Several files of several row groups each."""
    folder.mkdir()
    for number, rows in enumerate(np.array_split(np.arange(len(table)), files)):
        table.iloc[rows].to_parquet(folder / f"part-{number}.parquet", index=False, row_group_size=rows_a_group)


def open_table(config: ScoringConfig, session: Any = None) -> PartitionedTable:
    location = config.locate(config.leads.table)
    return PartitionedTable(session or ThisProcess(), list_partitions(location), config.lead_schema)


def remote_history(config: ScoringConfig) -> History:
    return read_history(config, lambda config: read_lead_rows(config, open_table(config)))
