"""Whether `leads train` keeps its budget, and what the budget buys: from 300 leads to a million.

    python -m benchmarks.accuracy.seconds [--leads N …] [--budgets S …] [--kept FILE] [--page FILE]

Leads of twenty fields, in no order. Seconds are the clock's, of the whole command, so a busy machine makes them worse.
Each run is one line of JSON in the kept file; the page and its plot are made of all lines there.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from benchmarks.accuracy.figures import figures
from benchmarks.accuracy.leads import Leads
from benchmarks.accuracy.ours import Workplace
from benchmarks.accuracy.tables import Table
from training.search.time_budget import RowBudget

SIZES = (300, 3_000, 10_000, 60_000, 200_000, 1_000_000)
BUDGETS_S = (20, 120, 600)
NUMBERS, CATEGORIES, FLAGS = 10, 8, 2
FIELDS = NUMBERS + CATEGORIES + FLAGS
TRAINED_SHARE = 0.8
"""The command keeps a fifth of its leads back to judge by."""
PLOT = "pictures/seconds.svg"
HEAD = f"""# What a budget buys

Made by `python -m benchmarks.accuracy.seconds --page docs/seconds.md`; don't edit it. `leads train --budget` on made
leads of {FIELDS} fields ({NUMBERS} numbers, {CATEGORIES} categories, {FLAGS} flags), two cores, each run a process of
its own: seconds of the whole command by the clock, from reading the table to the registered model, and the most memory
it held. Other work ran beside it at a lower priority. Few leads need less than they may take: after sixty shapes more
of them would be the luckiest, not the best. To read, judge and store a million leads takes more than twenty seconds.
*Searched* and *fitted* are how many leads a shape was tried on, and how many the chosen ones learned from in the end.
*Above the truth* is how much worse than the true probabilities the log loss on 10,000 other leads is.

![Seconds over budget, and memory]({PLOT})

| leads | budget | seconds | of the budget | shapes | searched | fitted | memory, MB | above the truth |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Run:
    """One training; `excess` is its log loss on the test leads less that of the true probabilities."""

    leads: int
    budget_s: int
    seconds: float
    megabytes: float
    shapes: int
    excess: float


def main() -> None:
    options = _options()
    lines = options.kept.read_text(encoding="utf-8").splitlines() if options.kept.exists() else []
    runs = [Run(**json.loads(line)) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(Path(folder))
        for size in options.leads:
            missing = [budget for budget in options.budgets if (size, budget) not in _measured(runs)]
            table = make_table(size) if missing else None
            for budget in missing:
                assert table is not None, "something is missing, so it was made"  # noqa: S101 - for the type checker
                runs.append(_measure(workplace, table, budget))
                print(runs[-1], flush=True)
                with options.kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(runs[-1])) + "\n")
    if options.page:
        runs.sort(key=lambda run: (run.leads, run.budget_s))
        options.page.write_text(HEAD + "".join(map(_row, runs)), encoding="utf-8")
        draw(runs).savefig(options.page.parent / PLOT, metadata={"Date": None})


def make_table(size: int, seed: int = 1) -> Table:
    """So many training leads of twenty fields, some of which count together, and 10,000 test leads."""
    rng = np.random.default_rng([seed, size])
    leads = Leads(rng, size + 10_000)
    numbers = [leads.numeric(f"number_{number}", 0.3 if number < 4 else 0.0) for number in range(NUMBERS)]
    groups = [leads.category(f"group_{number}", 12, 0.3 if number < 4 else 0.0) for number in range(CATEGORIES)]
    flags = [leads.flag(f"flag_{number}", 0.3, 0.3) for number in range(FLAGS)]
    leads.log_odds += 0.5 * np.sign(numbers[0]) * (flags[0] - 0.3) + rng.normal(0, 0.5, (12, 12))[groups[0], groups[1]]
    return leads.table(0.2)


def draw(runs: list[Run]) -> Figure:
    """Seconds over budget, and memory, each over the number of leads."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    shares, memory = figure.subplots(1, 2)
    for budget in sorted({run.budget_s for run in runs}):
        mine = [run for run in runs if run.budget_s == budget]
        sizes = [run.leads for run in mine]
        shares.plot(sizes, [run.seconds / budget for run in mine], marker="o", label=f"{budget} s")
        memory.plot(sizes, [run.megabytes for run in mine], marker="o", label=f"{budget} s")
    shares.axhline(1.0, color="gray", linewidth=0.8, linestyle="--")
    shares.set(xscale="log", ylim=(0, None), xlabel="leads", ylabel="seconds over budget")
    memory.set(xscale="log", ylim=(0, None), xlabel="leads", ylabel="most memory, MB")
    memory.legend(title="budget", frameon=False)
    return figure


def _measured(runs: list[Run]) -> set[tuple[int, int]]:
    return {(run.leads, run.budget_s) for run in runs}


def _measure(workplace: Workplace, table: Table, budget: int) -> Run:
    probability, cost = workplace.run(table, 1, budget)
    assert table.truth is not None, "made leads have one"  # noqa: S101 - for the type checker
    loss, truth = (figures(one, table.won)["log_loss"] for one in (probability, table.truth))
    seconds, megabytes = float(cost["seconds"]), float(cost["megabytes"])
    return Run(len(table.train), budget, seconds, megabytes, int(cost["trials"]), loss - truth)


def _row(run: Run) -> str:
    budget = RowBudget(run.budget_s, FIELDS, "none", 1)
    past = round(run.leads * TRAINED_SHARE)
    searched, fitted = len(budget.cut_for_search(np.arange(past))), len(budget.cut_for_fit(np.arange(run.leads)))
    return (
        f"| {run.leads:,} | {run.budget_s} s | {run.seconds:.0f} | {run.seconds / run.budget_s:.0%} | {run.shapes} | "
        f"{searched:,} | {fitted:,} | {run.megabytes:,.0f} | {run.excess:.4f} |\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, nargs="+", default=SIZES)
    parser.add_argument("--budgets", type=int, nargs="+", default=BUDGETS_S)
    parser.add_argument("--kept", type=Path, default=Path("seconds.jsonl"))
    parser.add_argument("--page", type=Path, help="where to write the Markdown, for example docs/seconds.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
