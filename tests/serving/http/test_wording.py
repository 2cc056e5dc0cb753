"""A refusal speaks our words, never a library's, and names the parameter or the place."""

import pytest
from fastapi.testclient import TestClient

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("path", "parameter", "detail"),
    [
        ("/v1/report?weeks=abc", "weeks", "no such parameter; accepted are before_from, before_to, from, to"),
        ("/v1/queue?limits=3", "limits", "no such parameter; accepted are agent, cursor, grade, "),
        ("/v1/metrics-contract?x=1", "x", "no such parameter; this route takes none"),
        ("/v1/queue?limit=-3", "limit", "expected a number from 1"),
        ("/v1/queue?limit=9999", "limit", "expected a number up to "),
        ("/v1/queue?limit=many", "limit", "expected a whole number"),
        ("/v1/queue?order=best", "order", "expected '"),
        ("/v1/report?from=2026-99-01", "from", "expected a day such as 2026-11-02"),
        ("/v1/report?from=yesterday", "from", "expected a day such as 2026-11-02"),
    ],
)
def test_a_query_parameter_that_cannot_be_used_is_named(
    client: TestClient, path: str, parameter: str, detail: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert fault["parameter"] == parameter
    assert fault["detail"].startswith(detail)


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/score"), ("PUT", "/v1/leads/L-1")])
def test_the_hot_routes_refuse_an_unknown_parameter(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, f"{path}?reason=5", json={"lead_id": "L-1", "fields": {}})
    assert answer.status_code == 422
    expected = {"parameter": "reason", "detail": "no such parameter; accepted are reasons"}
    assert expected.items() <= answer.json()["errors"][0].items()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"value": NaN}', "breaks at line 1 column 11: NaN is not JSON; send null or leave it out"),
        (b'{"value": -Infinity}', "-Infinity is not JSON; send null or leave it out"),
        (b'{"lead_id": ', "breaks at line 1 column 12: it ends too soon"),
        (b'{"a": 1,}', "a comma with nothing after it"),
        (b'{"a":\n "\\ud800"}', "breaks at line 2 column "),
        (b'{"a": "\\ud800"}', "half of a \\u escape without its other half"),
    ],
)
def test_broken_json_is_told_in_our_words(client: TestClient, body: bytes, detail: str) -> None:
    answer = client.post("/v1/score", content=body, headers=JSON)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_data_nested_too_deep_is_told_in_our_words(client: TestClient) -> None:
    answer = client.post("/v1/score", content=b"[" * 500, headers=JSON)
    assert [fault["detail"] for fault in answer.json()["errors"]] == ["nested too deep"]


def test_an_outcome_that_is_none_is_told_what_is_accepted(client: TestClient) -> None:
    answer = client.put("/v1/leads/L-1/outcome", json={"status": "maybe"})
    assert answer.json()["errors"][0]["detail"] == "expected 'won', 'lost' or 'open'"
