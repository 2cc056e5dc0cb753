"""Ours, by the commands that a person types: `leads init`, `leads train`, `leads score`, each a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import tomlkit
from numpy.typing import NDArray

from benchmarks.accuracy.tables import ID, WON, Table

ROOT = Path(__file__).parents[2]


class Workplace:
    """A folder with an empty MLflow, copied for each run because making one takes seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.empty = folder / "mlflow.db"

    def run(self, table: Table, seed: int, budget_s: float) -> tuple[NDArray[np.float64], dict[str, float | str]]:
        """The probabilities of the test leads, and what training took and chose."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            folder = Path(place)
            if self.empty.exists():
                (folder / "mlruns").mkdir()
                shutil.copy(self.empty, folder / "mlruns" / "mlflow.db")
            write_project(table, folder)
            how = ["--seed", str(seed), "--budget", str(budget_s)]
            how += ["--as-of", table.as_of] if table.as_of else []
            told, took = _leads(folder, "train", *how, "--json")
            _leads(folder, "score", "test.csv", "scored.csv", "--reasons", "0", "--model", "1")
            scored = pd.read_csv(folder / "scored.csv", dtype={ID: str}).set_index(ID)
            probability = scored.probability.reindex(table.test[ID]).to_numpy(np.float64)
            if np.isnan(probability).any():
                raise SystemExit("a test lead was not scored")
            summary = json.loads(told)
            return probability, {**took, "chosen": summary["candidate"], "trials": summary["trials"]}


def write_project(table: Table, folder: Path) -> None:
    """The tables, and the scoring.toml that `leads init` makes of them, as a person would leave it."""
    _write(table, folder)
    _leads(folder, "init", "leads.csv", *_other_tables(table))
    _answer_for_the_person(folder / "scoring.toml", table)


def _write(table: Table, folder: Path) -> None:
    for name, frame in (table.history or {"leads": table.train}).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    table.test.to_csv(folder / "test.csv", index=False)


def _other_tables(table: Table) -> list[str]:
    if not table.history:
        return ["--outcome", f"{WON}=yes"]
    return [part for name in table.history if name != "leads" for part in (f"--{name}", f"{name}.csv")]


def _answer_for_the_person(config: Path, table: Table) -> None:
    """Order and horizon are the table's; no field of these tables is known later, whatever `leads init` suspects."""
    content = tomlkit.parse(config.read_text(encoding="utf-8"))
    content["leads"]["order"] = table.order
    content["outcome"]["horizon_days"] = table.horizon_days
    for settings in content["fields"].values():
        settings["known"] = "arrival"
    config.write_text(tomlkit.dumps(content), encoding="utf-8")


def _leads(folder: Path, *arguments: str) -> tuple[str, dict[str, float | str]]:
    """What the command printed; its seconds and the most memory it held."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    started = time.monotonic()
    with (folder / "told").open("w") as out, (folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "commands", *arguments], cwd=folder, env=environment, stdout=out, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"leads {' '.join(arguments)} failed: {(folder / 'errors').read_text()[-2_000:]}")
    cost = {"seconds": time.monotonic() - started, "cpu_seconds": usage.ru_utime + usage.ru_stime}
    return (folder / "told").read_text(), {**cost, "megabytes": usage.ru_maxrss / 1024}
