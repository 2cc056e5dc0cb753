"""The hot routes take and refuse the same bodies, with the same words, whether or not FastAPI reads them."""

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serving.app import create_app
from serving.http.lead_bytes import read_plain_lead
from serving.http.strict_json import parse_json
from serving.schemas.requests import LeadIn
from serving.settings import Settings as ServiceSettings
from tests.serving.conftest import LOCAL, wait_until
from tests.serving.models import LEAD, Models
from training.model import ScoringModel

DIRECT, BY_FASTAPI = "application/json", 'application/json; charset="utf-8"'

plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["41", "\0"])
)
names = st.sampled_from([*LEAD["fields"], "utm_source", "created", "calls", "unknown", "lead_id"])
facts = st.fixed_dictionaries(
    {},
    optional={
        "lead_id": st.one_of(st.just("L-1"), st.just("L-1"), plain, st.sampled_from([7, "7.0", " L", "a  b", ["L"]])),
        "created_at": st.one_of(st.just("2026-03-02T09:30:00Z"), st.sampled_from(["2026-03-02", "soon", "", 5]), plain),
        "source": plain,
        "campaign": st.one_of(plain, st.just({"a": 1})),
        "value": st.one_of(st.floats(0, 1e6), plain),
        "fields": st.one_of(
            st.dictionaries(names, st.one_of(plain, st.just([1]), st.just({"a": {}})), max_size=4), plain
        ),
        "else": plain,
    },
)
BROKEN = [
    b"", b"{", b"[]", b"null", b'{"lead_id": "L-1"} ', b"\xef\xbb\xbf" + b'{"lead_id": "L-1"}', b'{"lead_id": "\xff"}',
    b'{"lead_id": "L-1", "lead_id": "L-1"}', b'{"lead_id" : "L-1", "fields": {"age": 1, "age": 2}}',
    b'{"lead_id": "L-1", "value": 1e400}', b'{"lead_id": "L-1", "fields": {"age": 123456789012345678901234567890}}',
    b'{"lead_id": "L-1", "fields": {"message": "\\ud800"}}', b'{"lead_id": "L-1", "fields": {"message": "\\"a\\": b"}}',
    b'{"lead_id": "L-1", "value": -0.0, "fields": {"age": -0, "calls": 1E2}}', b'{"lead_id": "L-1", "value": true}',
    b'{"lead_id": "L-1", "fields": {"message": "' + b"x" * 10_001 + b'"}}', b'{"lead_id": "L-1", "lead_i\\u0064": "L"}',
]  # fmt: skip


@pytest.fixture(scope="module")
def client(model: ScoringModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A ready service with a store of its own."""
    own = ServiceSettings(database_url=f"sqlite:///{tmp_path_factory.mktemp('direct')}/leads.db", open=True)
    with TestClient(create_app(own, Models(model)), base_url=LOCAL, raise_server_exceptions=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200)
        yield client


def answers(client: TestClient, body: bytes, method: str, path: str) -> list[tuple[int, dict[str, object]]]:
    """What is answered, less what differs from one request to the next."""
    found = []
    for content_type in (DIRECT, BY_FASTAPI):
        answer = client.request(method, path, content=body, headers={"Content-Type": content_type})
        told = answer.json()
        found.append((answer.status_code, {key: told[key] for key in told if key not in ("scored_at", "instance")}))
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts, st.sampled_from(["", "?reasons=0", "?reasons=11", "?reasons=3&x=1"]))
@example(LEAD, "")
def test_a_score_is_the_same(client: TestClient, lead: dict[str, object], query: str) -> None:
    direct, by_fastapi = answers(client, json.dumps(lead).encode(), "POST", f"/v1/score{query}")
    assert direct == by_fastapi


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts, st.sampled_from(["L-1", "7", "a%20b", "a%2Fb", "a%20%20b", "x/y"]))
@example({key: LEAD[key] for key in LEAD if key != "lead_id"}, "L-1")
def test_a_put_is_the_same(client: TestClient, lead: dict[str, object], path: str) -> None:
    direct, by_fastapi = answers(client, json.dumps(lead).encode(), "PUT", f"/v1/leads/{path}")
    assert without_what_stood(direct) == without_what_stood(by_fastapi)


def without_what_stood(answer: tuple[int, dict[str, object]]) -> tuple[int, dict[str, object]]:
    """An answer without what the PUT before it made different: the lead is no longer new, and facts were left out."""
    status, told = answer
    return (200 if status == 201 else status), {key: told[key] for key in told if key != "warnings"}


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_is_broken_is_refused_alike(client: TestClient, body: bytes) -> None:
    for method, path in (("POST", "/v1/score"), ("PUT", "/v1/leads/L-1")):
        direct, by_fastapi = answers(client, body, method, path)
        assert without_what_stood(direct) == without_what_stood(by_fastapi)


@settings(max_examples=200, deadline=None)
@given(facts)
def test_what_is_read_of_bytes_is_what_pydantic_reads(lead: dict[str, object]) -> None:
    body = json.dumps(lead).encode()
    read = read_plain_lead(body, 10_000)
    if read is not None:
        other = LeadIn.model_validate(parse_json(body))
        assert [repr(getattr(read, name)) for name in LeadIn.model_fields] == [
            repr(getattr(other, name)) for name in LeadIn.model_fields
        ]


def test_a_plain_lead_is_read_of_bytes() -> None:
    read = read_plain_lead(json.dumps(LEAD).encode(), 10_000)
    assert read is not None
    assert read.fields == LEAD["fields"]
    assert read_plain_lead(json.dumps(LEAD).encode(), 10_000, "L-2") is None


def test_a_direct_answer_is_counted_and_has_an_id(client: TestClient) -> None:
    def count() -> float:
        page = client.get("/metrics").text
        line = 'leads_requests_total{code="200",method="POST",route="/v1/score"} '
        return next((float(row.removeprefix(line)) for row in page.splitlines() if row.startswith(line)), 0.0)

    before = count()
    answer = client.post("/v1/score", json=LEAD, headers={"X-Request-ID": "mine"})
    assert answer.headers["X-Request-ID"] == "mine"
    assert count() == before + 1
