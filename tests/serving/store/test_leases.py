"""Of many processes one does the work that is done for all, and another goes on where it dies."""

from datetime import timedelta

from serving.store import Store, leases
from tests.serving.crm import NOW


def test_one_holds_a_lease_until_it_gives_it_back_or_it_runs_out(store: Store) -> None:
    def take(holder: str, seconds: float, name: str = "work") -> bool:
        return store.write_now(leases.take, name, holder, NOW + timedelta(seconds=seconds))

    assert take("one", 0)
    assert not take("two", 1)
    assert take("two", 1, "other work")
    assert take("one", 20)  # renewed
    assert not take("two", leases.SECONDS + 1)
    assert take("two", 20 + leases.SECONDS)  # the first died
    store.write_now(leases.give_back, "work", "one")  # it is no longer its own
    assert not take("one", 21 + leases.SECONDS)
    store.write_now(leases.give_back, "work", "two")
    assert take("one", 21 + leases.SECONDS)


def test_a_lease_of_before_the_clock_was_set_back_holds_nobody_up(store: Store) -> None:
    assert store.write_now(leases.take, "work", "one", NOW)
    assert store.write_now(leases.take, "work", "two", NOW - timedelta(hours=1))
