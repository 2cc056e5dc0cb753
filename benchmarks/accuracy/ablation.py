"""What each part of the blend is worth, into docs/ablation.md: all are fitted once, then mixed without this or that.

    python -m benchmarks.accuracy.ablation [TABLE …] [--seeds N] [--kept FILE] [--page FILE]

Each run is one line of JSON in the kept file, with the mixture as its engine; the page is made of all lines there.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import mean, median
from time import monotonic

import numpy as np
from scipy.special import expit
from training.search.recency import HALF_LIVES, choose_recency_half_life

from benchmarks.accuracy.figures import figures
from benchmarks.accuracy.kept import Kept, Line
from benchmarks.accuracy.made import made
from benchmarks.accuracy.ours import write_project
from benchmarks.accuracy.page import markdown
from benchmarks.accuracy.protocols import protocols
from benchmarks.accuracy.tables import Kind, Table
from features.config import read_config
from features.history import read_history
from features.lead_table import LeadTable, parse_leads
from features.tables.read import read_table
from stats.types import Matrix, Vector
from training.data.encoded_samples import EncodedSamples
from training.data.samples import Samples
from training.data.training_data import make_training_dataset
from training.models.baselines import CrmBaseline
from training.models.boosting import STARTING_SPECS, fit_booster
from training.models.ensemble_weights import LEAST_WEIGHT, choose_ridge, fit_weights, measure_drift, prior_weights
from training.models.logistic import fit_logistic
from training.models.merged_trees import predict_raw
from training.pipeline import make_cross_validation
from training.search.candidates import OutOfFoldPredictions
from training.search.cross_validation import CrossValidation, Trial, search
from training.search.threads import map_in_threads
from training.search.time_budget import TimeBudget

SEEDS = 3
ALL = "all parts"
LOGISTIC, NAIVE_BAYES = "logistic regression", "naive Bayes"
HEAD = """# What each part is worth

Made by `python -m benchmarks.accuracy.ablation --page docs/ablation.md`; don't edit it. The parts of the blend are
fitted once on each table of [accuracy](accuracy.md), each from {seeds} seeds, and mixed as training mixes them, without
this or that; so the rows differ in one thing alone. Unlike `leads train` it asks no gate, keeps no leads back to judge
by, and always mixes, so its figures are not those of that page. Log loss on the test leads: the first row as it is, the
others as what is lost without the part (above 0, in thousandths of a nat) or gained (below). Leads: median over
{runs} seed(s).

What is less than a thousandth is noise on most of these tables.
"""


@dataclass(frozen=True)
class Parts:
    """What k parts predict in log-odds: for the m judged leads, none of which they have seen, and for t test leads."""

    names: tuple[str, ...]
    judged: Matrix
    test: Matrix
    trials: tuple[Trial, ...]
    cross_validation: CrossValidation
    drift: float

    def without(self, name: str) -> "Parts":
        kept = [place for place, known in enumerate(self.names) if known != name]
        names = tuple(self.names[place] for place in kept)
        return replace(self, names=names, judged=self.judged[:, kept], test=self.test[:, kept])

    def only(self, name: str) -> Vector:
        place = self.names.index(name)
        return self.probability(np.eye(len(self.names))[place])

    def weights(self, ridge: float | None = None, least: float = LEAST_WEIGHT) -> Vector:
        """As training weighs them (k,), or held to the prior as stiffly as is said, or with lighter parts left in."""
        samples = self.cross_validation.samples
        record = samples.evaluation_targets(self.cross_validation.evaluated_rows)
        stiff = choose_ridge(samples, self.drift) if ridge is None else ridge
        return fit_weights(self.judged, self.names, *record, self.drift, stiff, least)

    def probability(self, weights: Vector, *, calibrated: bool = True) -> Vector:
        """Of the test leads (t,)."""
        if not calibrated:
            return expit(self.test @ weights)
        samples, judged = self.cross_validation.samples, self.judged @ weights
        unseen = OutOfFoldPredictions(
            judged,
            *samples.evaluation_targets(self.cross_validation.evaluated_rows),
            self.cross_validation.block_sizes,
            self.drift,
        )
        return unseen.fit_calibration(self.cross_validation.seed).probability(self.test @ weights)


def main() -> None:
    options = _options()
    kinds, kept = [*protocols(), *made()], Kept(options.kept)
    for seed in range(1, options.seeds + 1):
        for kind in kinds:
            if (not options.tables or kind.name in options.tables) and not kept.has(kind.name, ALL, seed):
                table = kind.make(seed)
                for mixture, probability in mixtures(table, seed):
                    kept.add(Line(kind.name, mixture, seed, figures(probability, table.won), {}))
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


def mixtures(table: Table, seed: int) -> Iterator[tuple[str, Vector]]:
    """Each way to mix the parts, and its probabilities of the test leads."""
    learned, test = _read(table, seed)
    cross_validation = make_cross_validation(learned.samples, table.order, seed)
    if cross_validation is None:
        return
    parts = _of(choose_recency_half_life(cross_validation)[0], learned, test)
    weights = parts.weights()
    yield ALL, parts.probability(weights)
    for name in parts.names:
        rest = parts.without(name)
        yield f"without {name}", rest.probability(rest.weights())
    once = _grown(parts.trials, parts.cross_validation.samples, learned.encoder.encode(test), 1)
    yield "every part grown once", replace(parts, test=once).probability(weights)
    yield "light parts too", parts.probability(parts.weights(least=0.0))
    yield "weights free", parts.probability(parts.weights(0.0))
    yield "weights all alike", parts.probability(np.full(len(parts.names), 1 / len(parts.names)))
    yield "weights of the prior", parts.probability(prior_weights(parts.names, parts.drift))
    yield "not calibrated", parts.probability(weights, calibrated=False)
    with_bayes = _with_naive_bayes(parts, learned, test)
    yield f"{NAIVE_BAYES} too", with_bayes.probability(with_bayes.weights())
    yield "logistic regression alone", parts.only(LOGISTIC)
    yield "trees of one shape alone (small)", parts.only("small")
    for half_life in (None, *HALF_LIVES) if parts.cross_validation.forward else ():
        newer = _of(parts.cross_validation.with_recency_weights(half_life), learned, test)
        yield f"half-life {half_life or 'none'}", newer.probability(newer.weights())


def _read(table: Table, seed: int) -> tuple[EncodedSamples, LeadTable]:
    """All that may teach, as training reads it, and the test leads."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_project(table, folder)
        config = read_config(folder / "scoring.toml")
        as_of = datetime.fromisoformat(table.as_of).replace(tzinfo=UTC) if table.as_of else None
        dataset = make_training_dataset(config, read_history(config), as_of, None, seed)
        learned = EncodedSamples.from_rows(dataset, np.arange(len(dataset)), config.schema_)
        return learned, parse_leads(read_table(str(folder / "test.csv")), config.schema_)


def _of(cross_validation: CrossValidation, learned: EncodedSamples, test: LeadTable) -> Parts:
    trials = search(cross_validation, TimeBudget.start_now(monotonic, 1e6), len(STARTING_SPECS), lambda *_: None)
    drift = measure_drift(cross_validation, trials) if cross_validation.forward else 0.0
    judged = np.column_stack([trial.raw_score for trial in trials])
    return Parts(
        names=tuple(trial.name for trial in trials),
        judged=judged,
        test=_grown(trials, cross_validation.samples, learned.encoder.encode(test), SEEDS),
        trials=tuple(trials),
        cross_validation=cross_validation,
        drift=drift,
    )


def _grown(trials: Sequence[Trial], samples: Samples, X: Matrix, seeds: int) -> Matrix:
    """Each part fitted on all that may teach, as the mean over its seeds: log-odds (t, k) of the test leads."""

    def predict(trial: Trial) -> Vector:
        if trial.booster is None:
            return fit_logistic(samples).raw_score(X)
        boosters = [fit_booster(trial.booster, trial.rounds, samples, seed) for seed in range(seeds)]
        return np.mean([predict_raw(booster, X) for booster in boosters], axis=0)

    return np.column_stack(map_in_threads(predict, trials))


def _with_naive_bayes(parts: Parts, learned: EncodedSamples, test: LeadTable) -> Parts:
    judged = parts.cross_validation.predict_out_of_fold(partial(CrmBaseline.fit, learned.encoder))
    new = CrmBaseline.fit(learned.encoder, learned.samples).raw_score(learned.encoder.encode(test))
    return replace(
        parts,
        names=(*parts.names, NAIVE_BAYES),
        judged=np.column_stack([parts.judged, judged]),
        test=np.column_stack([parts.test, new]),
    )


def page(kinds: Sequence[Kind], kept: Kept) -> str:
    """docs/ablation.md: a row a mixture, a column a table."""
    shown = [kind.name for kind in kinds if kept.of(kind.name, ALL)]
    seeds = max(len(kept.of(name, ALL)) for name in shown)
    mixtures = [mixture for mixture in kept.engines() if mixture != ALL]
    rows = [(ALL, "", *(f"{median(_losses(kept, name, ALL).values()):.4f}" for name in shown))]
    for mixture in mixtures:
        lost = [_lost(kept, name, mixture) for name in shown]
        known = [value for value in lost if value is not None]
        cells = ("" if value is None else f"{value:+.1f}" for value in lost)
        rows.append((mixture, f"{mean(known):+.1f}", *cells))
    head = ("mixture", "mean", *(f"`{name}`" for name in shown))
    return f"{HEAD.format(seeds=SEEDS, runs=seeds)}\n{markdown(head, rows)}"


def _losses(kept: Kept, table: str, mixture: str) -> dict[int, float]:
    return {line.seed: line.figures["log_loss"] for line in kept.of(table, mixture)}


def _lost(kept: Kept, table: str, mixture: str) -> float | None:
    """Thousandths of a nat, the median over the seeds."""
    whole = _losses(kept, table, ALL)
    losses = [1_000 * (loss - whole[seed]) for seed, loss in _losses(kept, table, mixture).items()]
    return median(losses) if losses else None


if __name__ == "__main__":
    main()
