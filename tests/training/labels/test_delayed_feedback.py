"""Young leads teach as far as their outcomes are known (docs/methods.md), with the truth planted."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from features.history import History
from tests.training.funnels import FIRST_DAY, QUICK, SLOW, Source, day, funnel, schema
from training.data.dataset import Dataset, make_dataset
from training.labels.delayed_feedback import add_expected_outcomes
from training.labels.record_start import trim_before_first_outcome
from training.labels.states import cut_history

TWO = {"quick": QUICK, "slow": SLOW}


def corrected(history: History, as_of: float, horizon: int) -> Dataset:
    dataset = make_dataset(history, day(as_of), horizon, include_young=True)
    return add_expected_outcomes(dataset, schema(horizon), seed=7)


def rates(dataset: Dataset, sources: Mapping[str, Source]) -> list[float]:
    """What a learner is taught of each source."""
    assert dataset.leads.source is not None
    codes = dataset.leads.source.codes
    return [float(dataset.won[codes == code].mean()) for code in range(len(sources))]


@pytest.mark.parametrize(("as_of", "horizon"), [(120, 90), (180, 90), (180, 365), (300, 365)])
@pytest.mark.parametrize("shape", [1.0, 0.7, 1.6])
def test_the_better_source_looks_better_though_its_wins_come_late(as_of: int, horizon: int, shape: float) -> None:
    sources = {name: replace(source, shape=shape) for name, source in TWO.items()}
    taught_rates = np.array(
        [rates(corrected(funnel(sources, 6_000, as_of, seed), as_of, horizon), sources) for seed in range(4)]
    )
    truth = [source.within(horizon) for source in sources.values()]
    assert taught_rates.mean(axis=0).tolist() == pytest.approx(truth, abs=0.03)


def test_matured_leads_alone_or_open_leads_as_lost_would_have_it_the_wrong_way_round() -> None:
    facts = funnel(TWO, 6_000, 180, seed=1)
    naive = make_dataset(facts, day(180), 365, include_young=True)
    quick, slow = rates(naive, TWO)
    assert quick > slow + 0.03
    quick, slow = rates(corrected(facts, 180, 365), TWO)
    assert slow > quick + 0.02


def test_what_is_known_is_left_as_it_is() -> None:
    facts = funnel(TWO, 3_000, 180, seed=2)
    plain = make_dataset(facts, day(180), 90, include_young=True)
    late = corrected(facts, 180, 90)
    assert (late.won[~plain.open] == plain.won[~plain.open]).all()
    assert ((late.won[plain.open] >= 0) & (late.won[plain.open] < 0.5)).all()
    assert (late.observed_share[late.age >= 90] == 1).all()
    assert late.recorded_win.tolist() == plain.recorded_win.tolist()


def test_a_win_counts_for_as_many_as_its_age_lets_one_know_of() -> None:
    """Whatever their ages, known wins over known shares are the rate: that is how young leads are judged."""
    found = []
    for seed in range(6):
        late = corrected(funnel(TWO, 4_000, 100, seed), 100, 90)
        found.append(late.recorded_win.sum() / late.observed_share.sum())
    assert np.mean(found) == pytest.approx(np.mean([source.within(90) for source in TWO.values()]), abs=0.015)


def test_leads_from_before_the_records_begin_are_left_out_and_it_is_said() -> None:
    facts = funnel({"quick": QUICK}, 4_000, 200, seed=3)
    begin = FIRST_DAY + np.timedelta64(100, "D")
    assert facts.closed_at is not None
    status = np.where(facts.closed_at < begin, None, facts.status)
    kept, notes = trim_before_first_outcome(cut_history(replace(facts, status=status), day(200)), 90)
    assert kept.leads.created_at is not None
    assert kept.leads.created_at.min() >= begin
    assert "records of outcomes seem to begin there" in notes[0]
    assert f"the {4_000 - len(kept.leads):,} leads of before were left out" in notes[0]


@pytest.mark.parametrize("seed", range(10))
def test_a_history_that_is_whole_is_kept_whole(seed: int) -> None:
    facts = cut_history(funnel(TWO, 2_000, 200, seed), day(200))
    assert trim_before_first_outcome(facts, 90) == (facts, ())
