"""Newer leads count more where the past asks for it, when a model is fitted and not when it is judged."""

import numpy as np
import pytest
from scipy.special import expit

from features.encoders import Column
from training.data.samples import Lessons
from training.data.split import folds_at_random, folds_forward
from training.models.boosting import Shape
from training.models.ensemble import Member, Recipe
from training.search.cross_validation import Examination
from training.search.recency import HALF_LIVES, by_recency

TREES = Recipe("trees", 0.0, (Member(Shape("tiny", {"num_leaves": 4, "learning_rate": 0.1}), 30, 1.0),))
LOGISTIC = Recipe("logistic regression", 1.0)


def lessons(leads: int, seed: int, first: float, last: float) -> Lessons:
    """One number, whose slope in the log-odds goes from `first` to `last` as leads come in."""
    rng = np.random.default_rng(seed)
    x, slope = rng.normal(size=(leads, 1)), np.linspace(first, last, leads)
    won = (rng.random(leads) < expit(slope * x[:, 0] - 0.5)).astype(float)
    return Lessons([Column("x", "x")], x, won, np.ones(leads))


def examination(taught: Lessons) -> Examination:
    return Examination(taught, folds_at_random(taught.won, 7), folds_forward(taught.won), 7)


def test_a_lead_counts_half_as_much_as_one_that_came_a_half_life_later() -> None:
    taught = lessons(401, 1, 1.0, 1.0)
    weight = taught.fading(1 / 4).fit_weight
    assert weight.mean() == pytest.approx(1.0)
    assert weight[[300, 400]] / weight[[200, 300]] == pytest.approx([2.0, 2.0])
    assert taught.fading(1 / 4).take(np.array([400, 300])).fit_weight.tolist() == weight[[400, 300]].tolist()


def test_all_judged_leads_count_alike() -> None:
    taught, rows = lessons(400, 1, 1.0, 1.0), np.arange(400)
    assert taught.fading(1 / 8).on_record(rows)[1].tolist() == taught.on_record(rows)[1].tolist() == [1.0] * 400


@pytest.mark.parametrize("recipe", [TREES, LOGISTIC], ids=lambda recipe: recipe.name)
def test_what_was_true_once_is_forgotten(recipe: Recipe) -> None:
    taught, ends = lessons(3_000, 2, -1.5, 1.5), np.array([[-1.0], [1.0]])
    alike = recipe.fit(taught, seed=7).raw(ends)
    fading = Recipe(recipe.name, recipe.logistic, recipe.members, half_life=1 / 8).fit(taught, seed=7).raw(ends)
    assert alike[1] - alike[0] < 0.5
    assert fading[1] - fading[0] > 1.0


def test_where_the_world_turns_newer_leads_count_more_and_it_is_said() -> None:
    exam, (said,) = by_recency(examination(lessons(3_000, 3, -1.5, 1.5)))
    assert exam.half_life == min(HALF_LIVES)
    assert said.startswith("newer leads count more, each twice as much as one that came 12.5% of all leads earlier")


def test_where_it_stands_still_all_count_alike() -> None:
    chosen = [by_recency(examination(lessons(800, seed, 1.0, 1.0)))[0].half_life for seed in range(20)]
    assert chosen.count(None) >= 19


def test_without_an_order_nothing_is_newer() -> None:
    taught = lessons(400, 4, -1.5, 1.5)
    exam = Examination(taught, folds_at_random(taught.won, 7), [], 7)
    assert by_recency(exam) == (exam, ())


def test_a_recipe_tells_its_half_life() -> None:
    assert Recipe("l", 1.0, half_life=1 / 8).parameters()["half_life"] == 0.125
    assert "half_life" not in LOGISTIC.parameters()
