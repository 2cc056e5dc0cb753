"""docs/accuracy.md, from what was measured."""

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.accuracy.autogluon import NAME as AUTOGLUON
from benchmarks.accuracy.autogluon import WAYS
from benchmarks.accuracy.figures import FIGURES
from benchmarks.accuracy.kept import Kept, Line
from benchmarks.accuracy.tables import Kind

OURS, TRUTH = "ours", "truth"
GIVEN = 0
"""The seed of figures that were given, not measured here."""
ENGINES = ("base rate", "CRM baseline", "logistic regression", "LightGBM defaults", *WAYS, OURS, TRUTH)
SHOWN = {"auc": "AUC", "average_precision": "AP", "brier": "Brier", "lift_10": "lift at 10 %"}

HEAD = """# Accuracy

Made by `make accuracy`; don't edit it. Each cell is the median over the seeds (at most {seeds}), where they differ
with minimum and maximum in brackets. On made tables a seed draws other leads; on real ones it changes the training
alone. *Truth* is what the true probabilities themselves would score: nothing can be expected to do better. Ours is
`leads init`, `leads train --budget {budget:.0f}` and `leads score`, as processes of their own, on two cores; seconds
are those of the whole training command. No field of these tables is known later, so what `leads init`
suspects is set back to `arrival`. What each part of the blend is worth is in [ablation.md](ablation.md).

AutoGluon has 240 s, tuned for log loss, where it was run: as `best_quality`, as `best_quality_v150` (its other set for
processors), and told that the rows are in order (`validation_structure`, judged forward in time). On the bank's and
the marketplace's leads the figures of `best_quality` are those that were given as the mark to pass. To repeat it:
`python3 -m venv /tmp/ag`, `/tmp/ag/bin/pip install "autogluon.tabular[lightgbm,catboost,xgboost]"`, then `python -m
benchmarks.accuracy.autogluon /tmp/ag/bin/python TABLE --way "AutoGluon v150"`. Its budget is a clock's, so what it
reaches does depend on how busy the machine is.
"""


def page(kinds: Sequence[Kind], kept: Kept, budget_s: float) -> str:
    measured = [kind for kind in kinds if kept.of(kind.name, OURS)]
    seeds = max((len(kept.of(kind.name, OURS)) for kind in measured), default=0)
    parts = [HEAD.format(seeds=seeds, budget=budget_s), _kinds(measured), _log_loss(measured, kept)]
    parts += _same_leads(measured, kept)
    parts += [f"## {title}\n\n{_others(measured, kept, name)}" for name, title in SHOWN.items()]
    return "\n".join([*parts, _cost(measured, kept)])


def _kinds(kinds: Sequence[Kind]) -> str:
    return markdown(("table", "what it is"), ((f"`{kind.name}`", kind.says) for kind in kinds))


def _log_loss(kinds: Sequence[Kind], kept: Kept) -> str:
    engines = [engine for engine in ENGINES if any(kept.of(kind.name, engine) for kind in kinds)]
    rows = (
        (f"`{kind.name}`", *(_cell(_beside_ours(kept, kind, engine), FIGURES[0]) for engine in engines))
        for kind in kinds
    )
    return f"## Log loss\n\n{markdown(('table', *engines), rows)}"


def _same_leads(kinds: Sequence[Kind], kept: Kept) -> list[str]:
    """AutoGluon is run with fewer seeds than ours: both on the leads of one seed."""
    rows = []
    for kind in kinds:
        ours = {line.seed: line for line in kept.of(kind.name, OURS)}
        for their in kept.of(kind.name, AUTOGLUON):
            if their.seed in ours:
                pairs = ((their.figures[name], ours[their.seed].figures[name]) for name in ("log_loss", "auc"))
                rows.append((f"`{kind.name}`", str(their.seed), *(f"{a:.4f}, {b:.4f}" for a, b in pairs)))
    head = ("table", "seed", "log loss: AutoGluon, ours", "AUC: AutoGluon, ours")
    return [f"## AutoGluon and ours on the same leads\n\n{markdown(head, rows)}"] if rows else []


def _others(kinds: Sequence[Kind], kept: Kept, name: str) -> str:
    engines = [engine for engine in ENGINES if any(kept.of(kind.name, engine) for kind in kinds)]
    rows = (
        (f"`{kind.name}`", *(_cell(_beside_ours(kept, kind, engine), name, spread=False) for engine in engines))
        for kind in kinds
    )
    return markdown(("table", *engines), rows)


def _beside_ours(kept: Kept, kind: Kind, engine: str) -> list[Line]:
    """An engine's lines of the seeds that ours was run with; what was given as a mark has none."""
    seeds = {GIVEN, *(line.seed for line in kept.of(kind.name, OURS))}
    return [line for line in kept.of(kind.name, engine) if line.seed in seeds]


def _cell(lines: Sequence[Line], name: str, *, spread: bool = True) -> str:
    if not lines:
        return ""
    digits = 2 if name == "lift_10" else 4
    values = [line.figures[name] for line in lines]
    least, middle, most = (f"{figure(values):.{digits}f}" for figure in (min, median, max))
    return f"{middle} [{least}, {most}]" if spread and least != most else middle


def _cost(kinds: Sequence[Kind], kept: Kept) -> str:
    rows = (
        (
            f"`{kind.name}`",
            *(_of_cost(kept.of(kind.name, OURS), name) for name in ("seconds", "cpu_seconds", "megabytes")),
            ", ".join(sorted({str(line.cost["chosen"]) for line in kept.of(kind.name, OURS)})),
        )
        for kind in kinds
    )
    head = ("table", "seconds", "processor seconds", "peak memory, MB", "chosen")
    return f"## What training took, and what was chosen\n\n{markdown(head, rows)}"


def _of_cost(lines: Sequence[Line], name: str) -> str:
    values = [float(line.cost[name]) for line in lines]
    return f"{median(values):,.0f} [{min(values):,.0f}, {max(values):,.0f}]"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
