import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.special import expit, logit

from stats.regression import fit_ridge, fit_shares, score_bands, score_curve
from stats.types import Vector

SCORES = st.lists(st.sampled_from([0.0, 0.01, 0.2, 0.2000001, 0.5, 0.9, 1.0]), min_size=1, max_size=60)


@given(SCORES, st.integers(1, 8))
def test_bands_rise_with_the_score_and_never_part_equal_scores(scores: list[float], most: int) -> None:
    score = np.array(scores)
    band, log_odds = score_bands(score, most)
    assert len(log_odds) <= most
    assert set(band.tolist()) == set(range(len(log_odds)))
    order = np.argsort(score, kind="stable")
    assert (np.diff(band[order]) >= 0).all()
    assert all(len(set(band[score == one].tolist())) == 1 for one in set(scores))
    assert np.isfinite(log_odds).all()


def test_bands_are_of_about_equal_size() -> None:
    band, _ = score_bands(np.random.default_rng(0).random(10_000), 100)
    assert np.bincount(band).tolist() == [100] * 100


def test_a_curve_follows_a_score_that_is_too_sure_and_bent() -> None:
    rng = np.random.default_rng(1)
    log_odds = rng.normal(-2, 1, 200_000)
    true = expit(-1 + 0.5 * log_odds - 0.1 * log_odds**2)
    band, centre = score_bands(expit(log_odds), 300)
    won, leads = np.bincount(band, rng.random(log_odds.size) < true), np.bincount(band).astype(float)
    basis = score_curve(centre, leads)
    fitted = expit(basis @ fit_shares(basis, won, leads)[0])
    assert np.abs(fitted[band] - true).mean() < 0.003
    assert (fitted * leads).sum() == pytest.approx(won.sum(), rel=1e-6)


def test_the_covariance_is_that_of_a_share_in_log_odds() -> None:
    beta, covariance = fit_shares(np.ones((1, 1)), np.array([30.0]), np.array([100.0]))
    assert beta[0] == pytest.approx(logit(0.3))
    assert covariance[0, 0] == pytest.approx(1 / 30 + 1 / 70, rel=1e-6)


@pytest.mark.parametrize("wins", [0.0, 50.0])
def test_a_fit_stays_finite_where_nobody_or_everybody_won(wins: float) -> None:
    leads = np.full(4, 50.0)
    basis = score_curve(np.array([-3.0, -2.0, -1.0, 0.0]), leads)
    beta, covariance = fit_shares(basis, np.array([0.0, 5.0, 10.0, wins]), leads)
    assert np.isfinite(beta).all()
    assert np.isfinite(covariance).all()


def test_one_score_for_all_leads_gives_one_share() -> None:
    band, log_odds = score_bands(np.full(100, 0.3), 300)
    basis = score_curve(log_odds, np.array([100.0]))
    assert expit(basis @ fit_shares(basis, np.array([20.0]), np.array([100.0]))[0]) == pytest.approx([0.2], abs=1e-6)
    assert band.tolist() == [0] * 100


@pytest.mark.parametrize("intercept", [-5.0, -2.0, 0.0])
@pytest.mark.parametrize("ridge", [0.5, 10.0])
def test_a_fit_by_a_kept_hessian_ends_where_newtons_own_would_whatever_it_starts_from(
    intercept: float, ridge: float
) -> None:
    rng = np.random.default_rng(3)
    design, y = made_steps(rng, 3_000, intercept)
    penalty = np.array([0.0] + [ridge] * (design.shape[1] - 1))
    unlike = fit_ridge(*made_steps(rng, 400, -intercept), penalty)
    for start in (None, fit_ridge(*made_steps(rng, 3_000, intercept), penalty), unlike):
        beta = fit_ridge(design, y, penalty, start).beta
        assert np.abs(newton_step(design, y, penalty, beta)).max() < 1e-3


def made_steps(rng: np.random.Generator, leads: int, intercept: float) -> tuple[csr_array, Vector]:
    """Leads in steps of twelve fields, many of them rare, and which were won."""
    places = np.minimum(rng.geometric(0.3, (leads, 12)), 8) + 8 * np.arange(12)
    effects = np.random.default_rng(4).normal(0, 0.5, 1 + 8 * 12)
    dense = np.zeros((leads, len(effects)))
    np.put_along_axis(dense, places, 1.0, axis=1)
    won = rng.random(leads) < expit(intercept + dense @ effects)
    dense[:, 0] = 1.0
    return csr_array(dense), won.astype(np.float64)


def newton_step(design: csr_array, y: Vector, penalty: Vector, beta: Vector) -> Vector:
    """How far Newton's method would go from here."""
    terms, share = design.toarray(), expit(design @ beta)
    hessian = (terms * (share * (1 - share))[:, None]).T @ terms + np.diag(penalty)
    step: Vector = np.linalg.solve(hessian, terms.T @ (y - share) - penalty * beta)
    return step


FIELDS, VALUES = 4, 2


def company(seed: int, intercept: float, spread: float) -> tuple[csr_array, Vector, Vector]:
    """Fields of 2,000 leads, each value a term behind the intercept; and two draws of who won, by nearly equal odds."""
    rng = np.random.default_rng(seed)
    values = np.stack([rng.choice(VALUES, 2_000, p=rng.dirichlet(np.full(VALUES, 0.3))) for _ in range(FIELDS)], axis=1)
    marks = np.hstack([np.eye(VALUES)[values[:, field]] for field in range(FIELDS)])
    design = np.hstack([np.ones((2_000, 1)), marks])
    beta = np.append(intercept, rng.normal(0, spread, FIELDS * VALUES))
    first, second = (
        (rng.random(2_000) < expit(design @ (beta + rng.normal(0, 0.3, len(beta))))).astype(float) for _ in range(2)
    )
    return csr_array(design), first, second


@pytest.mark.parametrize(("intercept", "spread"), [(-6.0, 1.0), (-4.0, 1.0), (4.0, 1.0), (4.0, 2.0)])
def test_a_ridge_is_found_where_few_or_nearly_all_won(intercept: float, spread: float) -> None:
    penalty = np.append(0.0, np.full(FIELDS * VALUES, 0.5))
    for seed in range(100):
        design, first, second = company(seed, intercept, spread)
        if {0.0, 1.0} - {*first} or {0.0, 1.0} - {*second}:
            continue
        start = fit_ridge(design, first, penalty)
        for fit in (fit_ridge(design, second, penalty), fit_ridge(design, second, penalty, start)):
            slope = design.T @ (second - expit(design @ fit.beta)) - penalty * fit.beta
            assert np.abs(slope).max() < 0.1, seed
