"""A fit that a cluster loses is begun again, at most twice."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from features.errors import TableRefused
from training.cluster.restarts import run_with_restarts
from training.cluster.session import ClusterRefused


@dataclass
class Fits:
    """Attempts of which each does the next thing of a list."""

    todo: list[Callable[[], str]]
    lost: list[str] = field(default_factory=list)
    abandoned: int = 0
    notes: list[str] = field(default_factory=list)

    def begin(self) -> "Fits":
        return self

    def run(self) -> str:
        return self.todo.pop(0)()

    def lost_workers(self) -> list[str]:
        return self.lost

    def abandon(self) -> None:
        self.abandoned += 1
        self.lost = []

    def result(self, timeout_s: float = 60.0) -> str:
        return run_with_restarts(self.begin, timeout_s, self.notes.append, look_every_s=0.01)


def fail() -> str:
    raise OSError("socket closed\nwith details")


def never_end() -> str:
    threading.Event().wait(20)
    return "too late"


def test_a_fit_that_fails_twice_is_begun_a_third_time() -> None:
    fits = Fits([fail, fail, lambda: "trees"])
    assert fits.result() == "trees"
    assert fits.abandoned == 2
    assert fits.notes == ["failed: socket closed (OSError)"] * 2


def test_a_fit_that_never_ends_is_given_up_after_its_time() -> None:
    fits = Fits([never_end, lambda: "trees"])
    assert fits.result(timeout_s=0.05) == "trees"
    assert fits.notes == ["did not end within 0 seconds"]


def test_a_fit_that_lost_a_worker_is_not_waited_for() -> None:
    fits = Fits([never_end, lambda: "trees"], lost=["tcp://10.0.0.7:40001"])
    assert fits.result() == "trees"
    assert fits.notes == ["lost tcp://10.0.0.7:40001 while it ran"]


def test_after_three_attempts_all_reasons_are_named() -> None:
    fits = Fits([fail, never_end, fail])
    with pytest.raises(ClusterRefused, match="given up 3 times") as refused:
        fits.result(timeout_s=0.05)
    assert "failed: socket closed" in str(refused.value)
    assert "did not end" in str(refused.value)
    assert fits.abandoned == 3
    assert fits.todo == []


def test_what_a_person_has_to_mend_is_not_tried_again() -> None:
    def refuse() -> str:
        raise TableRefused([], "leads")

    fits = Fits([refuse, lambda: "trees"])
    with pytest.raises(TableRefused):
        fits.result()
    assert fits.abandoned == 0
