"""FeatureEncoder: a table and a lead alone become the same numbers, learned from training leads and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.encode import FeatureEncoder
from features.encoders import MAX_LEVELS, MAX_SEEN, MAX_WORDS, POOL, Category
from features.errors import TableRefused
from features.lead import Lead
from features.lead_table import LeadTable, one_lead, parse_leads
from features.schema import Field, LeadRefused, LeadSchema
from features.values import Kind, Known
from tests.features.companies import FORMATS, JSON, Company, companies, fields_named

NAN = float("nan")
NOON = "2026-03-02T12:00:00Z"


def table(values: Sequence[object], kind: Kind, **roles: str) -> tuple[LeadTable, LeadSchema]:
    """Leads that hold one field, "x", and, where the schema has an arrival time, arrived on 2 March 2026 at noon."""
    schema = LeadSchema((Field("x", kind),), **roles)
    raw = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    return parse_leads(raw.assign(**({"at": NOON} if roles else {})), schema), schema


def fitted(values: Sequence[object], kind: Kind, **roles: str) -> FeatureEncoder:
    return FeatureEncoder.fit(*table(values, kind, **roles))


def row(encoder: FeatureEncoder, value: object) -> list[float]:
    return encoder.encode_lead(encoder.schema.parse("L", {"x": value}, created_at=NOON)).tolist()


def names(encoder: FeatureEncoder) -> list[str]:
    return [column.name for column in encoder.columns]


def learned(company: Company) -> tuple[LeadTable, FeatureEncoder]:
    """All leads, and an encoder that saw the first half of them."""
    leads = parse_leads(company.raw, company.schema)
    return leads, FeatureEncoder.fit(leads.take(np.arange((len(leads) + 1) // 2)), company.schema)


@settings(max_examples=250, deadline=None)
@given(companies())
def test_a_table_and_each_of_its_leads_alone_are_the_same_numbers_to_the_bit(company: Company) -> None:
    leads, encoder = learned(company)
    matrix = encoder.encode(leads)
    for place, sent in enumerate(company.sent()):
        alone = one_lead(leads, place, company.schema)
        assert encoder.encode_lead(alone).tobytes() == matrix[place].tobytes()
        by_itself = company.schema.parse("L", sent)
        assert encoder.encode_lead(by_itself).tobytes() == matrix[place].tobytes()
        assert list(encoder.unseen(alone)) == list(encoder.unseen(by_itself))


@settings(max_examples=80, deadline=None)
@given(companies())
def test_an_encoder_read_back_from_json_is_equal_and_gives_the_same_numbers(company: Company) -> None:
    leads, encoder = learned(company)
    state, schema = json.loads(json.dumps([encoder.to_json(), encoder.schema.to_json()]))
    again = FeatureEncoder.from_json(LeadSchema.from_json(schema), state)
    assert again == encoder
    assert again.columns == encoder.columns
    assert again.encode(leads).tobytes() == encoder.encode(leads).tobytes()


@settings(max_examples=300, deadline=None)
@given(value=JSON, field=fields_named("x"), decimal=st.sampled_from(".,"), date_format=st.sampled_from(FORMATS))
def test_whatever_a_lead_alone_may_hold_is_encoded_as_in_a_table_and_what_it_may_not_is_refused_in_both(
    value: object, field: Field, decimal: str, date_format: str | None
) -> None:
    schema = LeadSchema((replace(field, known=Known.ARRIVAL),), decimal=decimal, date_format=date_format)
    seen = parse_leads(pd.DataFrame({"x": pd.Series([None], dtype=object)}), schema)
    encoder = FeatureEncoder.fit(seen, schema)
    column = pd.Series([None], dtype=object)
    column[0] = value
    raw = pd.DataFrame({"x": column})
    try:
        lead = schema.parse("L", {"x": value})
    except LeadRefused:
        with pytest.raises(TableRefused, match="column 'x': is not"):
            parse_leads(raw, schema)
        return
    numbers = encoder.encode_lead(lead)
    assert numbers.shape == (len(encoder.columns),)
    assert not np.isinf(numbers).any()
    assert schema.parse("L", {"x": lead.fields["x"]}) == lead
    assert encoder.encode(parse_leads(raw, schema))[0].tobytes() == numbers.tobytes()


@pytest.mark.parametrize("kind", Kind)
def test_leads_to_be_scored_do_not_change_what_was_learned(kind: Kind) -> None:
    yes = {Kind.NUMERIC: 1, Kind.FLAG: True, Kind.DATETIME: NOON}.get(kind, "jo@web.de")
    no = {Kind.NUMERIC: 2, Kind.FLAG: False, Kind.DATETIME: "2020-01-01"}.get(kind, "+49 30 1")
    leads, schema = table([yes] * 5 + [no] * 5, kind)
    encoder = FeatureEncoder.fit(leads.take(np.arange(5)), schema)
    before = json.dumps(encoder.to_json())
    encoder.encode(leads)
    assert json.dumps(encoder.to_json()) == before
    assert encoder == fitted([yes] * 5, kind)


def test_a_number_is_itself_a_flag_is_1_or_0_and_nothing_is_nan() -> None:
    assert row(fitted(["1", None], Kind.NUMERIC), "1,200.5") == [1200.5]
    flag = fitted(["yes"], Kind.FLAG)
    assert [row(flag, "Yes"), row(flag, 0)] == [[1.0], [0.0]]
    assert np.isnan(row(flag, None)).all()


def test_frequent_values_get_codes_by_frequency_and_rare_unseen_and_missing_ones_are_told_apart() -> None:
    encoder = fitted(["ads"] * 3 + ["mail"] * 4 + ["zoo", "fair"], Kind.CATEGORY)
    assert encoder.columns[0].levels == ("mail", "ads", POOL)
    assert [row(encoder, value)[0] for value in ("mail", "ads", "zoo", "new")] == [0.0, 1.0, 2.0, 2.0]
    assert np.isnan(row(encoder, None)).all()
    unseen = {value: list(encoder.unseen(encoder.schema.parse("L", {"x": value}))) for value in ("zoo", "new", None)}
    assert unseen == {"zoo": [], "new": ["x"], None: []}


def test_frequent_means_three_leads_or_half_a_percent_or_twenty() -> None:
    def levels(leads: int, held_by: int) -> int:
        values = ["a"] * held_by + ["b"] * (leads - held_by)
        return len(fitted(values, Kind.CATEGORY).columns[0].levels)

    assert [levels(10, 2), levels(10, 3)] == [2, 3]
    assert [levels(2_000, 9), levels(2_000, 10)] == [2, 3]
    assert [levels(8_000, 19), levels(8_000, 20)] == [2, 3]


def test_many_values_stay_bounded() -> None:
    levels = fitted([f"city {number}" for number in range(400) for _ in range(20)], Kind.CATEGORY)
    assert len(levels.columns[0].levels) == MAX_LEVELS + 1
    each_its_own = fitted([f"id {number}" for number in range(MAX_SEEN + 50)], Kind.CATEGORY).encoders[0]
    assert isinstance(each_its_own, Category)
    assert (each_its_own.levels.names, len(each_its_own.rare)) == ((), MAX_SEEN)
    words = fitted([" ".join(f"word{number}" for number in range(300))] * 5, Kind.TEXT)
    assert len(words.columns) == MAX_WORDS + 1


@pytest.mark.parametrize(
    ("seen", "sent"),
    [
        ("Google", " gOOgle "),
        ("Straße", "STRASSE"),
        ("New  York", "new york"),
        ("1.0", 1),
        (1.0, "1"),
        (1, 1.0),
        (True, "true"),
        ("ΣΟΦΟΣ", "σοφος"),
        (2**53 + 1, "9007199254740993"),
    ],
)
def test_spellings_of_one_value_share_its_code(seen: object, sent: object) -> None:
    encoder = fitted([seen] * 5 + ["other"] * 3, Kind.CATEGORY)
    assert row(encoder, sent) == [0.0]
    assert not list(encoder.unseen(encoder.schema.parse("L", {"x": sent})))


def test_true_and_1_in_one_column_are_two_values_as_they_are_alone() -> None:
    leads, schema = table([True] * 4 + [1] * 3, Kind.CATEGORY)
    encoder = FeatureEncoder.fit(leads, schema)
    assert encoder.columns[0].levels == ("true", "1", POOL)
    assert encoder.encode(leads)[:, 0].tolist() == [0.0] * 4 + [1.0] * 3


def test_text_becomes_its_frequent_words_and_how_many_there_are() -> None:
    encoder = fitted(["Director of Sales"] * 3 + ["Sales-Director, DACH", "intern"], Kind.TEXT)
    assert names(encoder) == ["x contains director", "x contains sales", "x contains of", "x words"]
    assert row(encoder, "director director x") == [1.0, 0.0, 0.0, 1.0]
    assert np.isnan(row(encoder, "")).all()
    assert encoder.tell(0, 0, "A Director", None) == "contains director"
    assert encoder.tell(0, 1, "A Director", None) == "does not contain sales"
    assert encoder.tell(0, 3, "A Director", None) == "has 1 different words"


def test_an_address_or_a_number_is_never_kept() -> None:
    emails = ["ann.smith@acme-corp.com"] * 5 + ["bob.jones@gmail.com"] * 5 + ["carol"] * 5
    phones = ["+49 170 5550123"] * 5 + ["0151 5550199"] * 5
    encoders = [fitted(emails, Kind.EMAIL), fitted(phones, Kind.PHONE)]
    state = json.dumps([encoder.to_json() for encoder in encoders])
    assert "free" in state
    assert "DE" in state
    for secret in ("ann", "smith", "acme", "bob", "jones", "gmail", "carol", "170", "0151", "5550"):
        assert secret not in state.casefold()


def test_an_address_says_what_kind_of_domain_and_which_ending() -> None:
    encoder = fitted(["a@gmail.com"] * 4 + ["a@firma.de"] * 3, Kind.EMAIL)
    assert [column.levels for column in encoder.columns] == [("free", "company", POOL), ("com", "de", POOL)]
    assert row(encoder, "B@GMAIL.COM") == [0.0, 0.0]
    assert row(encoder, "b@other.de") == [1.0, 1.0]
    assert row(encoder, "none") == [2.0, 2.0]
    assert encoder.tell(0, 0, "b@other.de", None) == "is at a company's own domain"
    assert encoder.tell(0, 1, "b@other.de", None) == "ends in .de"
    assert encoder.tell(0, 0, "none", None) == "is not an address"


def test_a_phone_number_says_its_country() -> None:
    encoder = fitted(["+49 30 1"] * 4 + ["030 1"] * 3, Kind.PHONE)
    assert encoder.columns[0].levels == ("DE", "no country code", POOL)
    assert [row(encoder, value)[0] for value in ("0049-89-5", "089 5", "+33 1")] == [0.0, 1.0, 2.0]
    assert encoder.tell(0, 0, "+33 1", None) == "is from FR"


def test_a_time_is_its_hour_its_weekday_and_its_age_at_arrival() -> None:
    encoder = fitted(["2026-01-01"], Kind.DATETIME, created_at="at")
    assert names(encoder) == ["x hour", "x weekday", "x days before arrival"]
    assert row(encoder, "2026-03-01T18:30:00+02:00") == [16.5, 6.0, 0.8125]
    assert row(encoder, "2026-03-03") == [0.0, 1.0, -0.5]


def test_ages_are_relative_to_arrival_so_the_same_lead_a_year_later_has_the_same_numbers() -> None:
    schema = LeadSchema((Field("x", Kind.DATETIME),), created_at="at")
    raw = pd.DataFrame({"x": ["2020-05-04", "1999-12-31"], "at": ["2020-05-05", "2021-01-04T06:00:00"]})
    encoder = FeatureEncoder.fit(parse_leads(raw, schema), schema)
    a_year_later = raw.map(lambda text: (datetime.fromisoformat(text) + timedelta(weeks=52)).isoformat())
    ages = encoder.encode(parse_leads(raw, schema))[:, 2].tolist()
    assert ages == [1.0, 7675.25]
    assert (
        encoder.encode(parse_leads(a_year_later, schema)).tolist() == encoder.encode(parse_leads(raw, schema)).tolist()
    )


def test_a_company_without_arrival_times_has_no_ages_even_where_a_lead_names_its_own() -> None:
    encoder = fitted(["2026-01-01"], Kind.DATETIME)
    assert np.isnan(row(encoder, "2026-01-01")[2])


def test_what_a_reason_says_of_a_time() -> None:
    encoder, arrived = fitted(["2026-01-01"], Kind.DATETIME, created_at="at"), datetime(2026, 3, 2, tzinfo=UTC)
    told = [encoder.tell(0, column, datetime(2026, 2, 20, 8, 5, tzinfo=UTC), arrived) for column in range(3)]
    assert told == ["is at 08:05 UTC", "is on a Friday", "is 10 days before arrival"]
    assert encoder.tell(0, 2, datetime(2026, 3, 5, tzinfo=UTC), arrived) == "is 3 days after arrival"
    assert encoder.tell(0, 2, arrived, None) == "is there, but the arrival time is not"
    assert encoder.tell(0, 2, None, arrived) == "is missing"


def test_what_a_reason_says_of_numbers_flags_and_categories() -> None:
    assert fitted([1], Kind.NUMERIC).tell(0, 0, 1234567.0, None) == "is 1,234,570"
    assert fitted([1], Kind.FLAG).tell(0, 0, value=False, created_at=None) == "is no"
    category = fitted(["Ads"], Kind.CATEGORY)
    assert category.tell(0, 0, "ADS", None) == "is ADS"
    assert category.tell(0, 0, "Fair", None) == "is Fair, never seen in training"


def test_what_is_known_later_has_no_column_and_no_influence() -> None:
    fields = (Field("age", Kind.NUMERIC), Field("deal", Kind.NUMERIC, Known.LATER), Field("job", Kind.CATEGORY))
    schema = LeadSchema(fields)
    raw = pd.DataFrame({"age": [1, 2], "job": ["a", "b"]})
    with_deals = parse_leads(raw.assign(deal=["not", "numbers"]), schema)
    assert list(with_deals.fields) == ["age", "job"]
    encoder = FeatureEncoder.fit(with_deals, schema)
    assert names(encoder) == ["age", "job"]
    assert encoder.spans == (slice(0, 1), slice(1, 2))
    assert encoder.encode(parse_leads(raw, schema)).tolist() == [[1.0, 0.0], [2.0, 0.0]]


def test_a_role_that_is_a_field_feeds_the_matrix_wherever_it_stands_in_the_lead() -> None:
    leads, schema = table(["Ads"] * 3 + ["Mail"] * 3, Kind.CATEGORY)
    schema = replace(schema, source="x")
    encoder = FeatureEncoder.fit(leads, schema)
    at_the_top = schema.parse("L", {}, source="mail")
    assert encoder.encode_lead(at_the_top).tolist() == encoder.encode_lead(schema.parse("L", {"x": "mail"})).tolist()
    assert encoder.encode_lead(at_the_top).tolist() == [1.0]


def test_a_lead_with_nothing_but_its_id_is_all_nan_and_never_zero() -> None:
    schema = LeadSchema(tuple(Field(kind.value, kind) for kind in Kind), created_at="at")
    raw = pd.DataFrame({kind.value: [None] for kind in Kind}, dtype=object).assign(at=NOON)
    encoder = FeatureEncoder.fit(parse_leads(raw, schema), schema)
    assert np.isnan(encoder.encode_lead(Lead("L"))).all()
