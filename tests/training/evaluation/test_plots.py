from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from stats.predictions import Predictions
from stats.ranking import gains_curve, precision_recall_curve, roc_curve
from stats.reliability import reliability_curve
from training.evaluation.evaluate import evaluate
from training.evaluation.plots import draw_calibration, draw_plots, percent
from training.training_run import TrainingRun


def title(figure: Figure) -> str:
    return figure.get_suptitle()


def test_every_picture_says_what_it_shows(run: TrainingRun) -> None:
    drawn = draw_plots(run)
    assert set(drawn) == {"candidates", "roc_pr", "gains", "calibration", "scores", "importance"}
    assert title(drawn["candidates"]) == "Trees has the lowest log loss of 2 candidates"
    assert title(drawn["gains"]).startswith("The best 20 % of the leads hold ")
    assert title(drawn["importance"]).startswith("age weighs most: ")


def test_no_title_is_wider_than_its_picture(run: TrainingRun) -> None:
    for figure in draw_plots(run).values():
        figure.canvas.draw()
        assert figure._suptitle.get_window_extent().x1 <= figure.bbox.x1  # type: ignore[attr-defined]


def test_without_importance_there_is_no_picture_of_it(run: TrainingRun) -> None:
    assert "importance" not in draw_plots(replace(run, importance={}))


@pytest.mark.parametrize(
    ("probability", "groups"),
    [(np.full(60, 0.3), "1 of 1 groups"), (np.repeat([1e-5, 1 - 1e-5], 30), "0 of 2 groups")],
    ids=["one", "extremes"],
)
def test_pictures_of_equal_and_extreme_probabilities_hold_each_group(
    run: TrainingRun, probability: np.ndarray, groups: str
) -> None:
    won = np.tile([0.0, 1.0, 0.0], 20)
    leads = run.dataset.leads.take(np.arange(60))
    predictions = tuple(replace(c, evaluation=evaluate(c.name, probability, won, leads, 7)) for c in run.candidates)
    drawn = draw_plots(replace(run, candidates=predictions))

    assert title(drawn["calibration"]).endswith(groups)
    assert title(drawn["roc_pr"]) == "A winner is ranked above another lead 50 % of the time"
    (axes,) = drawn["calibration"].axes
    for line in axes.get_lines():
        seen = axes.transAxes.inverted().transform(axes.transData.transform(line.get_xydata()))
        assert ((seen > -0.01) & (seen < 1.01)).all()


def test_leads_of_equal_probability_are_one_point_of_a_curve() -> None:
    predictions = Predictions.of(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]))
    assert roc_curve(predictions).x.tolist() == [0, 0, 0.5, 1]
    assert roc_curve(predictions).y.tolist() == [0, 0.5, 1, 1]
    assert gains_curve(predictions).x.tolist() == [0, 0.25, 0.75, 1]
    assert precision_recall_curve(predictions).y.tolist() == [1, 2 / 3, 0.5]


def test_the_noise_band_is_binomial_and_a_tie_is_never_split() -> None:
    probability = np.repeat([0.2, 0.6], [70, 30])
    won = np.concatenate([np.repeat([1.0, 0.0], [14, 56]), np.repeat([1.0, 0.0], [18, 12])])
    bins = reliability_curve(Predictions.of(probability, won))
    assert bins.size.tolist() == [70, 30]
    assert bins.predicted == pytest.approx([0.2, 0.6])
    assert bins.actual == pytest.approx([0.2, 0.6])
    assert bins.low == pytest.approx([8 / 70, 13 / 30])
    assert bins.high == pytest.approx([21 / 70, 23 / 30])


def test_what_lies_outside_the_noise_is_counted_as_such(run: TrainingRun) -> None:
    probability = np.linspace(0.01, 0.2, 400)
    evaluation = evaluate("trees", probability, np.ones(400), run.dataset.leads, 7)
    assert title(draw_calibration(evaluation)) == "Wins as predicted, but for chance, in 0 of 10 groups"


def test_percentages_are_read_as_people_say_them() -> None:
    assert [percent(share) for share in (0.0534, 0.634, 0.999, 1.0)] == ["5.3 %", "63 %", "100 %", "100 %"]
