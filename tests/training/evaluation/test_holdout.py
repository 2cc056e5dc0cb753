"""What the contest holds candidates against: the leads judged before the test count as far as they are known by now."""

from datetime import UTC, datetime, timedelta

import numpy as np

from tests.training.funnels import QUICK, SLOW, funnel, schema
from training.data.dataset import Dataset
from training.evaluation.holdout import TestLeads as LastLeads
from training.labels.policy import SnapshotBuilder

BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)
TEACHING = SnapshotBuilder(funnel({"ads": QUICK, "fair": SLOW}, 3_000, 200, 1), schema(), 90, 7)


def at(days: int) -> Dataset:
    return TEACHING.build(BEGINNING + timedelta(days))


def test_a_lead_evaluated_before_the_test_counts_by_what_is_known_of_it_by_now() -> None:
    then, now = at(120), at(180)
    young = np.flatnonzero(then.observed_share < 1)
    last = LastLeads.of(now, np.arange(len(now) - 100, len(now)), then.leads.lead_id[young], schema())
    won, weight = last.before
    assert (weight >= then.observed_share[young] - 0.05).all()
    assert weight.sum() > then.observed_share[young].sum() + 50
    assert round((won * weight).sum()) == now.recorded_win[young].sum() > then.recorded_win[young].sum()


def test_an_evaluated_lead_that_is_no_example_any_more_does_not_count() -> None:
    now = at(180)
    last = LastLeads.of(now, np.arange(100), np.array(["L-3", "nobody tried it"], dtype=object), schema())
    assert last.before[1].tolist() == [now.observed_share[3], 0.0]
