"""Scores leads on a Spark cluster of four worker processes, one of them killed in the middle, beside `leads score`.

    python -m benchmarks.spark [--leads 5000000] [--folder DIR]

The cluster is PySpark's own (`local-cluster[4,1,1024]`): each executor is a process with a Java heap of 1 GB and a
Python beside it, all on this machine. Leads are a simulated company's, repeated under ids of their own.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from benchmarks.million import command
from benchmarks.report import fill_model, simulate

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "spark_score.py"
CLUSTER = "local-cluster[4,1,1024]"
TASKS = 16
SIMULATED = 100_000
EXECUTOR = b"CoarseGrainedExecutorBackend"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--leads", type=int, default=5_000_000)
    asked.add_argument("--folder", type=Path, help="where the data are made, and found the next time")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        environment = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}"}
        environment["PYTHONPATH"] = str(EXAMPLE.parent.parent)
        if not (folder / "large").exists():
            fill_model(folder, environment)
            simulate(folder, "large", min(given.leads, SIMULATED), environment)
        simulated = csv.read_csv(folder / "large" / "leads.csv")
        rows = write_leads(simulated, given.leads, folder / "leads" / "part-0.parquet")
        words = ("leads/part-0.parquet", "scored.parquet", "--reasons", "0")
        took, memory = command(folder, environment, "score", *words)
        print(f"{rows:,} leads by leads score: {took:.0f} s, {memory:.2f} GB", flush=True)
        spark = SparkRun(folder, environment, ("--reasons", "0"))
        took = spark.run(kill_one=True)
        print(f"{rows:,} leads by Spark, one of four executors killed: {took:.0f} s", flush=True)
        print(f"largest difference {largest_difference(folder / 'scored.parquet', folder / 'scores'):.1e}")


def write_leads(leads: pa.Table, count: int, path: Path) -> int:
    """As many leads as one file of Parquet, repeated under ids of their own (the first column); returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    leads = leads.set_column(0, leads.column_names[0], leads.column(0).cast(pa.string()))
    written = 0
    with pq.ParquetWriter(path, leads.schema) as writer:
        while written < count:
            ids = pc.binary_join_element_wise(leads.column(0), str(written // len(leads)), "-")
            some = leads.set_column(0, leads.schema.field(0), ids).slice(0, count - written)
            writer.write_table(some, row_group_size=max(1, count // TASKS))
            written += len(some)
    return written


class SparkRun:
    """The example on the cluster, from `leads` to `scores` in a folder; what Spark says is in `spark.log` there."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], words: Sequence[str], cluster: str = CLUSTER
    ) -> None:
        self.folder, self.scores, self.log = folder, folder / "scores", folder / "spark.log"
        self.environment = {**environment, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        size = sum(file.stat().st_size for file in (folder / "leads").iterdir())
        split = f"spark.sql.files.maxPartitionBytes={size // TASKS}"  # several tasks for each executor
        submit = [str(Path(sys.executable).with_name("spark-submit")), "--master", cluster, "--conf", split]
        self.command = [*submit, str(EXAMPLE), "leads", "scores", *words]

    def run(self, *, kill_one: bool) -> float:
        """Seconds of the run; with `kill_one` an executor is killed as soon as the first task is done."""
        shutil.rmtree(self.scores, ignore_errors=True)
        start = time.perf_counter()
        with self.log.open("w") as log:
            process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            if kill_one:
                self._kill_one(process)
            status = process.wait()
        finally:
            process.kill()
        if status:
            raise SystemExit(f"Spark failed: {self._find_error()}")
        return time.perf_counter() - start

    def _kill_one(self, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None:
            if any(self.scores.glob("_temporary/0/task_*")):
                os.kill(next(executors_of(process.pid)), signal.SIGKILL)
                return
            time.sleep(0.05)
        raise SystemExit(f"Spark ended before an executor was killed: {self._find_error()}")

    def _find_error(self) -> str:
        """What the example said, which stands amid what Spark says, or else the end of the log."""
        log = self.log.read_text()
        said = [line for line in log.splitlines() if line.startswith("error: ")]
        return said[-1] if said else log[-2000:]


def executors_of(driver: int) -> Iterator[int]:
    """The processes of the executors that a driver started."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # a process that has ended meanwhile
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == driver and EXECUTOR in (folder / "cmdline").read_bytes():
                yield int(folder.name)


def largest_difference(ours: Path, scores: Path) -> float:
    """The largest difference between two probabilities of one lead.

    Raises:
        ValueError: where a lead is missing on one side, or stands there twice.
    """
    columns = ["lead_id", "probability"]
    both = [pd.read_parquet(place, columns=columns).set_index("lead_id")["probability"] for place in (ours, scores)]
    expected, found = (side.sort_index() for side in both)
    if not expected.index.equals(found.index):
        raise ValueError(f"{len(expected):,} leads here, {len(found):,} there, or not the same ones")
    return float((expected - found).abs().max())


if __name__ == "__main__":
    main()
