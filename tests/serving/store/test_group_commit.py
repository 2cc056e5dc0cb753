"""Changes that wait together share a commit; each is answered after it, and none suffers from another's fault."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select

from serving.migrations import prepare
from serving.settings import Settings
from serving.store import Store, tables
from tests.serving.conftest import wait_until
from tests.serving.models import Models
from training.model import ScoringModel

NOW = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def commits() -> list[int]:
    """How many changes each commit so far was shared by."""
    return []


@pytest.fixture
def store(database_url: str, commits: list[int]) -> Iterator[Store]:
    made = Store(database_url, commits.append)
    prepare(made.database)
    with made.running():
        yield made


def erase(connection: Connection, lead_hash: str) -> str:
    """A small change, refused the second time."""
    connection.execute(tables.erased.insert(), {"lead_hash": lead_hash, "erased_at": NOW})
    return lead_hash


def kept(store: Store) -> set[str]:
    return set(store.read_now(lambda connection: connection.scalars(select(tables.erased.c.lead_hash)).all()))


def test_many_changes_share_few_commits(store: Store, commits: list[int]) -> None:
    async def write_all() -> list[str]:
        return await asyncio.gather(*(store.write(erase, str(number)) for number in range(500)))

    assert asyncio.run(write_all()) == [str(number) for number in range(500)]
    assert len(kept(store)) == 500
    assert sum(commits) == 500
    assert len(commits) < 100


def test_one_bad_change_is_refused_alone(store: Store) -> None:
    async def write_all() -> list[object]:
        changes = (store.write(erase, name) for name in ("a", "b", "a", "c"))
        return await asyncio.gather(*changes, return_exceptions=True)

    results = asyncio.run(write_all())

    assert [isinstance(result, Exception) for result in results] == [False, False, True, False]
    assert kept(store) == {"a", "b", "c"}


def test_a_change_that_fails_half_way_leaves_nothing(store: Store) -> None:
    def half(connection: Connection) -> None:
        erase(connection, "half")
        raise LookupError("the other half is missing")

    async def write_both() -> tuple[object, ...]:
        return await asyncio.gather(store.write(half), store.write(erase, "whole"), return_exceptions=True)

    assert isinstance(asyncio.run(write_both())[0], LookupError)
    assert kept(store) == {"whole"}


def test_changes_made_together_are_given_together_and_answered_in_order(store: Store) -> None:
    given: list[int] = []

    def doubled(connection: Connection, numbers: Sequence[int]) -> list[int]:
        given.append(len(numbers))
        return [2 * number for number in numbers]

    async def write_all() -> list[int]:
        return await asyncio.gather(*(store.write_together(doubled, number) for number in range(100)))

    assert asyncio.run(write_all()) == [2 * number for number in range(100)]
    assert max(given) > 1


def test_while_another_holds_the_database_a_put_is_told_to_come_again(
    start: Callable[[Models], TestClient], model: ScoringModel, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.store.database.BUSY_SECONDS", 0.05)
    client = start(Models(model))
    wait_until(lambda: client.get("/readyz").status_code == 200)
    with closing(sqlite3.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        away = client.put("/v1/leads/L-1", json={})
        other.execute("ROLLBACK")

    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    assert client.put("/v1/leads/L-1", json={}).status_code == 201
