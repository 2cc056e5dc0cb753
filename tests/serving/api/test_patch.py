"""Leads whose CRM sends what changed, and what a PUT says of that which it does not mention."""

import asyncio
from itertools import product
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.http.merge_patch import MEDIA_TYPE, apply_merge_patch
from tests.serving.crm import Clock, Crm
from tests.serving.models import LEAD

FACTS = {"source", "campaign", "value", "created_at", "fields"}

RFC_7396 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
"""The RFC's own table, appendix A."""


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396)
def test_a_patch_is_merged_as_the_rfc_says(target: object, patch: object, result: object) -> None:
    assert apply_merge_patch(target, patch) == result


def patch(crm: Crm, lead_id: str, /, **changes: Any) -> dict[str, Any]:
    answer = crm.client.patch(f"/v1/leads/{lead_id}", json=changes, headers={"content-type": MEDIA_TYPE})
    assert answer.status_code == 200, answer.text
    return answer.json()


def facts(crm: Crm, lead_id: str) -> dict[str, Any]:
    return {name: value for name, value in crm.lead(lead_id).items() if name in FACTS}


def test_what_a_put_leaves_out_is_gone_and_named(crm: Crm) -> None:
    full, less = crm.put("L-1", value=900.0), crm.put("L-1", fields={"age": 41}, source=None, created_at=None)
    assert full["warnings"] == []
    assert len(less["warnings"]) == 1
    gone = less["warnings"][0]
    assert gone.startswith(
        "a PUT replaces what was known, so this is gone: created_at, source, value, field 'job title'"
    )
    assert "campaign" not in gone
    assert gone.endswith("send changes alone with PATCH")
    assert crm.put("L-1", fields={"age": 41}, source=None, created_at=None)["warnings"] == []


def test_of_much_that_a_put_leaves_out_ten_names_and_a_count_are_told(crm: Crm) -> None:
    crm.put("L-1", fields={f"x{at}": 1 for at in range(500)})
    assert "field 'x9' and 490 more; " in crm.put("L-1", fields={})["warnings"][-1]


def test_a_patch_changes_what_it_names_and_scores_anew(crm: Crm) -> None:
    before = crm.put("L-1", value=900.0)
    known = facts(crm, "L-1")
    after = patch(crm, "L-1", fields={"job title": "clerk", "message": None})
    fields = {name: value for name, value in known["fields"].items() if name != "message"} | {"job title": "clerk"}
    assert facts(crm, "L-1") == known | {"fields": fields}
    assert after["probability"] < before["probability"]
    assert after["warnings"] == []
    assert crm.put("L-2", value=900.0, fields=fields)["probability"] == after["probability"]
    assert crm.queue()["leads"][-1]["score"]["probability"] == after["probability"]


def test_a_patch_that_changes_nothing_keeps_the_score(crm: Crm, clock: Clock) -> None:
    before = crm.put("L-1")
    nothing: tuple[dict[str, Any], ...] = (
        {},
        {"source": "search"},
        {"fields": {}},
        {"fields": {"age": 41}},
        {"fields": {"not there": None}},
    )
    for changes in nothing:
        assert patch(crm, "L-1", **changes)["scored_at"] == before["scored_at"]


def test_null_takes_a_role_away(crm: Crm) -> None:
    crm.put("L-1", value=900.0)
    patch(crm, "L-1", source=None, value=None, created_at=None)
    known = facts(crm, "L-1")
    assert (known["source"], known["value"], known["created_at"], known["campaign"]) == (None, None, None, "brand")
    patch(crm, "L-1", fields=None)
    assert facts(crm, "L-1")["fields"] == {}


@pytest.mark.parametrize("in_fields", [True, False])
def test_a_role_stays_where_the_company_put_it(crm: Crm, in_fields: bool) -> None:
    """Under its own name inside the fields, or at the top; and one at the top goes first."""
    sent = {"fields": {"utm_source": "search", "age": 41}} if in_fields else {"source": "search", "fields": {"age": 41}}
    assert crm.client.put("/v1/leads/L-1", json=sent).status_code == 201
    patch(crm, "L-1", fields={"age": 42})
    assert facts(crm, "L-1")["source"] == "search"
    patch(crm, "L-1", **({"fields": {"utm_source": "social"}} if in_fields else {"source": "social"}))
    known = facts(crm, "L-1")
    assert (known["source"], known["fields"]["age"]) == ("social", 42)
    patch(crm, "L-1", source="partner")
    patch(crm, "L-1", fields={"age": 43})
    assert facts(crm, "L-1")["source"] == "partner"


def test_null_takes_a_role_away_that_came_in_the_fields(crm: Crm) -> None:
    arrived = "2026-03-02T09:30:00Z"
    fields = {"utm_source": "search", "utm_campaign": "brand", "created": arrived, "age": 41}
    assert crm.client.put("/v1/leads/L-1", json={"fields": fields}).status_code == 201
    after = patch(crm, "L-1", source=None)
    known = facts(crm, "L-1")
    assert (known["source"], known["campaign"], known["created_at"]) == (None, "brand", arrived)
    assert known["fields"] == {name: value for name, value in fields.items() if name != "utm_source"}
    assert crm.put("L-2", **known)["probability"] == after["probability"]
    patch(crm, "L-1", campaign=None, created_at=None, fields={"age": 42})
    known = facts(crm, "L-1")
    assert (known["campaign"], known["created_at"], known["fields"]) == (None, None, {"age": 42})


def test_a_patch_may_move_a_role_into_the_fields(crm: Crm) -> None:
    crm.put("L-1", source="search")
    patch(crm, "L-1", source=None, fields={"utm_source": "social"})
    assert facts(crm, "L-1")["source"] == "social"


def test_a_lead_that_is_not_there_is_not_made(crm: Crm) -> None:
    answer = crm.client.patch("/v1/leads/L-1", json={"source": "ads"})
    assert answer.status_code == 404
    assert "PUT it first" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"fields": {"age": "old"}}, "/fields/age"),
        ({"created_at": "9999-12-31T00:00:00Z"}, "/created_at"),
        ({"value": -1}, "/value"),
        ({"value": "9"}, "/value"),
        ({"fields": [1]}, "/fields"),
        ({"fields": "x"}, "/fields"),
        ({"lead_id": "L-2"}, "/lead_id"),
        ({"score": 1}, "/score"),
        ([], ""),
        ("x", ""),
        ({"fields": {"x": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}}}, None),
        ({"fields": {"x": "y" * 10_001}}, "/fields/x"),
    ],
)
def test_a_patch_that_makes_no_lead_is_refused_and_changes_nothing(crm: Crm, changes: Any, pointer: str | None) -> None:
    crm.put("L-1")
    known = facts(crm, "L-1")
    answer = crm.client.patch("/v1/leads/L-1", json=changes)
    assert answer.status_code == 422, answer.text
    assert pointer is None or [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert facts(crm, "L-1") == known


def test_the_patch_may_name_the_lead(crm: Crm) -> None:
    crm.put("7")
    assert patch(crm, "7", lead_id=7, source="social")["lead_id"] == "7"


@pytest.mark.parametrize(("kind", "status"), [(MEDIA_TYPE, 200), ("application/json", 200), ("text/plain", 415)])
def test_a_patch_says_that_it_is_json(crm: Crm, kind: str, status: int) -> None:
    crm.put("L-1")
    assert crm.client.patch("/v1/leads/L-1", content="{}", headers={"content-type": kind}).status_code == status


def test_changes_that_meet_are_all_kept(crm: Crm) -> None:
    crm.put("L-1")

    async def meet() -> list[int]:
        transport = httpx2.ASGITransport(crm.client.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            asked = (client.patch("/v1/leads/L-1", json={"fields": {f"x{at}": at}}) for at in range(12))
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert crm.client.portal is not None
    assert crm.client.portal.call(meet) == [200] * 12
    assert {f"x{at}": at for at in range(12)}.items() <= facts(crm, "L-1")["fields"].items()


def test_a_patch_of_a_lead_that_was_closed_leaves_it_out_of_the_queue(crm: Crm) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "lost")
    patch(crm, "L-1", fields={"age": 50})
    assert crm.waiting() == []


def test_the_leads_page_shows_what_a_patch_made(crm: Crm) -> None:
    crm.put("L-1")
    patch(crm, "L-1", fields={"age": 50, "nested": {"a": 1, "b": 2}})
    patch(crm, "L-1", fields={"nested": {"a": None}})
    assert crm.lead("L-1")["fields"]["nested"] == {"b": 2}
    assert crm.lead("L-1")["fields"]["job title"] == LEAD["fields"]["job title"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, json_values)
def test_a_patch_applied_twice_changes_nothing_more(target: object, change: object) -> None:
    once = apply_merge_patch(target, change)
    assert apply_merge_patch(once, change) == once


def test_every_pair_of_patches_of_other_fields_may_change_places() -> None:
    for one, two in product(({"a": 1}, {"a": None}, {"a": {"x": 1}}), ({"b": 2}, {"b": None})):
        target = {"a": {"y": 0}, "b": 0}
        assert apply_merge_patch(apply_merge_patch(target, one), two) == apply_merge_patch(
            apply_merge_patch(target, two), one
        )
