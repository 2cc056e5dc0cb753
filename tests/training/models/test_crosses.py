"""Crosses: rates of columns together that hold no lead's own outcome, and whose reasons go to these columns."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.encoders import Column
from stats.types import Vector
from tests.training.forests import CATEGORIES, COLUMNS, column, strange_matrix, training_matrix
from training.data.samples import Samples
from training.models import crosses as module
from training.models.boosting import BoosterSpec, fit_booster
from training.models.crosses import PRIOR_LEADS, Binning, Crosses
from training.models.merged_trees import Trees

PAIRS = (("x0", "x1"), ("x2", "x3"), ("x4", "x0"), ("x5", "x2"))
THREES = (("x0", "x2", "x5"), ("x3", "x4", "x0"))
LEVELS = {0: 5, 1: 90}


def make_samples(seed: int, leads: int = 300) -> Samples:
    rng = np.random.default_rng(seed)
    X = training_matrix(rng, leads)
    together = (X[:, 0] % 2 == X[:, 5]) & (X[:, 3] > 0)
    columns = [
        Column(f"x{at}", f"x{at}", tuple(map(str, range(LEVELS[at])))) if at in CATEGORIES else column(at)
        for at in range(COLUMNS)
    ]
    won = (rng.random(leads) < np.where(together, 0.8, 0.2)).astype(float)
    return Samples(columns, X, won, rng.choice([0.5, 1.0, 2.0], leads))


def known_codes(X: Vector) -> Vector:
    """The matrix with codes that an encoder may give."""
    known = X.copy()
    for at, levels in LEVELS.items():
        code = known[:, at]
        known[:, at] = np.where(np.isnan(code), np.nan, np.abs(np.nan_to_num(code, posinf=0, neginf=0)) // 1 % levels)
    return known


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_kernel_looks_up_what_numpy_does_whatever_the_lead(seed: int) -> None:
    crosses = Crosses.fit(make_samples(seed), PAIRS + THREES)
    X = known_codes(strange_matrix(np.random.default_rng(seed), 80))
    quick = crosses.append(X)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "look_up_crosses", None)
        slow = Crosses.fit(make_samples(seed), PAIRS + THREES).append(X)
    assert quick.shape == (80, COLUMNS + len(PAIRS) + len(THREES))
    np.testing.assert_array_equal(quick, slow)


def test_a_cell_has_the_rate_of_its_leads_and_one_lead_of_the_base_rate() -> None:
    samples = make_samples(1)
    crosses = Crosses.fit(samples, [("x0", "x5")])
    mine = (samples.X[:, 0] == 2) & (samples.X[:, 5] == 1)
    weight = samples.sample_weight
    base = np.average(samples.y, weights=weight)
    expected = (weight[mine] @ samples.y[mine] + PRIOR_LEADS * base) / (weight[mine].sum() + PRIOR_LEADS)
    assert crosses.append(samples.X)[mine, -1] == pytest.approx(expected, abs=1e-8)


def test_in_a_fit_no_rate_holds_the_lead_s_own_outcome() -> None:
    noise = np.random.default_rng(2)
    X = noise.integers(0, 20, (2_000, 2)).astype(float)
    columns = [Column(name, name, tuple(map(str, range(20)))) for name in ("x0", "x1")]
    samples = Samples(columns, X, noise.integers(0, 2, 2_000).astype(float), np.ones(2_000))
    crosses = Crosses.fit(samples, [("x0", "x1")])
    with_own, without = crosses.append(X)[:, -1], crosses.append_ordered(samples, seed=4)[:, -1]
    assert np.corrcoef(with_own, samples.y)[0, 1] > 0.35
    assert abs(np.corrcoef(without, samples.y)[0, 1]) < 0.06


def test_the_rates_of_a_fit_are_those_of_the_leads_before_in_the_same_cell() -> None:
    samples = make_samples(3, leads=80)
    crosses = Crosses.fit(samples, [("x0", "x5")])
    found = crosses.append_ordered(samples, seed=9)[:, -1]
    order = np.random.default_rng(9).permutation(80)
    weight, base = samples.sample_weight, np.average(samples.y, weights=samples.sample_weight)
    for place, lead in enumerate(order):
        earlier = [one for one in order[:place] if (samples.X[one, [0, 5]] == samples.X[lead, [0, 5]]).all()]
        expected = (weight[earlier] @ samples.y[earlier] + base) / (weight[earlier].sum() + 1)
        assert found[lead] == pytest.approx(expected)


def test_a_value_that_half_of_the_leads_have_is_a_bin_of_its_own() -> None:
    values = np.array([0.0] * 90 + [1.0] * 10 + [np.nan] * 5)
    samples = Samples([column(0)], values[:, None], np.zeros(105), np.ones(105))
    assert Binning.fit(samples, 0).find(values[:, None]).tolist() == [1] * 90 + [2] * 10 + [0] * 5
    constant = replace(samples, X=np.ones((105, 1)))
    assert Binning.fit(constant, 0).find(constant.X).tolist() == [1] * 105


def test_a_cross_whose_column_is_gone_is_left_out() -> None:
    crosses = Crosses.fit(make_samples(4), [("x0", "gone"), ("x0", "x3")])
    assert len(crosses) == 1


def test_trees_with_crosses_and_without_make_one_model_whose_reasons_add_up() -> None:
    samples = make_samples(5)
    plain = fit_booster(BoosterSpec("plain", {"num_leaves": 5}), 8, samples, 1)
    paired = fit_booster(BoosterSpec("paired", {"num_leaves": 5}, PAIRS), 8, samples, 1)
    crossed = fit_booster(BoosterSpec("crossed", {"num_leaves": 5}, PAIRS + THREES), 8, samples, 1)
    merged = Trees.merge([plain.booster, paired.booster, crossed.booster], [0.4, 0.35, 0.25], crossed.crosses)
    X = known_codes(strange_matrix(np.random.default_rng(6), 60))
    raw, shap_values = merged.explain(X)
    expected = 0.4 * plain.raw_score(X) + 0.35 * paired.raw_score(X) + 0.25 * crossed.raw_score(X)
    np.testing.assert_allclose(raw, expected, rtol=0, atol=1e-12)
    assert shap_values.shape == X.shape
    np.testing.assert_allclose(shap_values.sum(axis=1) + merged.base_value, raw, rtol=0, atol=1e-9)
    assert merged.crosses is not None
    again = Trees(merged.text, Crosses.from_json(json.loads(json.dumps(merged.crosses.to_json()))))
    assert again.raw_score(X).tolist() == merged.raw_score(X).tolist()


def test_what_a_cross_says_is_shared_alike_by_its_columns() -> None:
    crosses = Crosses.fit(make_samples(7), [("x0", "x3")])
    shap_values = np.array([[1.0, 0, 0, 2.0, 0, 0, 0.5]])
    assert crosses.share_out(shap_values).tolist() == [[1.25, 0, 0, 2.25, 0, 0]]
    of_three = Crosses.fit(make_samples(7), [("x0", "x3", "x5")])
    assert of_three.share_out(np.array([[1.0, 0, 0, 2.0, 0, 0, 0.75]])).tolist() == [[1.25, 0, 0, 2.25, 0, 0.25]]


def test_the_crosses_of_a_model_that_was_stored_before_there_were_threes_are_read() -> None:
    crosses = Crosses.fit(make_samples(8), PAIRS)
    state = json.loads(json.dumps(crosses.to_json()))
    state["pairs"] = state.pop("binnings_of")
    assert Crosses.from_json(state) == crosses
