"""What pages keep beside the requests."""

from collections.abc import Callable

from serving.pages.cached_value import CachedValue


def test_a_value_that_cannot_be_made_anew_goes_on() -> None:
    answers: list[Callable[[], int]] = [lambda: 1, lambda: 1 // 0]
    kept = CachedValue("test", lambda: answers.pop(0)(), seconds=3600)
    kept.refresh()
    kept.refresh()
    assert kept.value == 1


def test_nothing_is_made_once_the_service_has_stopped() -> None:
    made: list[int] = []
    kept = CachedValue("test", lambda: made.append(1), seconds=0)
    kept.refresh()
    kept.close()
    kept.refresh()
    assert kept.value is None
    assert made == [1]
