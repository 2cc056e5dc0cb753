"""POST /v1/spend: kept, replaced, refused with a pointer to each row, and kept from whom it does not concern."""

from collections.abc import Callable
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select

from features.lead import Spend
from serving.store import Store, keys, spend, tables
from tests.serving.crm import service_of
from tests.serving.models import Models
from training.model import ScoringModel

DAY = {"date": "2026-11-02", "source": "Search Ads", "campaign": "brand", "amount": 12.5}


def kept(connection: Connection) -> list[tuple]:
    return [tuple(row) for row in connection.execute(select(tables.spend).order_by(*tables.spend.primary_key))]


@pytest.fixture
def api(model: ScoringModel, start: Callable[[Models], TestClient]) -> TestClient:
    return start(Models(model))


def in_store(client: TestClient) -> list[tuple]:
    return service_of(client).store.read_now(kept)


def test_an_amount_told_again_replaces_the_one_before(store: Store) -> None:
    day = date(2026, 11, 2)
    store.write_now(spend.put, [Spend(day, "ads", "brand", 10.0), Spend(day, "ads", None, 3.0)])
    store.write_now(spend.put, [Spend(day, "ads", "brand", 12.5)])

    assert store.read_now(kept) == [(day, "ads", "", 3.0), (day, "ads", "brand", 12.5)]


def test_spend_is_kept_and_told_again_replaced(api: TestClient) -> None:
    without = {key: value for key, value in DAY.items() if key != "campaign"}

    assert api.post("/v1/spend", json={"spend": [DAY, {**without, "amount": 3}]}).json() == {"stored": 2}
    assert api.post("/v1/spend", json={"spend": [{**DAY, "amount": 20}]}).status_code == 200

    day = date(2026, 11, 2)
    assert in_store(api) == [(day, "Search Ads", "", 3.0), (day, "Search Ads", "brand", 20.0)]


def test_a_source_is_spelled_as_that_of_a_lead(api: TestClient) -> None:
    api.post("/v1/spend", json={"spend": [{**DAY, "source": "  Search   Ads ", "campaign": 7}]})

    assert [row[1:3] for row in in_store(api)] == [("Search Ads", "7")]


REFUSED = {
    "no list": ({"spend": DAY}, ["/spend"]),
    "an empty list": ({"spend": []}, ["/spend"]),
    "1,001 rows": ({"spend": [DAY] * 1_001}, ["/spend"]),
    "another key": ({"spend": [DAY], "rows": []}, ["/rows"]),
    "a row that is none": ({"spend": [DAY, 3]}, ["/spend/1"]),
    "a day that is none": ({"spend": [{**DAY, "date": "2026-02-30"}]}, ["/spend/0/date"]),
    "a day as a number": ({"spend": [{**DAY, "date": 20261102}]}, ["/spend/0/date"]),
    "a day without dashes": ({"spend": [{**DAY, "date": "20261102"}]}, ["/spend/0/date"]),
    "a day out of reach": ({"spend": [{**DAY, "date": "0001-01-01"}]}, ["/spend/0/date"]),
    "no source": ({"spend": [{**DAY, "source": None}]}, ["/spend/0/source"]),
    "a source too long": ({"spend": [{**DAY, "source": "x" * 201}]}, ["/spend/0/source"]),
    "a NUL": ({"spend": [{**DAY, "source": "a\0b"}]}, ["/spend/0/source"]),
    "an amount below 0": ({"spend": [{**DAY, "amount": -0.01}]}, ["/spend/0/amount"]),
    "an amount as text": ({"spend": [{**DAY, "amount": "12"}]}, ["/spend/0/amount"]),
    "a mistyped key": ({"spend": [{**DAY, "ammount": 1}]}, ["/spend/0/ammount"]),
    "the same twice": ({"spend": [DAY, {**DAY, "amount": 1}]}, ["/spend/1"]),
    "several rows": (
        {"spend": [{**DAY, "amount": None}, DAY, {"date": "2026-11-03"}]},
        ["/spend/0/amount", "/spend/2/source", "/spend/2/amount"],
    ),
}


@pytest.mark.parametrize(("body", "pointers"), REFUSED.values(), ids=REFUSED)
def test_every_row_that_cannot_be_kept_is_pointed_at_and_none_is_kept(
    api: TestClient, body: object, pointers: list[str]
) -> None:
    answer = api.post("/v1/spend", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == pointers
    assert in_store(api) == []


def test_a_request_sent_again_under_its_key_is_not_done_again(api: TestClient) -> None:
    key = {"Idempotency-Key": "monday"}
    first = api.post("/v1/spend", json={"spend": [DAY]}, headers=key)
    api.post("/v1/spend", json={"spend": [{**DAY, "amount": 20}]})
    again = api.post("/v1/spend", json={"spend": [DAY]}, headers=key)

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [row[3] for row in in_store(api)] == [20.0]


@pytest.mark.parametrize(("scope", "status"), [("report", 200), ("admin", 200), ("score", 403), ("sales", 403)])
def test_it_takes_a_key_of_whoever_reports(api: TestClient, scope: keys.Scope, status: int) -> None:
    store: Store = service_of(api).store
    key = store.write_now(keys.create, scope, scope, service_of(api).clock())

    answer = api.post("/v1/spend", json={"spend": [DAY]}, headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == status
