"""How seconds and memory grow with the leads, from 10,000 to 3,000,000, as a table and a figure.

    python -m benchmarks.growth [--sizes N ...] [--folder DIR] [--rounds N] [--figure PATH]

Each command is a process of its own on a simulated company of that size. Drawn are the seconds of processor, which
other work on the machine changes less than those of the clock; medians of the rounds. `--folder` keeps the figures, so
that sizes can be measured one by one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib.pyplot as plt

from benchmarks.report import UNTIL, fill_model, simulate

ROOT = Path(__file__).resolve().parent.parent
FIGURE = ROOT / "docs" / "pictures" / "growth.svg"
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
TABLES = ("leads.csv", "--outcomes", "outcomes.csv", "--contacts", "contacts.csv")
COMMANDS = {
    "init": ("init", *TABLES),
    "score": ("score", "leads.csv", "scored.csv", "--reasons", "0"),
    "score, 3 reasons": ("score", "leads.csv", "scored.csv"),
    "import-history": ("import-history",),
    "report": ("report", "--as-of", UNTIL, "--out", "week.html"),
}
WATCH = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6]))
sys.exit(status)
"""
"""A small process between, because a child's most memory counts that of the process it was forked from."""


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds by the clock and of processor, and the most memory in GB."""

    command: str
    leads: int
    clock_s: float
    processor_s: float
    memory_gb: float


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    asked.add_argument("--commands", nargs="+", choices=COMMANDS, default=[*COMMANDS])
    asked.add_argument("--folder", type=Path)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--figure", type=Path, default=FIGURE)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (given.folder or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for leads in given.sizes:
            for name in given.commands:
                keep(folder / "costs.json", measure(folder, name, leads, given.rounds))
        costs = read(folder / "costs.json")
    print_table(costs)
    draw(costs, given.figure)


def measure(folder: Path, name: str, leads: int, rounds: int) -> Cost:
    """The median of a command's rounds on a company of so many leads, which is made where it is not there."""
    company = folder / f"company-{leads}"
    environment = os.environ | {
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "LEADS_DATABASE_URL": f"sqlite:///{company / 'leads.db'}",
        "PYTHONPATH": str(ROOT),
    }
    if not (folder / "mlflow.db").exists():
        fill_model(folder, environment)
    if not company.exists():
        simulate(folder, company.name, leads, environment)
    took = []
    for _ in range(rounds):
        if name == "import-history":
            for left in company.glob("leads.db*"):
                left.unlink()
        if name == "init":
            (company / "scoring.toml").unlink()
        took.append(run(company, environment, COMMANDS[name]))
    clock, processor, memory = (statistics.median(figures) for figures in zip(*took, strict=True))
    return Cost(name, leads, clock, processor, memory)


def run(folder: Path, environment: Mapping[str, str], words: tuple[str, ...]) -> tuple[float, float, float]:
    start = time.perf_counter()
    watched = [sys.executable, "-c", WATCH, sys.executable, "-m", "commands", *words]
    ran = subprocess.run(watched, cwd=folder, env=dict(environment), capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"leads {' '.join(words)} failed: {ran.stderr[-500:]}")
    return (time.perf_counter() - start, *json.loads(ran.stdout))


def read(path: Path) -> list[Cost]:
    costs = [Cost(**one) for one in json.loads(path.read_text())] if path.exists() else []
    return sorted(costs, key=lambda cost: ([*COMMANDS].index(cost.command), cost.leads))


def keep(path: Path, cost: Cost) -> None:
    others = [one for one in read(path) if (one.command, one.leads) != (cost.command, cost.leads)]
    path.write_text(json.dumps([asdict(one) for one in (*others, cost)]))


def print_table(costs: list[Cost]) -> None:
    """Processor seconds and memory, a row for each size."""
    names = list(dict.fromkeys(cost.command for cost in costs))
    print(f"| leads | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    by_place = {(cost.command, cost.leads): cost for cost in costs}
    for leads in sorted({cost.leads for cost in costs}):
        found = [by_place.get((name, leads)) for name in names]
        cells = [f"{cost.processor_s:.1f} s, {cost.memory_gb:.2f} GB" if cost else "" for cost in found]
        print(f"| {leads:,} | {' | '.join(cells)} |")


def draw(costs: list[Cost], path: Path) -> None:
    """Seconds and memory beside each other, in powers of ten: what grows in proportion is a diagonal."""
    figure, (seconds, memory) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name in dict.fromkeys(cost.command for cost in costs):
        of_one = [cost for cost in costs if cost.command == name]
        leads = [cost.leads for cost in of_one]
        seconds.loglog(leads, [cost.processor_s for cost in of_one], marker="o", markersize=4, label=name)
        memory.loglog(leads, [cost.memory_gb for cost in of_one], marker="o", markersize=4, label=name)
    seconds.set(xlabel="leads", ylabel="seconds of processor")
    memory.set(xlabel="leads", ylabel="most memory, GB")
    memory.set_yticks([0.2, 0.5, 1, 2, 4], ["0.2", "0.5", "1", "2", "4"])
    memory.minorticks_off()
    seconds.legend(frameon=False)
    for axes in (seconds, memory):
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
