"""Facts come back from the disk as they were, from any row on, and a full disk is told."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from features.errors import TableRefused
from features.tables.fact_batches import FactBatch
from features.tables.held_facts import HeldFacts


def batch(*numbers: int) -> FactBatch:
    times = np.array([f"2026-11-{number:02}T01:02:03.000004" for number in numbers], dtype="datetime64[us]")
    times[0] = "NaT"
    fields = [{"note": None, "title": f"é {number}"} for number in numbers]
    return FactBatch([*numbers], {"created_at": times, "value": [0.1] * len(numbers), "fields": fields})


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Has writes beyond this size fail as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("skipped", range(6))
def test_the_rows_of_a_table_come_back_from_any_of_them_on(skipped: int) -> None:
    with HeldFacts() as held:
        held.add("leads", batch(2, 3))
        held.add("contacts", batch(9))
        held.add("leads", batch(4, 5, 6))

        found = [*held.batches("leads", skipped)]

    expected = [*batch(2, 3).facts(), *batch(4, 5, 6).facts()][skipped:]
    assert [fact for one in found for fact in one.facts()] == expected
    assert [number for one in found for number in one.numbers] == [2, 3, 4, 5, 6][skipped:]
    assert all(one.columns["created_at"].dtype == "datetime64[us]" for one in found)


def test_a_disk_without_room_is_told() -> None:
    with HeldFacts() as held, files_of_at_most(1_000), pytest.raises(TableRefused, match="rows cannot be kept in /"):
        held.add("leads", batch(*range(1, 30)))
