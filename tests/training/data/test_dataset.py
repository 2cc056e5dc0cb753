"""Datasets: the training examples of a history at an as-of date."""

from datetime import UTC, datetime

import numpy as np
import pytest

from features.history import NEVER, History
from features.lead_table import LeadTable
from tests.training.leads import history
from training.data.dataset import TooFewOutcomes, make_dataset
from training.labels.states import State

DAY_0 = np.datetime64("2026-01-01T00:00:00", "us")


HORIZON = 30


def day(number: float | None) -> np.datetime64:
    return NEVER if number is None else DAY_0 + np.timedelta64(int(number * 86_400e6), "us")


def at(number: int) -> datetime:
    moment: datetime = day(number).astype("datetime64[us]").astype(object)
    return moment.replace(tzinfo=UTC)


def table(arrivals: list[float] | None, leads: int) -> LeadTable:
    ids = np.array([f"L-{number}" for number in range(leads)], dtype=object)
    return LeadTable(ids, None if arrivals is None else np.array([day(number) for number in arrivals]), None, None, {})


def mixed() -> History:
    """Out of order: won, lost by age, lost, won, too young, not worked."""
    status = np.array(["won", None, "lost", "won", None, "not_worked"], dtype=object)
    closed = np.array([day(number) for number in (25, None, 12, 9, None, None)])
    return History(table([20, 3, 10, 5, 95, 30], 6), status, closed)


def test_a_dataset_holds_the_examples_by_arrival_and_the_young_apart() -> None:
    dataset = make_dataset(mixed(), at(100), HORIZON)
    assert dataset.leads.lead_id.tolist() == ["L-1", "L-3", "L-2", "L-0"]
    assert dataset.won.tolist() == [0.0, 1.0, 0.0, 1.0]
    assert dataset.sample_weight.tolist() == [1.0] * 4
    assert dataset.young.lead_id.tolist() == ["L-4"]
    assert dataset.counts == {State.WON: 2, State.LOST: 2, State.OPEN: 1, State.NOT_WORKED: 1}


def test_a_dataset_keeps_the_tables_order_where_it_is_asked_to() -> None:
    dataset = make_dataset(mixed(), at(100), HORIZON, by_arrival=False)
    assert dataset.leads.lead_id.tolist() == ["L-0", "L-1", "L-2", "L-3"]


def test_leads_of_the_same_arrival_keep_the_tables_order() -> None:
    status = np.array(["won", "lost"] * 20, dtype=object)
    dataset = make_dataset(History(table([1] * 40, 40), status), at(100), HORIZON)
    assert dataset.leads.lead_id.tolist() == [f"L-{number}" for number in range(40)]


def test_the_hash_changes_with_an_outcome_and_with_nothing_else() -> None:
    hashes = {make_dataset(mixed(), at(date), HORIZON).content_hash for date in (100, 101)}
    turned = mixed()
    turned.status[2] = "won"
    assert len(hashes) == 1
    assert make_dataset(turned, at(100), HORIZON).content_hash not in hashes


@pytest.mark.parametrize("status", ["won", "lost"])
def test_one_class_alone_is_refused_with_the_counts(status: str) -> None:
    leads = History(table([0, 1], 2), np.array([status] * 2, dtype=object))
    with pytest.raises(TooFewOutcomes, match=r"2 leads can teach at 2026-04-11 with a horizon of 30 days.*2 " + status):
        make_dataset(leads, at(100), HORIZON)


def test_leads_that_are_all_too_young_are_refused() -> None:
    with pytest.raises(TooFewOutcomes, match="0 leads can teach"):
        make_dataset(mixed(), at(30), HORIZON)


def test_the_later_the_as_of_date_the_more_leads_are_examples() -> None:
    facts = history(300)
    sizes = [len(make_dataset(facts, datetime(2025, month, 1, tzinfo=UTC), HORIZON)) for month in (4, 8, 12)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
