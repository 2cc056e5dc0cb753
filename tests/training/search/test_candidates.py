"""The candidates, and the choice among them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.trials import ONES, SHUFFLED, TRUTH, WON, Vector, blurred, trial
from training.models.ensemble import EnsembleSpec
from training.search.candidates import Candidate, OutOfFoldPredictions, choose_candidate, make_candidates


def candidate(name: str, raw: Vector, drift: float = 0.0) -> Candidate:
    return Candidate(EnsembleSpec(name), OutOfFoldPredictions(raw, WON, ONES, drift=drift))


def test_the_simplest_candidate_within_noise_of_the_best_is_chosen() -> None:
    as_good = [candidate("simple", blurred(0.05, 1)), candidate("complex", TRUTH)]
    worse = [candidate("simple", blurred(1.5, 1)), candidate("complex", TRUTH)]
    assert (choose_candidate(as_good).name, choose_candidate(worse).name) == ("simple", "complex")


def test_where_the_world_drifts_the_ensemble_is_chosen() -> None:
    assert choose_candidate([candidate("simple", TRUTH, 0.3), candidate("blend", blurred(1.5, 1), 0.3)]).name == "blend"


def test_candidates_run_from_the_simplest_to_the_most_complex_and_the_ensemble_drops_what_weighs_nothing() -> None:
    useless = np.random.default_rng(3).normal(0, 60, 1_000)
    trials = [trial("logistic regression", TRUTH), trial("small", blurred(0.1, 1)), trial("large", useless)]
    simple, single, mixed = make_candidates(SHUFFLED, trials)
    assert [one.name for one in (simple, single, mixed)] == ["logistic regression", "LightGBM", "blend"]
    assert [member.booster.name for member in single.spec.members] == ["small"]
    assert "large" not in {member.booster.name for member in mixed.spec.members}
    assert mixed.spec.logistic_weight + sum(member.weight for member in mixed.spec.members) == pytest.approx(1.0)


def test_later_scores_are_appended_as_a_block_of_their_own() -> None:
    before = OutOfFoldPredictions(np.zeros(4), np.zeros(4), np.ones(4), (2, 2), 0.5)
    after = before.append(np.ones(3), np.ones(3), np.ones(3))
    assert (after.block_sizes, after.raw_score.tolist(), after.drift) == ((2, 2, 3), [0, 0, 0, 0, 1, 1, 1], 0.5)
    assert replace(before, block_sizes=()).append(np.ones(3), np.ones(3), np.ones(3)).block_sizes == ()
