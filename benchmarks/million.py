"""A million leads from file to file beside what the same rows cost any tool; it makes its own data.

    python -m benchmarks.million [--leads N] [--folder DIR] [--rounds N] [--postgresql]

The limit of scoring is to read the table with Arrow, to predict with LightGBM in one thread, as its users do, and to
write the scores with pandas; that of `init` is to read; that of `import-history` is `executemany` of the same rows into
SQLite, and with `--postgresql` also `COPY` of the files into a server of its own. Ours are whole commands with their
start. Rounds alternate, and the ratio is the median of the rounds' own.
"""

import argparse
import csv
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow.csv as pa_csv

from benchmarks.report import fill_model, simulate
from features.lead_table import parse_leads
from features.tables.batches import open_batches
from tests.serving.databases import new_database, postgresql_server
from training.registry import Registry, locate

PREDICTED = 20_000
"""Leads that LightGBM predicts; the others are counted as much each."""

WATCH = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""
"""A small process between, because a child's most memory counts that of the process it was forked from."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--leads", type=int, default=1_000_000)
    asked.add_argument("--folder", type=Path, help="where the data are made, and found the next time")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--postgresql", action="store_true", help="import into PostgreSQL as well")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}"}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
        make_data(folder, given.leads, environment)
        print(f"{given.leads:,} leads{'limit, s':>26}{'ours, s':>10}{'ratio':>8}{'memory, GB':>12}")
        rounds = [[*measure(folder, environment, postgresql=given.postgresql)] for _ in range(given.rounds)]
        for same in zip(*rounds, strict=True):
            names, limits, times, memory = zip(*same, strict=True)
            ratio = statistics.median(ours / limit for ours, limit in zip(times, limits, strict=True))
            limit, ours = statistics.median(limits), statistics.median(times)
            print(f"{names[0]:28}{limit:15.1f}{ours:10.1f}{ratio:8.2f}{max(memory):12.2f}")


def make_data(folder: Path, leads: int, environment: Mapping[str, str]) -> None:
    """The tables of a simulated company in `large`, and a model trained on a smaller one of the same kind."""
    if not (folder / "mlflow.db").exists():
        fill_model(folder, dict(environment))
    if not (folder / "large").exists():
        simulate(folder, "large", leads, dict(environment))


def measure(
    folder: Path, environment: Mapping[str, str], *, postgresql: bool
) -> Iterator[tuple[str, float, float, float]]:
    """What is done, the limit's seconds, ours, and our most memory in GB."""
    large = folder / "large"
    read = seconds(lambda: pa_csv.read_csv(large / "leads.csv"))
    score_limit = read + predict(folder, large) + write(large)
    for reasons in (0, 3):
        ours = command(large, environment, "score", "leads.csv", "scored.csv", "--reasons", str(reasons))
        yield f"score, {reasons} reasons", score_limit, *ours
    (large / "scoring.toml").unlink(missing_ok=True)
    tables = ("leads.csv", "--outcomes", "outcomes.csv", "--contacts", "contacts.csv")
    yield "init", read, *command(large, environment, "init", *tables)
    database = large / "imported.db"
    for left in large.glob("imported.db*"):
        left.unlink()
    limit = seconds(lambda: insert(large))
    store = {**environment, "LEADS_DATABASE_URL": f"sqlite:///{database}"}
    yield "import-history", limit, *command(large, store, "import-history")
    if postgresql:
        yield measure_server(large, environment)


def measure_server(large: Path, environment: Mapping[str, str]) -> tuple[str, float, float, float]:
    """As `measure`, of an import into PostgreSQL beside `COPY`."""
    with postgresql_server() as server:
        copied, store = (new_database(server.url) for _ in range(2))
        limit = seconds(lambda: copy(large, copied))
        ours = command(large, {**environment, "LEADS_DATABASE_URL": store}, "import-history")
        return "import-history, PostgreSQL", limit, *ours


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def predict(folder: Path, large: Path) -> float:
    """LightGBM's seconds for all leads, from those for some."""
    table = open_batches(str(large / "leads.csv"))
    leads = next(table.frames)
    model = Registry(locate(folder, {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}"})).load("champion")
    X = model.encoder.encode(parse_leads(leads, model.schema))[:PREDICTED]
    if model.trees is None:
        raise SystemExit("the champion has no trees; its limit is not known")
    booster, crosses = model.trees.booster, model.trees.crosses
    X = crosses.append(X) if crosses else X
    return seconds(lambda: booster.predict(X, raw_score=True, num_threads=1)) / len(X) * table.rows


def write(large: Path) -> float:
    """pandas' seconds to write the columns of scores without reasons."""
    ids = pa_csv.read_csv(large / "leads.csv", convert_options=pa_csv.ConvertOptions(include_columns=["lead_id"]))
    scored = pd.DataFrame({"lead_id": ids["lead_id"].to_pandas()})
    scored["probability"] = pd.util.hash_array(scored["lead_id"].to_numpy(object)) / 2.0**64
    scored["grade"], scored["percentile"], scored["model_version"] = "A", (scored["probability"] * 100).round(1), "1"
    return seconds(lambda: scored.to_csv(large / "limit.csv", index=False))


def insert(large: Path) -> None:
    """The rows of leads, outcomes and contacts as they are, by `executemany`, in one transaction each."""
    (large / "limit.db").unlink(missing_ok=True)
    with sqlite3.connect(large / "limit.db") as database:
        for name in ("leads", "outcomes", "contacts"):
            with (large / f"{name}.csv").open(newline="") as file:
                rows = csv.reader(file)
                header = next(rows)
                key = "" if name == "contacts" else ", PRIMARY KEY (lead_id)"
                database.execute(f"CREATE TABLE {name} ({', '.join(header)}{key})")
                places = ", ".join("?" * len(header))
                while some := [*islice(rows, 10_000)]:
                    database.executemany(f"INSERT INTO {name} VALUES ({places})", some)  # noqa: S608 - our own names
    database.close()


def copy(large: Path, server: str) -> None:
    """The files of leads, outcomes and contacts as they are, by `COPY`, in one transaction each."""
    for name in ("leads", "outcomes", "contacts"):
        with psycopg.connect(server) as database, (large / f"{name}.csv").open("rb") as file:
            header = file.readline().decode().strip().split(",")
            key = "" if name == "contacts" else ", PRIMARY KEY (lead_id)"
            columns = ", ".join(f"{column} text" for column in header)
            database.execute(f"CREATE TABLE {name} ({columns}{key})")
            with database.cursor().copy(f"COPY {name} FROM STDIN WITH (FORMAT csv)") as rows:
                while piece := file.read(1 << 20):
                    rows.write(piece)


def command(folder: Path, environment: Mapping[str, str], *words: str) -> tuple[float, float]:
    """Seconds by the clock and the most memory in GB of one of our commands."""
    start = time.perf_counter()
    watched = [sys.executable, "-c", WATCH, sys.executable, "-m", "commands", *words]
    ran = subprocess.run(watched, cwd=folder, env=dict(environment), capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"leads {' '.join(words)} failed: {ran.stderr[-500:]}")
    return time.perf_counter() - start, float(ran.stdout) / 1e6


if __name__ == "__main__":
    main()
