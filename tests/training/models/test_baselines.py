"""The baselines: shrunk base rates per source, and the naive Bayes of CRMs."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from features.encoders import Column
from tests.training.leads import categories, learned
from training.data.samples import Samples
from training.models.baselines import CrmBaseline, fit_base_rate

NAN, INF = float("nan"), float("inf")


def samples_of(X: np.ndarray, won: np.ndarray, levels: dict[int, int] | None = None) -> Samples:
    names = {number: tuple(map(str, range(size))) for number, size in (levels or {}).items()}
    columns = [Column(f"x{number}", f"x{number}", names.get(number, ())) for number in range(X.shape[1])]
    return Samples(columns, X.astype(float), won.astype(float), np.ones(len(won)))


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
    crm = CrmBaseline.fit_columns(samples_of(x[:, None], x >= 900), [0])
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
