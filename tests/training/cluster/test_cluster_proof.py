"""`leads train` and `leads score` on a Dask cluster of four worker processes, each with less memory than the table."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client

from stats.calibration import log_losses
from tests.ports import free_port
from tests.training.cluster.tables import make_leads
from training.cluster.spread_samples import TRAIN_PART

LEADS, TESTED = 30_000, 10_000
NOTE_BYTES = 24_576
WORKERS, WORKER_MEMORY = 4, 700_000_000
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
ASKED = ["--trials", "1", "--budget", "6"]
CONFIG = """
[leads]
table = "{table}"
id = "id"
created_at = "created"
source = "source"
[outcome]
column = "won"
won = ["1"]
lost = ["0"]
at = "won_at"
horizon_days = 30
[fields]
age.kind = "numeric"
job.kind = "category"
title.kind = "category"
newsletter.kind = "flag"
source.kind = "category"
position.kind = "text"
email.kind = "email"
phone.kind = "phone"
founded.kind = "datetime"
called_again = {{ kind = "flag", known = "later" }}
"""


@dataclass
class Cluster:
    """A scheduler's address, its client, and the most memory that any worker had when it was looked at."""

    scheduler: str
    client: Client
    peak_bytes: int = 0
    killed: list[str] = field(default_factory=list)

    def watch(self, command: subprocess.Popen[str], look: Callable[[], None]) -> tuple[str, str, float]:
        """Standard output and error of a command, and its seconds; `look` is called while it runs."""
        started = time.monotonic()
        while command.poll() is None:
            for pid in self.client.run(os.getpid, on_error="ignore").values():
                if psutil.pid_exists(pid):
                    self.peak_bytes = max(self.peak_bytes, psutil.Process(pid).memory_info().rss)
            look()
            time.sleep(0.2)
        return *command.communicate(), time.monotonic() - started

    def kill_a_worker_in_the_fit(self) -> None:
        """Once, and as hard as a machine that goes away."""
        fitting = [
            worker for worker, keys in self.client.processing().items() if any(TRAIN_PART in str(key) for key in keys)
        ]
        if len(fitting) == WORKERS and not self.killed:
            self.killed.append(fitting[0])
            os.kill(self.client.run(os.getpid, workers=fitting[:1])[fitting[0]], signal.SIGKILL)


@contextmanager
def running(folder: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process, whose log is a file of the folder."""
    with (folder / f"{command[1]}.log").open("wb") as log:
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    address, scratch = f"tcp://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("scratch")
    dask = str(BIN / "dask")
    with ExitStack() as stack:
        stack.enter_context(running(scratch, dask, "scheduler", "--host", address, "--no-dashboard"))
        sizes = ["--nworkers", f"{WORKERS}", "--nthreads", "1", "--memory-limit", f"{WORKER_MEMORY}"]
        stack.enter_context(
            running(scratch, dask, "worker", address, *sizes, "--no-dashboard", "--local-directory", str(scratch))
        )
        client = stack.enter_context(Client(address, timeout=120, set_as_default=False))
        client.wait_for_workers(WORKERS, timeout=300)
        yield Cluster(address, client)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leads in four files, with long notes that no score uses; the same in one file, without; and later leads."""
    folder = tmp_path_factory.mktemp("leads")
    table = make_leads(LEADS)
    table.to_parquet(folder / "whole.parquet", index=False)
    (folder / "leads").mkdir()
    for number, rows in enumerate(np.array_split(np.arange(LEADS), 4)):
        part = pa.Table.from_pandas(table.iloc[rows], preserve_index=False)
        path = folder / "leads" / f"part-{number}.parquet"
        notes = pa.field("notes", pa.string())
        with pq.ParquetWriter(path, part.schema.append(notes), compression="none", use_dictionary=False) as writer:
            for start in range(0, len(part), 1_500):
                some = part.slice(start, 1_500)
                text = base64.b64encode(np.random.default_rng([number, start]).bytes(len(some) * NOTE_BYTES * 3 // 4))
                pieces = [text[at : at + NOTE_BYTES].decode() for at in range(0, len(text), NOTE_BYTES)]
                writer.write_table(some.append_column(notes, [pieces]))
    make_leads(TESTED, seed=1).to_parquet(folder / "later.parquet", index=False)
    for name, leads in (("one", "whole.parquet"), ("cluster", "leads")):
        (folder / f"{name}.toml").write_text(CONFIG.format(table=leads))
    return folder


def leads_command(folder: Path, name: str, *arguments: str) -> subprocess.Popen[str]:
    """`leads` with a registry by this name."""
    environment = ENVIRONMENT | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / name}.db"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([str(BIN / "leads"), *arguments], env=environment, cwd=folder, **pipes)


def log_loss(folder: Path, name: str) -> float:
    scored = pd.read_parquet(folder / f"{name}.parquet")
    won = pd.read_parquet(folder / "later.parquet")["won"].eq("1").to_numpy(np.float64)
    probability = scored["probability"].to_numpy()
    return float(log_losses(np.log(probability / (1 - probability)), won).mean())


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_trains_as_well_as_one_machine(cluster: Cluster, folder: Path) -> None:
    size = sum(path.stat().st_size for path in (folder / "leads").iterdir())
    assert size > WORKER_MEMORY
    there = ["--engine", "dask", "--scheduler", cluster.scheduler]
    command = leads_command(folder, "cluster", "train", "--config", "cluster.toml", *ASKED, *there)
    out, err, seconds = cluster.watch(command, cluster.kill_a_worker_in_the_fit)
    assert command.returncode == 0, err
    assert len(cluster.killed) == 1
    assert "Note: the fit on the cluster" in err
    assert "trees fitted on all of them" in err.replace("\n", " ")
    assert "Traceback" not in out + err
    assert "Warning" not in out + err

    here = leads_command(folder, "one", "train", "--config", "one.toml", *ASKED)
    _, one_err = here.communicate()
    assert here.returncode == 0, one_err

    for name, score in (("cluster", there), ("cluster-here", []), ("one", [])):
        registry = name.removesuffix("-here")
        arguments = ["score", "later.parquet", f"{name}.parquet", "--config", f"{registry}.toml", *score]
        command = leads_command(folder, registry, *arguments)
        _, err = command.communicate()
        assert command.returncode == 0, err
    scored, again = (pd.read_parquet(folder / f"{name}.parquet") for name in ("cluster", "cluster-here"))
    pd.testing.assert_frame_equal(scored, again, check_exact=True)

    cluster_loss, one_loss = log_loss(folder, "cluster"), log_loss(folder, "one")
    figures = f"{size / 1e6:.0f} MB, {seconds:.0f} s, worker {cluster.peak_bytes / 1e6:.0f} MB"
    print(f"{figures}, log loss {cluster_loss:.4f} beside {one_loss:.4f}; {err}")  # noqa: T201 - figures of docs/scale.md
    assert cluster_loss < 1.01 * one_loss
