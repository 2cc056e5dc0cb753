"""Models that add up over columns: additive scores, logistic regression, and both baselines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.models import additive
from training.models.additive import Additive, Term

NAN, INF = float("nan"), float("inf")
NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([NAN, INF, -INF, 0.0, -0.0])

CODE = Term(0, (0.0, 1.0, 2.0), (-0.5, 0.0, 0.7), missing=0.2)
RAMP = Term(1, (10.0, 20.0), (-1.0, 1.0), missing=0.4)


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


# One fact copied into several fields, of which the winners hold it three times as often; the base rate is 20 %.
