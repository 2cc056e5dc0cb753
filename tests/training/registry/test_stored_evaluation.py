"""What was predicted beside what came true."""

import numpy as np

from training.registry.stored_evaluation import CalibrationSummary, StoredEvaluation
from training.training_run import TrainingRun


def test_a_perfect_model_lies_within_its_noise_19_times_of_20() -> None:
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(400):
        probability = rng.beta(1, 6, 500)
        inside += CalibrationSummary.of(
            probability.tolist(), (rng.random(500) < probability).tolist()
        ).whole.within_noise
    assert 368 <= inside <= 394


def test_a_model_inflated_by_half_is_told_from_a_perfect_one() -> None:
    rng = np.random.default_rng(8)
    probability = rng.beta(1, 6, 2_000)
    won = rng.random(2_000) < probability
    assert not CalibrationSummary.of(np.minimum(1.5 * probability, 1).tolist(), won.tolist()).whole.within_noise


def test_groups_hold_every_lead_once_and_rise() -> None:
    rng = np.random.default_rng(9)
    probability = rng.beta(1, 6, 1_003)
    promises = CalibrationSummary.of(probability.tolist(), (rng.random(1_003) < probability).tolist())
    assert sum(group.leads for group in promises.groups) == promises.whole.leads == 1_003
    promised = [group.predicted for group in promises.groups]
    assert promised == sorted(promised)
    assert len(promised) == 10


def test_a_stored_evaluation_comes_back_as_it_was(run: TrainingRun) -> None:
    judgement = StoredEvaluation.of(run)
    assert StoredEvaluation.from_text(judgement.to_text()) == judgement
