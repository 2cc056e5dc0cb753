"""Models that add up over columns: additive scores, logistic regression, and both baselines."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from features.encoders import Column
from tests.training.leads import categories, learned
from training.data.samples import Samples
from training.models import additive
from training.models.additive import Additive, Term
from training.models.baselines import CrmBaseline, fit_base_rate
from training.models.logistic import fit_logistic

NAN, INF = float("nan"), float("inf")
NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([NAN, INF, -INF, 0.0, -0.0])

CODE = Term(0, (0.0, 1.0, 2.0), (-0.5, 0.0, 0.7), missing=0.2)
RAMP = Term(1, (10.0, 20.0), (-1.0, 1.0), missing=0.4)


def lessons_of(X: np.ndarray, won: np.ndarray, levels: dict[int, int] | None = None) -> Samples:
    names = {number: tuple(map(str, range(size))) for number, size in (levels or {}).items()}
    columns = [Column(f"x{number}", f"x{number}", names.get(number, ())) for number in range(X.shape[1])]
    return Samples(columns, X.astype(float), won.astype(float), np.ones(len(won)))


def test_each_term_is_linear_between_its_knots_flat_beyond_and_has_a_value_for_missing() -> None:
    X = np.array([[0, 10], [2, 15], [NAN, 20], [1, -INF], [1, INF], [1, NAN]], dtype=float)
    raw = Additive(0.1, (CODE, RAMP)).raw_score(X)
    assert raw == pytest.approx([-1.4, 0.8, 1.3, -0.9, 1.1, 0.5])


def test_parts_are_measured_from_the_mean_and_add_up_to_the_raw_score() -> None:
    X = np.array([[0, 10], [2, 15], [NAN, 20], [1, NAN]], dtype=float)
    model = Additive(0.1, (CODE, RAMP)).centre_on(X)
    raw, parts = model.explain(X)
    assert parts.mean(axis=0) == pytest.approx([0.0, 0.0])
    assert model.base_value == pytest.approx(raw.mean())
    assert parts.sum(axis=1) + model.base_value == pytest.approx(raw)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_the_compiled_sum_is_the_plain_one_to_the_last_bit(rows: list[tuple[float, float]]) -> None:
    X = np.array(rows)
    model = Additive(0.3, (CODE, RAMP, Term(1, (0.0, 5.0, 5.5), (0.0, 0.1, 0.3), 0.0, 0.05)))
    compiled = model.explain(X)
    with pytest.MonkeyPatch.context() as without_numba:
        without_numba.setattr(additive, "explain_additive", None)
        plain = model.explain(X)
    assert [part.tolist() for part in compiled] == [part.tolist() for part in plain]


def test_scaling_and_adding_models_scales_and_adds_their_scores_and_parts() -> None:
    X = np.array([[0, 12], [2, NAN]], dtype=float)
    first, second = Additive(0.1, (CODE,)).centre_on(X), Additive(-0.4, (RAMP,)).centre_on(X)
    both = first.scale(0.25) + second
    assert both.raw_score(X) == pytest.approx(0.25 * first.raw_score(X) + second.raw_score(X))
    assert both.explain(X)[1] == pytest.approx(0.25 * first.explain(X)[1] + second.explain(X)[1])
    assert both.base_value == pytest.approx(0.25 * first.base_value + second.base_value)


def test_a_stored_additive_model_comes_back_as_it_was() -> None:
    model = Additive(0.1, (CODE, RAMP)).centre_on(np.array([[1.0, 13.0]]))
    assert Additive.from_json(model.to_json()) == model


def test_logistic_regression_is_scikit_learns_on_standardised_numbers() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal([3.0, -1.0], [2.0, 0.5], (600, 2))
    won = rng.random(600) < expit(X[:, 0] - 3 + X[:, 1])
    theirs = LogisticRegression(C=0.1, max_iter=300, tol=1e-8).fit((X - X.mean(0)) / X.std(0), won)
    ours = fit_logistic(lessons_of(X, won))
    assert ours.raw_score(X) == pytest.approx(theirs.decision_function((X - X.mean(0)) / X.std(0)), abs=1e-3)


def test_logistic_regression_finds_what_was_planted_in_numbers_categories_and_gaps() -> None:
    rng = np.random.default_rng(2)
    number, code = rng.normal(size=20_000), rng.integers(0, 3, 20_000).astype(float)
    number[rng.random(20_000) < 0.2] = NAN
    truth = np.where(np.isnan(number), 1.0, 0.8 * np.nan_to_num(number)) + np.array([-1.0, 0.0, 0.5])[code.astype(int)]
    X = np.column_stack([number, code])
    model = fit_logistic(lessons_of(X, rng.random(20_000) < expit(truth), {1: 3}))
    asked = np.array([[NAN, 0], [NAN, 2], [1.0, 1], [-1.0, 1]])
    assert model.raw_score(asked) == pytest.approx([0.0, 1.5, 0.8, -0.8], abs=0.15)


def test_a_number_far_outside_the_training_range_carries_the_score_no_further_than_half_a_range() -> None:
    rng = np.random.default_rng(3)
    X = rng.uniform(0, 10, (500, 1))
    model = fit_logistic(lessons_of(X, rng.random(500) < X[:, 0] / 10))
    at_end, beyond, far, inside = model.raw_score(np.array([[15.0], [15.1], [1e9], [14.0]]))
    assert at_end == pytest.approx(beyond, abs=0.03)
    assert beyond == far
    assert inside < at_end


def test_columns_that_say_nothing_leave_the_base_rate() -> None:
    X = np.column_stack([np.full(50, 7.0), np.full(50, NAN)])
    won = np.arange(50) < 10
    model = fit_logistic(lessons_of(X, won))
    assert expit(model.raw_score(np.array([[7.0, NAN], [NAN, 3.0]]))) == pytest.approx([0.2, 0.2])


def test_few_winners_draw_the_coefficients_closer_to_zero() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(2_000, 1))
    won = rng.random(2_000) < expit(X[:, 0] - 1)
    many, few = fit_logistic(lessons_of(X, won)), fit_logistic(lessons_of(X[:120], won[:120]))

    def slope(model: Additive) -> float:
        return float(np.diff(model.raw_score(np.array([[0.0], [1.0]])))[0])

    assert slope(many) == pytest.approx(1.0, abs=0.15)
    assert 0 < slope(few) < 0.8


# One fact copied into several fields, of which the winners hold it three times as often; the base rate is 20 %.
FACT = ["yes"] * 60 + ["no"] * 40 + ["yes"] * 80 + ["no"] * 320
FACT_WON = [1] * 100 + [0] * 400


@pytest.mark.parametrize(("copies", "says"), [(1, 42.9), (2, 69.2), (3, 87.1), (4, 95.3)])
def test_the_crm_baseline_counts_one_fact_as_often_as_it_is_copied(copies: int, says: float) -> None:
    columns = {f"copy {number}": list(FACT) for number in range(copies)}
    encoder, samples = categories(columns, FACT_WON, source="copy 0")
    raw = CrmBaseline.fit(encoder, samples).raw_score(samples.X[:1])
    assert 100 * expit(raw[0]) == pytest.approx(says, abs=0.1)


def test_the_crm_baseline_is_the_formula_on_counts_plus_a_tenth() -> None:
    encoder, samples = categories({"x": ["a"] * 6 + ["b"] * 4}, [1, 1, 0, 0, 0, 0, 1, 0, 0, 0], source="x")
    says = expit(CrmBaseline.fit(encoder, samples).raw_score(samples.X[[0, 6]]))
    won = 0.3 * np.array([2.1, 1.1]) / 3.2
    lost = 0.7 * np.array([4.1, 3.1]) / 7.2
    assert says == pytest.approx(won / (won + lost))


def test_the_crm_baseline_skips_what_is_missing_or_was_never_seen() -> None:
    encoder, samples = categories({"x": ["a"] * 10 + ["b"] * 10}, [1] * 8 + [0] * 2 + [0] * 10, source="x")
    crm = CrmBaseline.fit(encoder, samples)
    is_never_seen = float(len(encoder.columns[0].levels) - 1)
    assert expit(crm.raw_score(np.array([[NAN], [is_never_seen]]))) == pytest.approx([0.4, 0.4])


def test_the_crm_baseline_is_held_between_a_hundredth_of_a_percent_and_the_rest() -> None:
    columns = {f"copy {number}": ["yes"] * 50 + ["no"] * 50 for number in range(6)}
    encoder, samples = categories(columns, [1] * 50 + [0] * 50, source="copy 0")
    says = expit(CrmBaseline.fit(encoder, samples).raw_score(samples.X[[0, 99]]))
    assert says == pytest.approx([0.9999, 0.0001])


def test_the_crm_baseline_counts_numbers_in_tenths() -> None:
    x = np.arange(1_000, dtype=float)
    crm = CrmBaseline.fit_columns(lessons_of(x[:, None], x >= 900), [0])
    says = expit(crm.raw_score(np.array([[950.0], [905.0], [899.0], [50.0]])))
    assert says[0] == says[1] > 0.99
    assert says[2] == says[3] < 0.01


def rates(wins: list[int], sizes: list[int]) -> dict[str, float]:
    """What the base rate says of each source, and of one never seen."""
    sources = [name for name, size in zip("abcdefgh", sizes, strict=False) for _ in range(size)]
    won = [int(number < win) for win, size in zip(wins, sizes, strict=True) for number in range(size)]
    encoder, samples = categories({"source": list(sources)}, won, source="source")
    model = fit_base_rate(encoder, samples)
    levels = encoder.columns[0].levels
    says = expit(model.raw_score(np.array([[float(code)] for code in range(len(levels))] + [[NAN]])))
    return dict(zip((*levels, "missing"), says.tolist(), strict=True))


def test_sources_that_scatter_no_more_than_chance_share_one_rate() -> None:
    says = rates([20, 22, 18, 20], [100, 100, 100, 100])
    assert [says[name] for name in "abcd"] == pytest.approx([0.2] * 4, abs=0.005)


def test_large_sources_that_differ_keep_their_own_rates_and_small_ones_are_shrunk() -> None:
    says = rates([500, 100, 50, 20], [1_000, 1_000, 1_000, 20])
    assert (says["a"], says["b"], says["c"]) == pytest.approx((0.5, 0.1, 0.05), abs=0.01)
    assert 0.7 < says["d"] < 0.9
    assert says["a rare value"] == says["missing"] == pytest.approx(670.5 / 3_021)


def test_without_a_source_every_lead_gets_the_overall_rate() -> None:
    past = learned(200)
    encoder = replace(past.encoder, schema=replace(past.encoder.schema, source=None))
    raw = fit_base_rate(encoder, past.samples).raw_score(past.samples.X)
    assert np.unique(raw) == pytest.approx([logit((past.samples.y.sum() + 0.5) / (len(past.samples) + 1))])


def test_a_history_without_a_winner_still_gives_a_rate_above_zero() -> None:
    encoder, samples = categories({"source": ["a"] * 9}, [0] * 9, source="source")
    assert 0.01 < expit(fit_base_rate(encoder, samples).raw_score(samples.X[:1]))[0] <= 0.05
