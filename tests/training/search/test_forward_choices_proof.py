"""Choices made along an order do no harm: on twenty kinds of table, beside the plain way on the same trials."""

from time import monotonic

import numpy as np
import pytest

from benchmarks.accuracy.levels import levels
from benchmarks.accuracy.peers import encode
from benchmarks.accuracy.tables import Kind
from stats.calibration import log_losses
from tests.conftest import Prove
from tests.proofs import Proof
from training.data.samples import Samples
from training.data.split import keep_enough_folds, make_forward_folds, make_stratified_folds
from training.models.ensemble import fit_ensembles
from training.search.candidates import Candidate, make_candidates
from training.search.cross_validation import CrossValidation
from training.search.search import FinalFits, search
from training.search.time_budget import TimeBudget

CLAIM = Proof(
    "Choices made along an order do no harm",
    "Tables in order whose level is constant, rises, steps, wanders or turns back, with still and with moving effects. "
    "The same trials make the plain way's blend (all leads alike, weights of a still world, no calibration) and what "
    "the run chooses by its forward blocks; both predict the last quarter.",
    "on the tables of any kind the choices lose more than 0.002 of log loss on average",
)
SEEDS = {5_000: 6, 60_000: 2}
TRIALS, MOST_LOST = 3, 0.002
UNHURRIED = TimeBudget(monotonic, monotonic(), 1e9)


def lost_by_choices(kind: Kind, seed: int) -> tuple[float, bool]:
    """By how much the log loss is above the plain way's on the test leads, and whether another way was taken."""
    table = kind.make(seed)
    _, samples, X = encode(table)
    stratified = keep_enough_folds(make_stratified_folds(samples.y, seed), samples.y)
    plain = CrossValidation(samples, stratified, [], seed)
    ordered = CrossValidation(samples, stratified, make_forward_folds(samples.y), seed)
    trials = search(ordered, UNHURRIED, FinalFits(0.0, 0.0), TRIALS)
    mine, theirs = make_candidates(ordered, trials).chosen, _blend(make_candidates(plain, trials).every)
    losses = [_loss(one, samples, X, table.won, seed, calibrated=one is mine) for one in (mine, theirs)]
    return losses[0] - losses[1], mine.spec.half_life is not None or mine.spec.members != theirs.spec.members


def _blend(candidates: tuple[Candidate, ...]) -> Candidate:
    return next(one for one in candidates if one.name == "blend")


def _loss(
    candidate: Candidate, samples: Samples, X: np.ndarray, won: np.ndarray, seed: int, *, calibrated: bool
) -> float:
    raw = fit_ensembles([candidate.spec], samples, seed)[0].raw_score(X)
    if calibrated:
        raw = candidate.out_of_fold.fit_calibration(seed).log_odds(raw)
    return float(log_losses(raw, won).mean())


@pytest.mark.slow
@pytest.mark.parametrize("kind", levels(), ids=lambda kind: kind.name)
def test_no_choice_is_worse_than_the_plain_way(kind: Kind, prove: Prove) -> None:
    size = int(kind.name.rpartition("-")[2])
    lost = [lost_by_choices(kind, seed) for seed in range(SEEDS[size])]
    mean, taken = float(np.mean([one for one, _ in lost])), sum(other for _, other in lost)
    figures = f"log loss {1000 * mean:+.1f} thousandths [{1000 * min(lost)[0]:+.1f}, {1000 * max(lost)[0]:+.1f}]"
    prove(CLAIM, kind.name, len(lost), f"{figures}; another way taken in {taken}")
    assert mean <= MOST_LOST
