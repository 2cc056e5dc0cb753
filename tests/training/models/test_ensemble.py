"""Ensembles: parts fitted by a spec and added by weight."""

from dataclasses import replace

import pytest

from tests.training.leads import learned
from training.models.boosting import BoosterSpec
from training.models.ensemble import EnsembleMember, EnsembleSpec

TINY = BoosterSpec("tiny", {"num_leaves": 4, "learning_rate": 0.1})


def test_a_spec_fits_its_parts_and_adds_them_by_weight() -> None:
    samples = learned(300).samples
    both = EnsembleSpec("blend", 0.4, (EnsembleMember(TINY, 5, 0.6),)).fit(samples, seed=7)
    logistic, trees = (
        EnsembleSpec("l", 1.0).fit(samples, seed=7),
        EnsembleSpec("t", 0.0, (EnsembleMember(TINY, 5, 1.0),)).fit(samples, 7),
    )
    assert logistic.trees is None
    assert both.trees is not None
    assert both.trees.booster.num_trees() == 5 * EnsembleSpec("blend").seeds_of(EnsembleMember(TINY, 5, 0.6))
    assert both.raw_score(samples.X) == pytest.approx(
        0.4 * logistic.raw_score(samples.X) + 0.6 * trees.raw_score(samples.X), abs=1e-9
    )


def test_the_same_seed_fits_the_same_ensemble_to_the_byte() -> None:
    samples, spec = learned(300).samples, EnsembleSpec("t", 0.0, (EnsembleMember(TINY, 5, 1.0),))
    first, again, other = (spec.fit(samples, seed).trees for seed in (7, 7, 20))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.text == again.text != other.text


def test_a_spec_names_its_parameters() -> None:
    shown = EnsembleSpec("blend", 0.25, (EnsembleMember(TINY, 12, 0.75),)).parameters()
    assert (shown["logistic.weight"], shown["tiny.weight"], shown["tiny.rounds"]) == (0.25, 0.75, 12)
    assert shown["tiny.num_leaves"] == 4


def test_a_spec_can_be_fitted_with_other_rounds() -> None:
    again = EnsembleSpec("blend", 0.25, (EnsembleMember(TINY, 12, 0.75),)).with_rounds(
        lambda shape: 30 + len(shape.name)
    )
    assert again == EnsembleSpec("blend", 0.25, (EnsembleMember(TINY, 34, 0.75),))


def test_shapes_with_pairs_and_with_threes_are_added_by_weight_whichever_comes_first() -> None:
    samples = learned(300).samples
    pairs = (("age", "job"),)
    paired = EnsembleMember(replace(TINY, name="paired", crosses=pairs), 5, 0.5)
    threes = EnsembleMember(replace(TINY, name="threes", crosses=(*pairs, ("age", "job", "newsletter"))), 5, 0.5)
    alone = [EnsembleSpec("t", 0.0, (replace(one, weight=1.0),)).fit(samples, 7) for one in (paired, threes)]
    expected = sum(0.5 * one.raw_score(samples.X) for one in alone)
    for members in ((paired, threes), (threes, paired)):
        both = EnsembleSpec("blend", 0.0, members).fit(samples, 7)
        assert both.raw_score(samples.X) == pytest.approx(expected, abs=1e-9)
