"""Samples: recency weights count in a fit, and not in an evaluation."""

import numpy as np
import pytest
from scipy.special import expit

from features.encoders import Column
from training.data.samples import Samples


def samples(leads: int, seed: int, first: float, last: float) -> Samples:
    """One number, whose slope in the log-odds goes from `first` to `last` as leads come in."""
    rng = np.random.default_rng(seed)
    x, slope = rng.normal(size=(leads, 1)), np.linspace(first, last, leads)
    won = (rng.random(leads) < expit(slope * x[:, 0] - 0.5)).astype(float)
    return Samples([Column("x", "x")], x, won, np.ones(leads))


def test_above_the_least_weight_a_lead_counts_half_as_much_as_one_that_came_a_half_life_later() -> None:
    examples = samples(401, 1, 1.0, 1.0)
    weight = examples.with_recency_weights(1 / 4).fit_weight
    above = weight - examples.least_recency_weight
    assert weight.mean() == pytest.approx(1.0)
    assert above[[300, 400]] / above[[200, 300]] == pytest.approx([2.0, 2.0])
    assert above.min() > 0
    assert (
        examples.with_recency_weights(1 / 4).take(np.array([400, 300])).fit_weight.tolist()
        == weight[[400, 300]].tolist()
    )


def test_old_leads_keep_a_share_of_their_weight_and_together_no_more_than_that_of_some_thousands() -> None:
    few, many = samples(5_000, 1, 1.0, 1.0), samples(60_000, 1, 1.0, 1.0)
    assert 0.3 < few.with_recency_weights(1 / 8).fit_weight.min() < 0.32
    assert 0.05 < many.with_recency_weights(1 / 8).fit_weight.min() < 0.08
    assert many.least_recency_weight * 60_000 == pytest.approx(3_000)


def test_all_evaluated_leads_count_alike() -> None:
    examples, rows = samples(400, 1, 1.0, 1.0), np.arange(400)
    assert (
        examples.with_recency_weights(1 / 8).evaluation_targets(rows)[1].tolist()
        == examples.evaluation_targets(rows)[1].tolist()
        == [1.0] * 400
    )
