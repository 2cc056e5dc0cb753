"""How far one lead's probability can be trusted."""

import json

import numpy as np
import pytest
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from training.models.venn_abers import VennAbersInterval

Vector = np.ndarray


def drawn(leads: int, seed: int) -> tuple[Vector, Vector]:
    rng = np.random.default_rng(seed)
    raw = rng.normal(-1, 1.2, leads)
    return raw, (rng.random(leads) < expit(raw)).astype(float)


def venn_abers(raw: Vector, won: Vector, lead: float) -> tuple[float, float]:
    """By the book: the isotonic fit with the lead added as lost, and as won."""

    def fitted(outcome: float) -> float:
        model = IsotonicRegression().fit(np.append(raw, lead), np.append(won, outcome))
        return float(model.predict([lead])[0])

    return fitted(0.0), fitted(1.0)


def test_the_interval_is_the_venn_abers_predictors() -> None:
    raw, won = drawn(120, 1)
    band = VennAbersInterval.fit(raw, won)
    asked = raw[::10]
    low, high = band.interval(asked, np.full(len(asked), 0.5))
    for lead, lower, upper in zip(asked, low, high, strict=True):
        low_0, high_1 = venn_abers(raw, won, lead)
        assert (lower, upper) == pytest.approx((min(low_0, 0.5), max(high_1, 0.5)), abs=1e-9)


def test_it_always_holds_the_probability() -> None:
    raw, won = drawn(800, 2)
    asked = np.linspace(-9, 9, 200)
    for probability in (expit(asked), np.full(200, 0.01), np.full(200, 0.99)):
        low, high = VennAbersInterval.fit(raw, won).interval(asked, probability)
        assert (low <= probability).all()
        assert (probability <= high).all()
        assert low.min() >= 0
        assert high.max() <= 1


def test_new_leads_win_as_often_as_the_ends_say() -> None:
    """The lower ends promise no more than is delivered, the upper ones no less: over many leads, and among the best."""
    low, high, won = (np.concatenate(part) for part in zip(*map(_fresh, range(30)), strict=True))
    assert low.mean() < won.mean() < high.mean()
    best = np.argsort(low + high)[-len(won) // 10 :]
    noise = 2 * won[best].std() / np.sqrt(len(best))
    assert low[best].mean() - noise < won[best].mean() < high[best].mean() + noise


def _fresh(seed: int) -> tuple[Vector, Vector, Vector]:
    asked, won = drawn(500, 1_000 + seed)
    low, high = VennAbersInterval.fit(*drawn(400, seed)).interval(asked, expit(asked))
    return low, high, won


def test_more_leads_make_it_narrower() -> None:
    asked = np.linspace(-2, 1, 50)

    def width(leads: int) -> float:
        low, high = VennAbersInterval.fit(*drawn(leads, 4)).interval(asked, expit(asked))
        return float((high - low).mean())

    assert width(50) > 2 * width(5_000)


@pytest.mark.parametrize("winners_first", [True, False])
def test_leads_that_all_score_alike_share_one_narrow_interval_whatever_their_order(*, winners_first: bool) -> None:
    won = np.repeat([1.0, 0.0] if winners_first else [0.0, 1.0], [100, 400] if winners_first else [400, 100])
    low, high = VennAbersInterval.fit(np.zeros(500), won).interval(np.array([-1.0, 0.0, 1.0]), np.full(3, 0.2))
    assert low == pytest.approx(np.full(3, 100 / 501))
    assert high == pytest.approx(np.full(3, 101 / 501))


def test_a_few_scores_each_held_by_many_leads_have_their_own_intervals() -> None:
    raw = np.tile([-2.0, -1.0, 0.0], 200)
    won = np.concatenate([[number % 20 == 0, number % 5 == 0, number % 2 == 0] for number in range(200)]).astype(float)
    low, high = VennAbersInterval.fit(raw, won).interval(np.array([-2.0, -1.0, 0.0]), np.array([0.05, 0.2, 0.5]))
    assert low == pytest.approx([10 / 201, 40 / 201, 100 / 201])
    assert high == pytest.approx([11 / 201, 41 / 201, 101 / 201])


def test_without_leads_nothing_is_known() -> None:
    low, high = VennAbersInterval.fit(np.empty(0), np.empty(0)).interval(np.array([-3.0, 3.0]), np.array([0.1, 0.9]))
    assert (low.tolist(), high.tolist()) == ([0.0, 0.0], [1.0, 1.0])


def test_a_stored_band_comes_back_as_it_was() -> None:
    band = VennAbersInterval.fit(*drawn(300, 5))
    assert VennAbersInterval.from_json(json.loads(json.dumps(band.to_json()))) == band
