"""Trainings that pages start: one at a time over all processes, and what is known of one whose process is gone."""

from datetime import timedelta

from serving.store import Store, leases, trainings
from serving.store.trainings import Training
from tests.serving.crm import NOW


def begin(store: Store, seconds: float = 0) -> Training | None:
    return store.write_now(trainings.begin, "Olga", {"budget_s": 60.0}, NOW + timedelta(seconds=seconds))


def recent(store: Store, seconds: float = 0) -> list[tuple[str, str, float]]:
    found = store.read_now(trainings.find_recent, 10, NOW + timedelta(seconds=seconds))
    return [(training.state, training.step, training.share) for training in found]


def test_one_training_runs_at_a_time_and_says_how_far_it_is(store: Store) -> None:
    first = begin(store)
    assert first is not None
    assert begin(store, 1) is None
    assert store.write_now(trainings.renew, first.training_id, "fitting", 0.5, NOW + timedelta(seconds=20))
    assert begin(store, leases.SECONDS + 10) is None
    assert recent(store, leases.SECONDS + 10) == [("running", "fitting", 0.5)]

    report = {"version": "2"}
    store.write_now(trainings.end, first.training_id, "done", report, "", NOW + timedelta(seconds=60))
    second = begin(store, 61)
    assert second is not None
    assert recent(store, 61) == [("running", "", 0.0), ("done", "fitting", 0.5)]
    assert store.read_now(trainings.find_recent, 10, NOW)[1].report == report


def test_a_training_that_says_nothing_any_more_is_lost_and_cannot_come_back(store: Store) -> None:
    first = begin(store)
    assert first is not None
    later = leases.SECONDS + 1
    assert recent(store, later) == [("lost", "", 0.0)]
    assert begin(store, later) is not None
    assert not store.write_now(trainings.renew, first.training_id, "fitting", 0.5, NOW + timedelta(seconds=later))
    assert [state for state, *_ in recent(store, later)] == ["running", "lost"]


def test_it_is_told_to_stop_once_and_by_whichever_process(store: Store) -> None:
    first = begin(store)
    assert first is not None
    assert store.write_now(trainings.ask_to_stop, first.training_id)
    assert not store.write_now(trainings.ask_to_stop, first.training_id)
    assert not store.write_now(trainings.renew, first.training_id, "fitting", 0.5, NOW)
    assert begin(store) is None  # until its process has ended it
    store.write_now(trainings.end, first.training_id, "stopped", None, "stopped by hand", NOW)
    assert recent(store) == [("stopped", "", 0.0)]
    assert not store.write_now(trainings.ask_to_stop, first.training_id)
