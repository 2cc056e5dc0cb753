"""What the service keeps beside the requests."""

import asyncio
import threading
import time
from collections.abc import Callable

from serving.background_cache import BackgroundCache
from tests.serving.conftest import wait_until


def test_nobody_waits_for_a_value_and_it_is_made_once() -> None:
    made: list[str] = []
    may = threading.Event()

    def make(key: str) -> str:
        may.wait(10)
        made.append(key)
        return key.upper()

    kept = BackgroundCache("test", make, seconds=3600)
    assert [kept.find("a") for _ in range(3)] == [None, None, None]
    may.set()
    wait_until(lambda: kept.find("a") is not None)
    kept.close()
    assert (kept.find("a"), made) == ("A", ["a"])


def test_a_value_that_cannot_be_made_anew_goes_on() -> None:
    answers: list[Callable[[], int]] = [lambda: 1, lambda: 1 // 0]
    kept = BackgroundCache[None, int]("test", lambda _: answers.pop(0)(), seconds=3600)
    kept.refresh(None)
    kept.refresh(None)
    assert kept.find(None) == 1


def test_a_first_value_that_cannot_be_made_is_said_and_tried_again() -> None:
    answers: list[Callable[[], int]] = [lambda: 1 // 0, lambda: 1]
    kept = BackgroundCache[None, int]("test", lambda _: answers.pop(0)(), seconds=3600, failed=-1, retry_seconds=0)
    kept.refresh(None)
    assert kept.find(None) == -1
    wait_until(lambda: kept.find(None) == 1)
    kept.close()


def test_the_values_that_were_asked_for_last_are_kept() -> None:
    kept = BackgroundCache[int, int]("test", lambda key: key, seconds=3600, most=2)
    kept.refresh(1)
    kept.refresh(2)
    assert kept.find(1) == 1
    kept.refresh(3)
    kept.close()
    assert [kept.find(key) for key in (1, 2, 3)] == [1, None, 3]


def test_one_that_is_too_old_is_made_anew_before_it_is_shown() -> None:
    answers = iter(range(1, 100))
    kept = BackgroundCache[None, int]("test", lambda _: next(answers), seconds=0.05)
    assert asyncio.run(kept.find_fresh(None)) == 1
    time.sleep(0.06)
    assert asyncio.run(kept.find_fresh(None, grace_seconds=3600)) == 1
    time.sleep(0.06)
    assert asyncio.run(kept.find_fresh(None)) > 1
    kept.close()


def test_nothing_is_made_once_the_service_has_stopped() -> None:
    made: list[None] = []
    kept = BackgroundCache[None, None]("test", made.append, seconds=0)
    kept.refresh(None)
    kept.close()
    kept.refresh(None)
    assert kept.find(None) is None
    assert made == [None]
