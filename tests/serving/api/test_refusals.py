"""Every refusal of every route: a problem that points at the place and never repeats a value."""

import json
from collections.abc import Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.serving.models import LEAD

SECRET = "s3cret-value"
JSON = {"content-type": "application/json"}
FIELDS = LEAD["fields"]


def lead(**changes: object) -> dict:
    return {**LEAD, **changes}


def fields(**changes: object) -> dict:
    return lead(fields={**FIELDS, **changes})


LEADS = {
    "an array": ([], ""),
    "a text": (SECRET, ""),
    "null": (None, ""),
    "no id": ({"fields": {}}, "/lead_id"),
    "an empty id": (lead(lead_id=""), "/lead_id"),
    "a blank id": (lead(lead_id=" \t"), "/lead_id"),
    "an id of 201 characters": (lead(lead_id="x" * 201), "/lead_id"),
    "an id that is true": (lead(lead_id=True), "/lead_id"),
    "an id with a fraction": (lead(lead_id=1.5), "/lead_id"),
    "an id that is a list": (lead(lead_id=[SECRET]), "/lead_id"),
    "a null id": (lead(lead_id=None), "/lead_id"),
    "a mistyped key": ({**LEAD, "feilds": {SECRET: 1}}, "/feilds"),
    "fields as a list": (lead(fields=[SECRET]), "/fields"),
    "fields as null": (lead(fields=None), "/fields"),
    "a number as text": (fields(age=SECRET), "/fields/age"),
    "a number as true": (fields(age=True), "/fields/age"),
    "a number as a list": (fields(age=[41]), "/fields/age"),
    "a number without end": (fields(age="1e999"), "/fields/age"),
    "a huge whole number": (fields(age=10**400), "/fields/age"),
    "a flag as text": (fields(newsletter=SECRET), "/fields/newsletter"),
    "a flag as 2": (fields(newsletter=2), "/fields/newsletter"),
    "a time as text": (fields(last_visit=SECRET), "/fields/last_visit"),
    "a time as a number": (fields(last_visit=1762075800), "/fields/last_visit"),
    "a time beyond the calendar": (fields(last_visit="9999-12-31T23:59:59-14:00"), "/fields/last_visit"),
    "a category as an object": (fields(**{"job title": {"a": SECRET}}), "/fields/job title"),
    "an e-mail as a list": (fields(**{"e-mail": [SECRET]}), "/fields/e-mail"),
    "a phone as an object": (fields(phone={"a": SECRET}), "/fields/phone"),
    "a message too long": (fields(message="x" * 10_001), "/fields/message"),
    "a name too long": (fields(**{"x" * 10_001: 1}), "/fields"),
    "fields nested too deep": (fields(other=[[[[[[[[[1]]]]]]]]]), "/fields/other" + "/0" * 8),
    "an arrival that is no time": (lead(created_at=SECRET), "/created_at"),
    "an arrival that is no time, inside fields": (
        {"lead_id": "L-1", "fields": {"created": SECRET}},
        "/fields/created",
    ),
    "a source as a list": (lead(source=[SECRET]), "/source"),
    "a campaign as an object": (lead(campaign={"a": SECRET}), "/campaign"),
    "a key with a slash and a tilde": ({**LEAD, "a/b~c": 1}, "/a~1b~0c"),
}


def problem(answer: httpx2.Response, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(told)
    assert told["status"] == status
    assert told["instance"].endswith(answer.headers["x-request-id"])
    assert SECRET not in answer.text
    return told


@pytest.mark.parametrize(("body", "pointer"), LEADS.values(), ids=LEADS)
def test_a_bad_lead_is_refused_where_it_is_wrong(client: TestClient, body: object, pointer: str) -> None:
    told = problem(client.post("/v1/score", content=json.dumps(body), headers=JSON), 422)
    assert [fault["pointer"] for fault in told["errors"]] == [pointer]


@pytest.mark.parametrize(("body", "pointer"), LEADS.values(), ids=LEADS)
def test_a_bad_lead_in_a_batch_is_refused_alone(client: TestClient, body: object, pointer: str) -> None:
    answer = client.post("/v1/score/batch", json={"leads": [LEAD, body]})
    good, bad = answer.json()["results"]
    assert good["lead_id"] == "L-1"
    assert [fault["pointer"] for fault in bad["problem"]["errors"]] == [f"/leads/1{pointer}"]
    assert SECRET not in json.dumps(bad["problem"])


def test_every_bad_field_is_named_at_once(client: TestClient) -> None:
    told = problem(client.post("/v1/score", json=fields(age="x", newsletter="x", last_visit="x")), 422)
    assert [fault["pointer"] for fault in told["errors"]] == [
        "/fields/age",
        "/fields/newsletter",
        "/fields/last_visit",
    ]
    assert told["errors"][0]["detail"] == "expected a number"


BATCHES = {
    "a list": ([LEAD], [""]),
    "no leads": ({}, ["/leads"]),
    "an empty list": ({"leads": []}, ["/leads"]),
    "an object of leads": ({"leads": {"0": LEAD}}, ["/leads"]),
    "1,001 leads": ({"leads": [{}] * 1_001}, ["/leads"]),
    "another key": ({"leads": [LEAD], "lead": LEAD}, ["/lead"]),
}


@pytest.mark.parametrize(("body", "pointers"), BATCHES.values(), ids=BATCHES)
def test_a_batch_that_cannot_be_read_is_refused(client: TestClient, body: object, pointers: list[str]) -> None:
    told = problem(client.post("/v1/score/batch", json=body), 422)
    assert [fault["pointer"] for fault in told["errors"]] == pointers


BROKEN = {
    "nothing": b"",
    "white space": b" \n",
    "half an object": b'{"lead_id": "s3cret-value',
    "a trailing comma": b'{"lead_id": "s3cret-value",}',
    "two documents": b'{"lead_id": "L-1"} {}',
    "single quotes": b"{'lead_id': 's3cret-value'}",
    "NaN": b'{"lead_id": "L-1", "fields": {"age": NaN}}',
    "Infinity": b'{"lead_id": "L-1", "fields": {"age": -Infinity}}',
    "Latin-1": '{"lead_id": "Zoë"}'.encode("latin-1"),
    "UTF-16": '{"lead_id": "L-1"}'.encode("utf-16"),
    "half a surrogate": b'{"lead_id": "\\ud800"}',
    "a control character": b'{"lead_id": "a\x00b"}',
    "a number of 5,000 digits": b'{"lead_id": 1' + b"0" * 5_000 + b"}",
    "a key twice": b'{"lead_id": "L-1", "fields": {"age": 1, "age" : 2}}',
    "a key twice, once escaped": b'{"lead_id": "L-1", "fields": {"age": 1, "\\u0061ge": 2}}',
}


@pytest.mark.parametrize("route", ["/v1/score", "/v1/score/batch"])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_is_no_json_is_refused(client: TestClient, route: str, body: bytes) -> None:
    assert "Traceback" not in problem(client.post(route, content=body, headers=JSON), 400)["detail"]


def test_broken_json_is_refused_with_its_position(client: TestClient) -> None:
    told = problem(client.post("/v1/score", content=b'{"lead_id":\n "L-1",}', headers=JSON), 400)
    assert told["detail"] == "breaks at line 2 column 8: a comma with nothing after it"


def test_a_number_beyond_the_floats_is_refused_at_its_place(client: TestClient) -> None:
    body = b'{"lead_id": "L-1", "fields": {"age": 1e999}}'
    told = problem(client.post("/v1/score", content=body, headers=JSON), 422)
    assert told["errors"][0]["pointer"] == "/fields/age"


@pytest.mark.parametrize("route", ["/v1/score", "/v1/score/batch"])
def test_nesting_without_end_is_refused(client: TestClient, route: str) -> None:
    problem(client.post(route, content=b"[" * 100_000, headers=JSON), 422)


@pytest.mark.parametrize("route", ["/v1/score", "/v1/score/batch"])
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=latin-1"],
)
def test_another_content_type_is_refused(client: TestClient, route: str, content_type: str) -> None:
    problem(client.post(route, content=json.dumps(LEAD), headers={"content-type": content_type}), 415)


@pytest.mark.parametrize("route", ["/v1/score", "/v1/score/batch"])
def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(client: TestClient, route: str) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(41):
            yield b" " * 100_000

    problem(client.post(route, content=b" " * 4_000_001, headers=JSON), 413)
    problem(client.post(route, content=chunks(), headers=JSON), 413)


@pytest.mark.parametrize("route", ["/v1/score", "/v1/score/batch"])
@pytest.mark.parametrize("reasons", ["-1", "11", "x", "", "1.5", "s3cret-value"])
def test_a_number_of_reasons_out_of_range_is_refused(client: TestClient, route: str, reasons: str) -> None:
    body = LEAD if route == "/v1/score" else {"leads": [LEAD]}
    told = problem(client.post(f"{route}?reasons={reasons}", json=body), 422)
    assert [fault["parameter"] for fault in told["errors"]] == ["reasons"]


@pytest.mark.parametrize("path", ["/v1", "/v1/score/", "/v1/leads/s3cret-value", "/v1/score/../../etc/passwd"])
def test_there_is_nothing_at_other_paths(client: TestClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/score", "POST"),
        ("PUT", "/v1/score/batch", "POST"),
        ("POST", "/v1/model", "GET, HEAD"),
        ("DELETE", "/v1/schema", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("PATCH", "/readyz", "GET, HEAD"),
    ],
)
def test_another_method_is_refused(client: TestClient, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    problem(answer, 405)
    assert answer.headers["allow"] == allowed
