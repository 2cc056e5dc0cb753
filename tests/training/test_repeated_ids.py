"""Ids that stand on several rows are found, in one part or in many."""

import numpy as np
import pytest

from training import repeated_ids
from training.repeated_ids import IdLog, hash_ids


@pytest.mark.parametrize("at_once", [3, 1_000])
def test_what_was_noted_twice_is_found_once(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(repeated_ids, "MOST_AT_ONCE", at_once)
    ids = np.array([f"L-{number % 90}" for number in range(100)], dtype=object)
    with IdLog() as log:
        log.note(ids[:60])
        log.note(ids[60:])
        assert sorted(log.repeated().tolist()) == sorted(set(hash_ids(ids[:10]).tolist()))


def test_nothing_noted_is_nothing_repeated() -> None:
    with IdLog() as log:
        assert len(log.repeated()) == 0
