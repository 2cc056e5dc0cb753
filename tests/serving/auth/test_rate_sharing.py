"""A key's rate, and wrong keys at the sign-in, count over all processes that serve one store."""

import asyncio

import pytest

from serving.auth.rate_limit import ADDRESS_BUCKETS, RateLimit, bucket_of
from serving.auth.rate_sharing import RateSharing, SharedLimits, sharing_rates
from serving.auth.sessions import WRONG_KEYS_A_SECOND, WRONG_KEYS_AT_ONCE
from serving.store import Store, request_counts
from tests.serving.auth.test_limits import Clock, is_taken


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limits_of(clock: Clock, requests: RateLimit) -> SharedLimits:
    return SharedLimits(requests, RateLimit(WRONG_KEYS_A_SECOND, WRONG_KEYS_AT_ONCE, clock))


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
    sharing = [RateSharing(limits_of(clock, one), store) for one in rates]
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
        asyncio.run(RateSharing(limits_of(clock, rates), store).round())
    assert [is_taken(rates, "key") for _ in range(6)] == [True] * 5 + [False]


def test_one_process_with_a_file_of_its_own_tells_nobody(store: Store, clock: Clock) -> None:
    async def serve() -> None:
        async with sharing_rates(limits_of(clock, rates), store, workers=1):
            is_taken(rates, "key")

    rates = RateLimit(10, 10, clock)
    with store.running():
        asyncio.run(serve())
    assert store.read_now(request_counts.read) == {}


def test_who_tries_wrong_keys_at_every_process_gets_no_more_tries_than_at_one(store: Store, clock: Clock) -> None:
    processes = [limits_of(clock, RateLimit(10, 10, clock)) for _ in range(4)]
    with store.running():
        taken = asyncio.run(_guess_for_seconds(processes, store, clock, 300))
    assert taken <= WRONG_KEYS_AT_ONCE * len(processes) + WRONG_KEYS_A_SECOND * 300
    assert taken >= WRONG_KEYS_A_SECOND * 300 * 0.9
    assert is_taken(processes[0].requests, bucket_of("10.0.0.1")), "no key is charged for an address"


async def _guess_for_seconds(processes: list[SharedLimits], store: Store, clock: Clock, seconds: int) -> int:
    """How many wrong keys of one address were looked at, which tries one at each process every two seconds."""
    sharing = [RateSharing(one, store) for one in processes]
    taken = 0
    for _ in range(0, seconds, 2):
        for one in sharing:
            await one.round()
        taken += sum(is_taken(one.wrong_keys, bucket_of("10.0.0.1")) for one in processes)
        clock.now += 2
    return taken


def test_the_store_learns_no_address_and_keeps_few_rows_of_them(store: Store, clock: Clock) -> None:
    limits = limits_of(clock, RateLimit(10, 10, clock))
    addresses = [f"2001:db8::{number:x}" for number in range(3 * ADDRESS_BUCKETS)]
    with store.running():
        asyncio.run(_try_once_each(limits, store, addresses))
    kept = store.read_now(request_counts.read)
    assert len(kept) <= ADDRESS_BUCKETS
    assert sum(kept.values()) == len(addresses)
    assert not any(address in name for name in kept for address in addresses)


async def _try_once_each(limits: SharedLimits, store: Store, addresses: list[str]) -> None:
    sharing = RateSharing(limits, store)
    await sharing.round()
    for address in addresses:
        limits.wrong_keys.take(bucket_of(address))
    await sharing.round()
