"""What each part of training is worth, into docs/ablation.md: one search a table, then the choice without this or that.

    python -m benchmarks.accuracy.ablation [TABLE …] [--seeds N] [--kept FILE] [--page FILE]

Each run is one line of JSON in the kept file, with the variant as its engine; the page is made of all lines there.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from time import monotonic

import numpy as np

from benchmarks.accuracy.figures import figures
from benchmarks.accuracy.kept import Kept, Line
from benchmarks.accuracy.levels import levels
from benchmarks.accuracy.made import made
from benchmarks.accuracy.ours import write_project
from benchmarks.accuracy.page import markdown
from benchmarks.accuracy.protocols import protocols
from benchmarks.accuracy.tables import Kind, Table
from features.config import read_config
from features.history import read_history
from features.lead_table import LeadTable, parse_leads
from features.tables.read import read_table
from stats.calibration import Calibration
from stats.types import Vector
from training.data.encoded_samples import EncodedSamples
from training.data.training_data import make_training_dataset
from training.models.boosting import STARTING_SPECS
from training.models.ensemble import EnsembleMember, EnsembleSpec, fit_ensembles
from training.pipeline import make_cross_validation
from training.search.candidates import BEST_TREES, Candidate, choose_candidate, make_candidates
from training.search.cross_validation import Trial
from training.search.search import FinalFits, search
from training.search.time_budget import TimeBudget

TRIALS = 20
ALL = "as trained"
HEAD = """# What each part is worth

Made by `python -m benchmarks.accuracy.ablation --page docs/ablation.md`; don't edit it. On each table of
[accuracy](accuracy.md) one search of {trials} trials; the rows differ in what is made of them. Unlike `leads train` it
asks no gate and keeps no leads back to judge by, so its figures are not those of that page. Log loss on the test leads:
the first row as it is, the others as what is lost (above 0, in thousandths of a nat) or gained (below) by the change.
Median over {runs} seed(s).

What is less than a thousandth is noise on most of these tables.
"""


def main() -> None:
    options = _options()
    kinds, kept = [*protocols(), *made(), *levels()], Kept(options.kept)
    for seed in range(1, options.seeds + 1):
        for kind in kinds:
            if (not options.tables or kind.name in options.tables) and not kept.has(kind.name, ALL, seed):
                table = kind.make(seed)
                for variant, probability in variants(table, seed):
                    kept.add(Line(kind.name, variant, seed, figures(probability, table.won), {}))
                print(f"{kind.name:15} seed {seed} {kept.of(kind.name, ALL)[-1].figures['log_loss']:.4f}", flush=True)
    if options.page:
        options.page.write_text(page(kinds, kept), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", help="by default all")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=Path("ablation.jsonl"))
    parser.add_argument("--page", type=Path, help="where to write the Markdown, for example docs/ablation.md")
    return parser.parse_args()


def variants(table: Table, seed: int) -> Iterator[tuple[str, Vector]]:
    """Each variant, and its probabilities of the test leads."""
    learned, test = _read(table, seed)
    cross_validation = make_cross_validation(learned.samples, table.order, seed)
    if cross_validation is None:
        return
    X = learned.encoder.encode(test)

    def predict(candidate: Candidate, *, calibrated: bool = True) -> Vector:
        raw = fit_ensembles([candidate.spec], learned.samples, seed)[0].raw_score(X)
        calibration = candidate.out_of_fold.fit_calibration(seed) if calibrated else Calibration()
        return calibration.probability(raw)

    unhurried = TimeBudget(monotonic, monotonic(), 1e6)
    trials = search(cross_validation, unhurried, FinalFits(0.0, 0.0), TRIALS)
    candidates = make_candidates(cross_validation, trials)
    yield ALL, predict(candidates.chosen)
    yield "not calibrated", predict(candidates.chosen, calibrated=False)
    for candidate in candidates.every:
        yield f"{candidate.name} alone", predict(candidate)
    yield "starting specs alone", predict(make_candidates(cross_validation, _without(trials, "searched")).chosen)
    for spec in STARTING_SPECS:
        yield f"without {spec.name}", predict(make_candidates(cross_validation, _without(trials, spec.name)).chosen)
    for size, called in ((2, "crosses"), (3, "threes")):
        yield f"without {called}", predict(make_candidates(cross_validation, _without_crosses(trials, size)).chosen)
    yield "weights all alike", predict(replace(candidates.chosen, spec=_mix_alike(trials)))
    if cross_validation.forward:
        plain = make_candidates(replace(cross_validation, forward=[]), trials)
        yield "the plain way", predict(choose_candidate(plain.every))


def _without(trials: Sequence[Trial], name: str) -> list[Trial]:
    """The trials but those of a spec and of its finer ones."""
    return [trial for trial in trials if trial.name != name and not trial.name.startswith(f"{name} ")]


def _without_crosses(trials: Sequence[Trial], size: int) -> list[Trial]:
    """The trials of shapes that see no cross of so many columns or more."""

    def is_kept(trial: Trial) -> bool:
        return trial.booster is None or all(len(cross) < size for cross in trial.booster.crosses)

    return [trial for trial in trials if is_kept(trial)]


def _mix_alike(trials: Sequence[Trial]) -> EnsembleSpec:
    best = sorted((trial for trial in trials if trial.booster), key=lambda trial: trial.loss)[:BEST_TREES]
    share = 1 / len(best)
    return EnsembleSpec(
        "alike", members=tuple(EnsembleMember(one.booster, one.rounds, share) for one in best if one.booster)
    )


def _read(table: Table, seed: int) -> tuple[EncodedSamples, LeadTable]:
    """All that may teach, as training reads it, and the test leads."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_project(table, folder)
        config = read_config(folder / "scoring.toml")
        as_of = datetime.fromisoformat(table.as_of).replace(tzinfo=UTC) if table.as_of else None
        dataset = make_training_dataset(config, read_history(config), as_of, None, seed)
        learned = EncodedSamples.from_rows(dataset, np.arange(len(dataset)), config.lead_schema)
        return learned, parse_leads(read_table(str(folder / "test.csv")), config.lead_schema)


def page(kinds: Sequence[Kind], kept: Kept) -> str:
    """docs/ablation.md: a row a variant, a column a table."""
    shown = [kind.name for kind in kinds if kept.of(kind.name, ALL)]
    seeds = max(len(kept.of(name, ALL)) for name in shown)
    variants = [variant for variant in kept.engines() if variant != ALL]
    rows = [(ALL, "", *(f"{median(_losses(kept, name, ALL).values()):.4f}" for name in shown))]
    for variant in variants:
        lost = [_lost(kept, name, variant) for name in shown]
        known = [value for value in lost if value is not None]
        cells = ("" if value is None else f"{value:+.1f}" for value in lost)
        rows.append((variant, f"{mean(known):+.1f}", *cells))
    head = ("variant", "mean", *(f"`{name}`" for name in shown))
    return f"{HEAD.format(trials=TRIALS, runs=seeds)}\n{markdown(head, rows)}"


def _losses(kept: Kept, table: str, variant: str) -> dict[int, float]:
    return {line.seed: line.figures["log_loss"] for line in kept.of(table, variant)}


def _lost(kept: Kept, table: str, variant: str) -> float | None:
    """Thousandths of a nat, the median over the seeds."""
    whole = _losses(kept, table, ALL)
    losses = [1_000 * (loss - whole[seed]) for seed, loss in _losses(kept, table, variant).items()]
    return median(losses) if losses else None


if __name__ == "__main__":
    main()
