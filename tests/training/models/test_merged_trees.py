"""The tabulated reasons are LightGBM's own, to the last digit where they can be."""

import math

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.forests import COLUMNS, assert_as_lightgbm, booster, strange_matrix, training_matrix
from training.models import merged_trees
from training.models.block_kernels import explain_blocks
from training.models.merged_trees import Trees, predict_raw
from training.models.treeshap import tabulate

SEEDS = st.integers(0, 10_000)
few = settings(max_examples=40, deadline=None)


@few
@given(SEEDS)
def test_reasons_and_raw_scores_are_lightgbms_whatever_the_trees_and_the_lead(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = Trees(booster(rng).model_to_string())
    assert tabulate(model.text, COLUMNS) is not None
    assert_as_lightgbm(model, strange_matrix(rng, 60))


@few
@given(SEEDS, st.lists(st.floats(0.01, 1.0), min_size=2, max_size=3))
def test_the_merged_model_is_the_weighted_sum_and_its_reasons_are_lightgbms(seed: int, weights: list[float]) -> None:
    rng = np.random.default_rng(seed)
    boosters = [booster(rng, rounds=6) for _ in weights]
    X = strange_matrix(rng, 40)
    merged = Trees.merge(boosters, weights)
    assert_as_lightgbm(merged, X)
    raws = [np.asarray(one.predict(X, raw_score=True)) for one in boosters]
    np.testing.assert_allclose(merged.raw_score(X), np.array(weights) @ raws, rtol=0, atol=1e-12)
    parts = [np.asarray(one.predict(X, pred_contrib=True)) for one in boosters]
    together = sum(weight * part for weight, part in zip(weights, parts, strict=True))
    np.testing.assert_allclose(merged.explain(X)[1], together[:, :-1], rtol=0, atol=1e-9)


@few
@given(SEEDS, st.integers(1, 150))
def test_leads_in_blocks_and_one_by_one_have_the_same_bits_as_lightgbms(seed: int, leads: int) -> None:
    rng = np.random.default_rng(seed)
    model = Trees(booster(rng).model_to_string())
    tables, X = tabulate(model.text, COLUMNS), strange_matrix(rng, leads)
    together = [np.zeros(leads), np.zeros((leads, COLUMNS))]
    explain_blocks(X, *together, *tables.rules, *tables.branches, tables.table)
    alone = [tables.explain(X[row : row + 1]) for row in range(leads)]
    assert together[0].tolist() == [float(raw[0]) for raw, _ in alone]
    assert together[1].tolist() == [parts[0].tolist() for _, parts in alone]
    assert tables.raw_score(X).tolist() == predict_raw(model.booster, X).tolist()


def test_the_text_of_a_model_is_all_there_is_to_it() -> None:
    rng = np.random.default_rng(1)
    merged, X = Trees.merge([booster(rng), booster(rng)], [0.3, 0.7]), strange_matrix(rng, 50)
    again = Trees(merged.text)
    assert again.raw_score(X).tolist() == merged.raw_score(X).tolist()
    assert again.explain(X)[1].tolist() == merged.explain(X)[1].tolist()


def test_trees_that_never_split_add_a_constant_and_no_reason() -> None:
    X = np.random.default_rng(3).normal(size=(30, COLUMNS))
    won = np.repeat([1.0, 0.0], [6, 24])
    data = lgb.Dataset(X, won, params={"verbosity": -1})
    stump = lgb.train({"objective": "binary", "verbosity": -1, "min_data_in_leaf": 30}, data, 3)
    model = Trees.merge([stump, booster(np.random.default_rng(3), rounds=2)], [0.5, 0.5])
    assert_as_lightgbm(model, X)
    alone = Trees.merge([stump], [0.5])
    raw, parts = alone.explain(X)
    assert raw == pytest.approx(np.full(30, 0.5 * math.log(6 / 24)), abs=1e-6)
    assert not parts.any()
    assert alone.base_value == pytest.approx(raw[0])


def test_a_column_without_gaps_in_training_takes_a_gap_for_zero_as_lightgbm_does() -> None:
    rng = np.random.default_rng(4)
    model = Trees(booster(rng).model_to_string())
    X = training_matrix(rng, 50)
    empty, zero = X.copy(), X.copy()
    empty[:, 3], zero[:, 3] = np.nan, 0.0
    assert model.explain(empty)[0].tolist() == model.explain(zero)[0].tolist()
    assert_as_lightgbm(model, empty)


def test_a_lead_scored_alone_is_explained_as_in_a_table() -> None:
    rng = np.random.default_rng(5)
    model, X = Trees(booster(rng).model_to_string()), strange_matrix(rng, 30)
    raw, parts = model.explain(X)
    for row in range(30):
        alone, its_parts = model.explain(X[row : row + 1])
        assert (alone[0], its_parts[0].tolist()) == (raw[row], parts[row].tolist())


def test_no_leads_give_no_scores() -> None:
    raw, parts = Trees(booster(np.random.default_rng(6)).model_to_string()).explain(np.empty((0, COLUMNS)))
    assert (raw.shape, parts.shape) == ((0,), (0, COLUMNS))


def test_without_numba_lightgbm_explains_and_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    text, X = Trees.merge([booster(rng), booster(rng)], [0.4, 0.6]).text, strange_matrix(rng, 40)
    tabulated, slow = Trees(text), Trees(text)
    raw, parts = tabulated.explain(X)
    expected = tabulated.base_value
    monkeypatch.setattr(merged_trees, "treeshap", None)
    assert slow.explain(X)[0].tolist() == raw.tolist()
    np.testing.assert_allclose(slow.explain(X)[1], parts, rtol=0, atol=1e-9)
    assert slow.base_value == pytest.approx(expected, abs=1e-9)
