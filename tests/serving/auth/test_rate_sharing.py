"""A key's rate counts over all processes that serve one store."""

import asyncio

import pytest

from serving.auth.rate_limit import RateLimit
from serving.auth.rate_sharing import RateSharing, sharing_rates
from serving.store import Store, request_counts
from tests.serving.auth.test_limits import Clock, is_taken


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("processes", [2, 6])
def test_a_key_that_asks_every_process_gets_its_rate_over_all_of_them(
    store: Store, clock: Clock, processes: int
) -> None:
    rates = [RateLimit(10, 10, clock) for _ in range(processes)]
    with store.running():
        taken = asyncio.run(_ask_for_seconds(rates, store, clock, 20))
    assert taken <= 10 * processes + 10 * 20  # each one's burst once, then the rate
    assert taken >= 10 * 20 * 0.9


async def _ask_for_seconds(rates: list[RateLimit], store: Store, clock: Clock, seconds: int) -> int:
    """How many requests were let through of a key that asks all processes thirty times a second."""
    sharing = [RateSharing(one, store) for one in rates]
    for one in sharing:
        await one.round()
    taken = 0
    for _ in range(seconds):
        for _ in range(30):
            taken += sum(is_taken(one, "key") for one in rates)
            clock.now += 1 / 30
        for one in sharing:
            await one.round()
    return taken


def test_a_process_that_starts_later_owes_nothing_for_what_was_before(store: Store, clock: Clock) -> None:
    store.write_now(request_counts.add, {"key": 1_000})
    rates = RateLimit(1, 5, clock)
    with store.running():
        asyncio.run(RateSharing(rates, store).round())
    assert [is_taken(rates, "key") for _ in range(6)] == [True] * 5 + [False]


def test_one_process_with_a_file_of_its_own_tells_nobody(store: Store, clock: Clock) -> None:
    async def serve() -> None:
        async with sharing_rates(rates, store, workers=1):
            is_taken(rates, "key")

    rates = RateLimit(10, 10, clock)
    with store.running():
        asyncio.run(serve())
    assert store.read_now(request_counts.read) == {}
