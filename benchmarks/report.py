"""`leads report --out` of a million simulated leads with contacts: seconds and memory of the whole command.

The store is made first, which takes minutes; `--folder` keeps it for the next time. The model that judges both periods
learned from a smaller company of the same kind, before them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 3
TAUGHT_BY = 20_000
UNTIL, TAUGHT_UNTIL = "2026-10-01", "2025-12-01"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--leads", type=int, default=1_000_000)
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        environment = os.environ | {
            "LEADS_DATABASE_URL": f"sqlite:///{(folder / 'leads.db').resolve()}",
            "MLFLOW_TRACKING_URI": f"sqlite:///{(folder / 'mlflow.db').resolve()}",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        }
        if not (folder / "leads.db").exists():
            fill(folder, given.leads, environment)
        took = [report(folder, environment) for _ in range(RUNS)]
    wall, cpu, memory = (statistics.median(figures) for figures in zip(*took, strict=True))
    print(f"{given.leads:,} leads, median of {RUNS}: {wall:.1f} s, of them {cpu:.1f} s of processor; {memory:.2f} GB")


def fill(folder: Path, leads: int, environment: dict[str, str]) -> None:
    """Simulate both companies, train on the small one, and import the large one."""
    fill_model(folder, environment)
    simulate(folder, "large", leads, environment)
    run(folder / "large", environment, "import-history")


def fill_model(folder: Path, environment: dict[str, str]) -> None:
    """Simulate the small company and train on it."""
    simulate(folder, "small", TAUGHT_BY, environment)
    run(folder / "small", environment, "train", "--as-of", TAUGHT_UNTIL, "--trials", "1", "--budget", "60")


def simulate(folder: Path, name: str, leads: int, environment: dict[str, str]) -> None:
    """The tables of a company and their scoring.toml, in a folder of its name."""
    run(folder, environment, "simulate", name, "--leads", str(leads), "--until", UNTIL)
    run(folder / name, environment, "init", "leads.csv", "--outcomes", "outcomes.csv", "--contacts", "contacts.csv")


def run(folder: Path, environment: dict[str, str], *words: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "commands", *words)
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


def report(folder: Path, environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of processor, and the most memory in GB of one report."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "commands", "report", "--as-of", UNTIL, "--out", str(folder / "week.html")]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("the report failed")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6


if __name__ == "__main__":
    main()
