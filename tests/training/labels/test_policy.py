"""Whether young leads teach is decided by the past, and said."""

from dataclasses import replace

import numpy as np
import pytest

from features.history import History
from tests.training.funnels import QUICK, SLOW, Source, after_a_move, day, funnel, schema
from training.data.dataset import TooFewOutcomes, make_dataset
from training.labels.policy import LabelPolicy, SnapshotBuilder, _compare_policies, choose_label_policy
from training.labels.states import cut_history

TWO = {"quick": QUICK, "slow": SLOW}


def chosen(history: History, as_of: float, horizon: int) -> tuple[LabelPolicy, str]:
    return choose_label_policy(
        SnapshotBuilder(cut_history(history, day(as_of)), schema(horizon), horizon, seed=7), day(as_of)
    )


def test_delay_is_corrected_for_where_that_did_better_before() -> None:
    policy, why = chosen(funnel(TWO, 6_000, 400, seed=1), 400, 90)
    assert policy is LabelPolicy.DELAY_CORRECTED
    assert "leads too young for their outcomes teach in part: learned so, a logistic regression had a log loss" in why


def test_in_a_short_history_it_is_corrected_for_though_it_cannot_be_tried_out() -> None:
    policy, why = chosen(funnel(TWO, 600, 60, seed=1), 60, 365)
    assert policy is LabelPolicy.DELAY_CORRECTED
    assert why.startswith("leads too young for their outcomes teach in part")


@pytest.mark.parametrize(
    ("late", "policy", "says"),
    [
        ([0.5, 0.6, 0.5, 0.6], LabelPolicy.MATURED_ONLY, "only matured leads teach: "),
        ([0.1, 0.9, 0.1, 0.7], LabelPolicy.DELAY_CORRECTED, "leads too young for their outcomes teach in part: "),
        ([0.3, 0.3, 0.3, 0.3], LabelPolicy.DELAY_CORRECTED, "leads too young for their outcomes teach in part: "),
    ],
    ids=["worse by more than a standard error", "worse within a standard error", "better"],
)
def test_only_where_young_leads_did_worse_beyond_a_standard_error_are_they_left_out(
    late: list[float], policy: LabelPolicy, says: str
) -> None:
    losses = {LabelPolicy.DELAY_CORRECTED: np.array(late), LabelPolicy.MATURED_ONLY: np.full(4, 0.4)}
    found, why = _compare_policies(losses, np.ones(4))
    assert found is policy
    assert why.startswith(says)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda facts: replace(facts, closed_at=None), "it is not recorded when leads are won"),
        (lambda facts: replace(facts, closed_at=_undated(facts, 0.3)), "of the wins are dated"),
        (lambda facts: facts.take(np.arange(60)), "fewer than 20 dated wins"),
    ],
)
def test_without_times_to_learn_delays_from_only_matured_leads_are_examples_and_it_is_said(change, why: str) -> None:
    policy, said = chosen(change(funnel(TWO, 2_000, 300, seed=1)), 300, 90)
    assert policy is LabelPolicy.MATURED_ONLY
    assert why in said


def _undated(facts: History, share: float) -> np.ndarray:
    assert facts.closed_at is not None
    return np.where(np.random.default_rng(1).random(len(facts.status)) < share, np.datetime64("NaT"), facts.closed_at)


def test_what_was_known_when_the_test_begins_is_all_that_is_learned_from_there() -> None:
    facts = funnel(TWO, 3_000, 400, seed=4)
    builder = SnapshotBuilder(facts, schema(), 90, seed=7)
    split, known = builder.split_test(builder.build(day(400)))
    begins = known.as_of
    assert begins is not None
    assert facts.closed_at is not None
    other = np.where(
        facts.closed_at >= np.datetime64(begins.replace(tzinfo=None)), np.datetime64("NaT"), facts.closed_at
    )
    status = np.where(np.isnat(other), None, facts.status)
    again = SnapshotBuilder(replace(facts, status=status, closed_at=other), schema(), 90, seed=7).build(begins)
    assert known.won.tolist() == again.won.tolist()
    assert known.leads.lead_id.tolist() == again.leads.lead_id.tolist()
    assert len(split.test) > 400


def test_a_history_in_which_no_outcome_is_known_by_half_says_what_is_missing_and_what_to_do() -> None:
    facts = cut_history(funnel({"ads": Source(0.3, 120, 3.0)}, 2_000, 40, seed=1), day(40))
    builder = SnapshotBuilder(facts, schema(), 90, seed=7)
    with pytest.raises(TooFewOutcomes, match="the outcome of no lead is known by half at 2025-02-10") as refused:
        builder.split_test(builder.build(day(40)))
    said = str(refused.value)
    assert "the oldest is 40 days old" in said
    assert "Set horizon_days to 37 or less, for which the 100 oldest leads are old enough today" in said
    assert "wait until 2025-04-04, when the 100 oldest leads are older than 90 days" in said


def test_the_day_to_wait_for_and_the_shorter_horizon_do_give_as_many_leads() -> None:
    facts = funnel({"ads": QUICK}, 2_000, 40, seed=1)
    assert len(make_dataset(facts, day(93), 90)) >= 100
    assert len(make_dataset(facts, day(40), 37)) >= 100


def test_where_half_of_the_leads_came_in_the_first_month_the_way_that_cannot_be_tried_out_is_said() -> None:
    """On the day on which the inner test would begin, no lead was known by half: that was an IndexError."""
    facts = cut_history(after_a_move({"ads": Source(0.1, 140, 3.0)}, 8_000, 365, seed=1), day(365))
    builder = SnapshotBuilder(facts, schema(180), 180, seed=7)
    policy, why = choose_label_policy(builder, day(365))
    assert (policy, "too short to try it out" in why) == (LabelPolicy.DELAY_CORRECTED, True)
    split, known = builder.split_test(builder.build(day(365)))
    assert len(split.test) > 100
    assert known.won.sum() > 10
