"""LeadSchema: one lead as it came, with every problem it has, and a fingerprint of what the model reads."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from features.errors import FieldProblem, LeadRefused
from features.lead import Lead
from features.schema import Field, LeadSchema
from features.values import Kind, Known
from tests.features.companies import Company, companies

SCHEMA = LeadSchema(
    (
        Field("age", Kind.NUMERIC, missing=("999", "n/a")),
        Field("job", Kind.CATEGORY, missing=("Select",)),
        Field("demo", Kind.FLAG),
        Field("Lead Source", Kind.CATEGORY, missing=("Select",)),
        Field("deal", Kind.NUMERIC, Known.LATER),
    ),
    id="Lead ID",
    created_at="Created",
    source="Lead Source",
    campaign="utm",
)
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def refusal(schema: LeadSchema, fields: dict[str, object], **roles: object) -> tuple[FieldProblem, ...]:
    with pytest.raises(LeadRefused) as refused:
        schema.parse("L", fields, **roles)
    return refused.value.problems


def age(raw: object, **settings: str) -> object:
    return replace(SCHEMA, **settings).parse("L", {"age": raw}).fields["age"]


def test_roles_are_found_at_the_top() -> None:
    lead = SCHEMA.parse("L", {}, created_at="2026-11-02T12:00:00Z", source=" ads ", campaign=7)
    assert lead == Lead("L", NOON, "ads", "7")


def test_roles_are_found_under_the_companys_own_names() -> None:
    lead = SCHEMA.parse("L", {"Created": "2026-11-02 12:00", "Lead Source": "ads", "utm": "x", "age": 1})
    assert lead == Lead("L", NOON, "ads", "x", {"age": 1.0})


def test_a_role_at_the_top_goes_before_one_below_unless_it_is_missing() -> None:
    assert SCHEMA.parse("L", {"Lead Source": "below"}, source="top").source == "top"
    assert SCHEMA.parse("L", {"Lead Source": "below"}, source=" ").source == "below"


def test_a_field_that_plays_a_role_is_found_there() -> None:
    lead = SCHEMA.parse("L", {"age": 30}, source="ads")
    assert SCHEMA.value_of(lead, SCHEMA.fields[3]) == "ads"
    assert SCHEMA.value_of(lead, SCHEMA.fields[0]) == 30.0
    assert SCHEMA.value_of(lead, SCHEMA.fields[1]) is None


def test_placeholders_of_a_field_hold_for_the_role_it_plays() -> None:
    assert SCHEMA.parse("L", {}, source="SELECT").source is None


@pytest.mark.parametrize("raw", ["999", 999, 999.0, "999.0", " 999 ", "N/A", "n/a ", None, "", float("nan")])
def test_a_placeholder_in_any_spelling_is_missing(raw: object) -> None:
    assert age(raw) is None


def test_placeholders_follow_the_decimal_mark() -> None:
    schema = LeadSchema((Field("x", Kind.NUMERIC, missing=("1,5",)),), decimal=",")
    assert [schema.parse("L", {"x": raw}).fields["x"] for raw in ("1,5", "1,50", 1.5, "1.500")] == [
        None,
        None,
        None,
        1500,
    ]


def test_a_placeholder_is_no_part_of_a_longer_value() -> None:
    assert SCHEMA.parse("L", {"job": "Select all", "age": 9990}).fields == {"job": "Select all", "age": 9990.0}


def test_a_field_that_is_known_later_is_left_out_whatever_it_holds() -> None:
    lead = SCHEMA.parse("L", {"deal": "not a number", "age": 1})
    assert lead == Lead("L", fields={"age": 1.0})
    assert lead.later == ("deal",)
    assert SCHEMA.parse("L", {"deal": None}).later == ()


def test_times_that_came_without_a_zone_are_named() -> None:
    schema = LeadSchema(
        (
            Field("seen", Kind.DATETIME),
            Field("signed", Kind.DATETIME, date_format="%d.%m.%Y"),
            Field("met", Kind.DATETIME, missing=("1970-01-01",)),
        ),
        created_at="Created",
    )
    sent = {"seen": "2026-11-02T09:30+01:00", "signed": "02.11.2026", "met": "1970-01-01", "Created": "2026-11-02"}
    assert schema.parse("L-1", sent).zoneless == ("created_at", "signed")
    assert schema.parse("L-1", {"seen": None}, created_at="2026-11-02T09:30:00Z").zoneless == ()


def test_an_unknown_field_is_kept_as_it_came_and_named() -> None:
    sent = {"colour": "red", "n": 3, "yes": True, "list": [1], "nothing": None, "nan": float("nan"), "age": 5}
    lead = SCHEMA.parse("L", sent)
    assert lead.unknown == ("colour", "n", "yes", "list", "nothing", "nan")
    assert lead.fields == {
        "colour": "red",
        "n": 3,
        "yes": True,
        "list": "[1]",
        "nothing": None,
        "nan": None,
        "age": 5.0,
    }


def test_a_roles_english_name_inside_fields_is_only_an_unknown_field() -> None:
    lead = SCHEMA.parse("L", {"source": "ads"})
    assert (lead.source, lead.unknown) == (None, ("source",))


def test_every_problem_is_named_at_once_with_its_place_and_never_its_value() -> None:
    problems = refusal(SCHEMA, {"age": "secret", "demo": "perhaps", "utm": ["a"]}, created_at="soon", source={"a": 1})
    assert problems == (
        FieldProblem(("fields", "age"), "expected a number"),
        FieldProblem(("fields", "demo"), "expected true or false, yes or no, 1 or 0"),
        FieldProblem(("created_at",), "expected an ISO 8601 time such as 2026-11-02T09:30:00Z"),
        FieldProblem(("source",), "expected text, a number or true/false"),
        FieldProblem(("fields", "utm"), "expected text, a number or true/false"),
    )
    assert str(LeadRefused(problems[:2])) == (
        "fields.age: expected a number; fields.demo: expected true or false, yes or no, 1 or 0"
    )


def test_a_refusal_says_how_this_company_writes_numbers_and_dates() -> None:
    schema = replace(SCHEMA, decimal=",", date_format="%d.%m.%Y")
    assert [problem.detail for problem in refusal(schema, {"age": "x"}, created_at="x")] == [
        "expected a number, with a decimal comma",
        "expected a time written as %d.%m.%Y, or an ISO 8601 time such as 2026-11-02T09:30:00Z",
    ]


def test_numbers_and_dates_are_read_as_this_company_writes_them() -> None:
    assert [age("1.234,5", decimal=","), age("1,234.5")] == [1234.5, 1234.5]
    lead = replace(SCHEMA, date_format="%d.%m.%Y %H:%M").parse("L", {}, created_at="02.11.2026 12:00")
    assert lead.created_at == NOON


@given(companies())
def test_a_lead_read_again_is_the_same_lead(company: Company) -> None:
    for sent in company.sent():
        lead = company.schema.parse("L", sent)
        roles = {"created_at": lead.created_at, "source": lead.source, "campaign": lead.campaign}
        assert company.schema.parse("L", lead.fields, **roles) == lead


@given(companies())
def test_a_schema_read_back_from_json_is_equal(company: Company) -> None:
    again = LeadSchema.from_json(json.loads(json.dumps(company.schema.to_json())))
    assert again == company.schema
    assert again.fingerprint == company.schema.fingerprint


FIELD = SCHEMA.fields[0]


@pytest.mark.parametrize(
    "other",
    [
        replace(SCHEMA, fields=(replace(FIELD, name="Age"), *SCHEMA.fields[1:])),
        replace(SCHEMA, fields=(replace(FIELD, kind=Kind.CATEGORY), *SCHEMA.fields[1:])),
        replace(SCHEMA, fields=(replace(FIELD, known=Known.LATER), *SCHEMA.fields[1:])),
        replace(SCHEMA, fields=(replace(FIELD, missing=("999",)), *SCHEMA.fields[1:])),
        replace(SCHEMA, fields=SCHEMA.fields[1:]),
        replace(SCHEMA, fields=SCHEMA.fields[::-1]),
        replace(SCHEMA, created_at=None),
        replace(SCHEMA, source=None),
        replace(SCHEMA, campaign="Lead Source"),
        replace(SCHEMA, id="id"),
        replace(SCHEMA, decimal=","),
        replace(SCHEMA, date_format="%d.%m.%Y"),
    ],
)
def test_the_fingerprint_changes_with_all_that_changes_what_is_read(other: LeadSchema) -> None:
    assert other.fingerprint != SCHEMA.fingerprint


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    assert LeadSchema((Field("age", Kind.NUMERIC),)).fingerprint == "6684dfeaedf62199"


def test_columns_that_name_a_person_are_shown_and_never_scored() -> None:
    named = replace(SCHEMA, name="Full Name", phone="Phone", job="job")
    lead = named.parse("L", {"Full Name": "Ada", "Phone": "1", "job": "clerk", "shoe": 44})
    assert (lead.fields, lead.unknown) == ({"job": "clerk", "shoe": 44.0}, ("shoe",))
    assert named.person_columns == {"name": "Full Name", "job": "job", "phone": "Phone"}
    assert LeadSchema.from_json(named.to_json()) == named


def test_a_schema_without_a_person_keeps_the_fingerprint_that_it_had() -> None:
    assert "name" not in SCHEMA.to_json()
    assert LeadSchema((Field("age", Kind.NUMERIC),)).fingerprint == "6684dfeaedf62199"
    assert replace(SCHEMA, name="Full Name").fingerprint != SCHEMA.fingerprint
