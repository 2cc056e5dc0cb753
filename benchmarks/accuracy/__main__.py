"""`make accuracy`: every table, every engine, three seeds; what was measured is kept, so a broken run goes on.

    python -m benchmarks.accuracy [TABLE …] [--seeds N] [--budget SECONDS] [--kept FILE] [--page FILE]

Ours has `--budget` seconds of the clock for the whole command, so a busy machine makes its figures worse. Each
run is one line of JSON in the kept file; the page is made of all lines there.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.accuracy.autogluon import NAME
from benchmarks.accuracy.figures import FIGURES, figures
from benchmarks.accuracy.kept import Kept, Line
from benchmarks.accuracy.made import made
from benchmarks.accuracy.ours import Workplace
from benchmarks.accuracy.page import GIVEN, OURS, TRUTH, page
from benchmarks.accuracy.peers import PEERS
from benchmarks.accuracy.protocols import AUTOGLUON, protocols
from benchmarks.accuracy.tables import Kind


def main() -> None:
    options = _options()
    kinds = [*protocols(), *made()]
    kept = Kept(options.kept)
    for name, known in AUTOGLUON.items():
        if not kept.of(name, NAME):
            kept.add(Line(name, NAME, GIVEN, dict(zip(FIGURES, known, strict=True)), {}))
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(Path(folder))
        for seed in range(1, options.seeds + 1):
            for kind in kinds:
                if not options.tables or kind.name in options.tables:
                    _measure(kind, seed, options.budget, workplace, kept)
    if options.page:
        options.page.write_text(page(kinds, kept, options.budget), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", help="by default all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", type=float, default=120.0)
    parser.add_argument("--kept", type=Path, default=Path("accuracy.jsonl"))
    parser.add_argument("--page", type=Path, help="where to write the Markdown, for example docs/accuracy.md")
    return parser.parse_args()


def _measure(kind: Kind, seed: int, budget_s: float, workplace: Workplace, kept: Kept) -> None:
    missing = [name for name in (OURS, *PEERS, TRUTH) if not kept.has(kind.name, name, seed)]
    if not missing:
        return
    table = kind.make(seed)
    for name in missing:
        cost: dict[str, float | str] = {}
        if name == OURS:
            probability, cost = workplace.run(table, seed, budget_s)
        elif name == TRUTH:
            if table.truth is None:
                continue
            probability = table.truth
        else:
            probability = PEERS[name](table, seed)
        line = Line(kind.name, name, seed, figures(probability, table.won), cost)
        kept.add(line)
        print(f"{kind.name:15} seed {seed} {name:20} {line.figures['log_loss']:.4f}", flush=True)


if __name__ == "__main__":
    main()
