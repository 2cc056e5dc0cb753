"""What a candidate's probabilities are worth, each number with its interval."""

from functools import partial

import numpy as np
import pytest
from scipy.special import expit

from features.lead_table import LeadTable, ParsedColumn
from stats.predictions import Predictions
from training.evaluation.evaluate import MetricEstimate, estimate, evaluate
from training.evaluation.metrics import METRICS

Vector = np.ndarray


def table(leads: int, sources: list[str | None] | None = None, months: list[str] | None = None) -> LeadTable:
    names = sorted({name for name in sources or [] if name})
    codes = np.array([names.index(name) if name else -1 for name in sources or []], dtype=np.int32)
    return LeadTable(
        lead_id=np.array([f"L-{number}" for number in range(leads)], dtype=object),
        created_at=None if months is None else np.array(months, dtype="datetime64[us]"),
        source=ParsedColumn(codes, tuple(names)) if sources else None,
        campaign=None,
        fields={},
    )


def perfect(leads: int, seed: int) -> tuple[Vector, Vector]:
    rng = np.random.default_rng(seed)
    probability = expit(rng.normal(-1, 1, leads))
    return probability, (rng.random(leads) < probability).astype(float)


judge = partial(evaluate, "trees", seed=7)


def test_each_number_stands_within_its_own_interval() -> None:
    evaluation = judge(*perfect(400, 1), table(400))
    assert set(evaluation.metrics) == set(METRICS)
    assert all(shown.low < shown.value < shown.high for name, shown in evaluation.metrics.items() if name != "ece")
    assert (evaluation.candidate, evaluation.leads) == ("trees", 400)
    assert evaluation.wins == int(evaluation.won.sum())


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = float(expit(np.random.default_rng(0).normal(-1, 1, 200_000)).mean())
    metrics = {"delivered": METRICS["delivered"]}
    shown = [estimate(metrics, Predictions.of(*perfect(300, seed)), seed)["delivered"] for seed in range(150)]
    covered = np.mean([interval.low <= truth <= interval.high for interval in shown])
    assert 0.89 <= covered <= 0.99


def test_the_interval_of_lift_is_as_wide_as_a_simulation_says() -> None:
    """Lift at 10 % with 300 leads shows as anything between about half and one and a half times the truth."""
    probability, won = perfect(300, 2)
    lift = judge(probability, won, table(300)).metrics["lift_10"]
    again = [METRICS["lift_10"](Predictions.of(*perfect(300, seed)).weighted(np.ones(300))) for seed in range(300)]
    low, high = np.quantile(again, [0.025, 0.975])
    assert lift.high - lift.low == pytest.approx(high - low, rel=0.4)


def test_a_perfect_models_calibration_error_is_about_its_floor_and_a_crooked_ones_is_not() -> None:
    probability, won = perfect(2_000, 3)
    straight, crooked = judge(probability, won, table(2_000)), judge(probability**0.5, won, table(2_000))
    assert straight.metrics["ece"].value < 1.6 * straight.ece_floor
    assert crooked.metrics["ece"].value > 5 * crooked.ece_floor


def test_each_source_with_enough_leads_and_wins_is_a_slice_the_nameless_included() -> None:
    sources = ["ads"] * 100 + ["fair"] * 60 + [None] * 60 + ["rare"] * 20 + ["dead"] * 60
    won = np.array([number % 4 == 0 for number in range(240)] + [False] * 60, dtype=float)
    slices = judge(np.full(300, 0.2), won, table(300, list(sources))).slices
    assert [(part.by, part.name, part.leads, part.wins) for part in slices] == [
        ("source", "ads", 100, 25),
        ("source", "fair", 60, 15),
        ("source", "missing", 60, 15),
    ]
    assert slices[0].metrics["delivered"].value == 0.25
    assert slices[0].metrics["promised"].value == pytest.approx(0.2)


def test_months_are_slices_by_arrival() -> None:
    won = np.tile([1.0, 0.0], 60)
    slices = judge(np.full(120, 0.5), won, table(120, months=["2026-01-31"] * 60 + ["2026-02-01"] * 60)).slices
    assert [(part.by, part.name, part.leads) for part in slices] == [("month", "2026-01", 60), ("month", "2026-02", 60)]


def test_of_many_sources_the_fifteen_largest_are_shown() -> None:
    sources = [f"source {number:02}" for number in range(20) for _ in range(50 + number)]
    won = np.tile([1.0, 0.0], len(sources))[: len(sources)]
    slices = judge(np.full(len(sources), 0.5), won, table(len(sources), list(sources))).slices
    assert [part.name for part in slices] == [f"source {number:02}" for number in range(5, 20)]


def test_where_nothing_was_won_what_cannot_be_told_is_not_a_number_and_the_rest_is() -> None:
    evaluation = judge(np.linspace(0.1, 0.3, 40), np.zeros(40), table(40))
    assert np.isnan([evaluation.metrics[name].value for name in ("auc", "average_precision", "lift_10")]).all()
    assert np.isfinite(evaluation.metrics["log_loss"].high)
    assert evaluation.metrics["delivered"].value == 0.0


def test_the_same_seed_gives_the_same_intervals() -> None:
    probability, won = perfect(200, 4)
    first, again = (judge(probability, won, table(200)).metrics for _ in range(2))
    other = evaluate("trees", probability, won, table(200), seed=8).metrics
    assert first == again
    assert first["auc"] != other["auc"]


def test_an_estimate_is_written_with_its_interval() -> None:
    assert f"{MetricEstimate(0.5, 0.4, 0.61234):.2f}" == "0.50 [0.40, 0.61]"
