"""Whatever is sent, the answer is never a fault of ours."""

import json
import math

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving.models import LEAD, SCHEMA

EXAMPLES = settings(max_examples=150, suppress_health_check=list(HealthCheck))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
odd_texts = st.sampled_from(
    [
        "",
        " ",
        "NaN",
        "inf",
        "1e400",
        "0001-01-01",
        "9999-12-31T23:59:59-23:59",
        "+",
        "@",
        "a@",
        "@b.c",
        "%",
        "1_0",
        "\uff11\uff12",
    ]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | odd_texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([field.name for field in SCHEMA.fields] + ["created", "utm_campaign", "id"]) | texts
leads = st.fixed_dictionaries(
    {
        "lead_id": st.integers() | texts | values,
        "fields": st.dictionaries(names, scalars | values, max_size=9) | values,
    },
    optional=dict.fromkeys(("created_at", "source", "campaign", "other"), scalars | values),
)


def post(client: TestClient, path: str, body: bytes | str) -> tuple[int, dict]:
    answer = client.post(path, content=body, headers={"content-type": "application/json"})
    return answer.status_code, answer.json()


@given(body=leads | values)
@EXAMPLES
def test_any_json_is_scored_or_refused(client: TestClient, body: object) -> None:
    status, told = post(client, "/v1/score?reasons=10", json.dumps(body))
    assert status in (200, 400, 422), told
    if status == 200:
        assert 0 < told["probability"] < 1
        assert all(math.isfinite(reason["contribution"]) for reason in told["reasons"])


@given(body=st.fixed_dictionaries({"leads": st.lists(leads | values, min_size=1, max_size=4)}) | values)
@EXAMPLES
def test_any_batch_is_answered_lead_by_lead_as_each_lead_alone(client: TestClient, body: object) -> None:
    status, told = post(client, "/v1/score/batch?reasons=0", json.dumps(body))
    assert status in (200, 400, 422), told
    if status == 200:
        for lead, result in zip(body["leads"], told["results"], strict=True):  # type: ignore[index, call-overload]
            alone, answer = post(client, "/v1/score?reasons=0", json.dumps(lead))
            assert result.get("probability") == answer.get("probability")
            assert ("problem" in result) == (alone != 200)


@given(body=st.binary(max_size=200))
@EXAMPLES
def test_any_bytes_are_refused_politely(client: TestClient, body: bytes) -> None:
    assert post(client, "/v1/score", body)[0] in (400, 422)


@given(cut=st.integers(0, len(json.dumps(LEAD)) - 1))
@EXAMPLES
def test_a_lead_cut_off_anywhere_is_broken_json(client: TestClient, cut: int) -> None:
    assert post(client, "/v1/score", json.dumps(LEAD)[:cut])[0] == 400
