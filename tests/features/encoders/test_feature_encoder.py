"""FeatureEncoder: a table and a lead alone become the same numbers, learned from training leads and nothing else."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.encoders.feature_encoder import FeatureEncoder
from features.errors import LeadRefused, TableRefused
from features.lead import Lead
from features.lead_table import LeadTable, one_lead, parse_leads
from features.schema import Field, LeadSchema
from features.values import Kind, Known
from tests.features.companies import FORMATS, JSON, Company, companies, fields_named
from tests.features.encoders.fitting import NOON, fitted, names, table


def learned(company: Company) -> tuple[LeadTable, FeatureEncoder]:
    """All leads, and an encoder that saw the first half of them."""
    leads = parse_leads(company.raw, company.schema)
    return leads, FeatureEncoder.fit(leads.take(np.arange((len(leads) + 1) // 2)), company.schema)


@settings(max_examples=250)
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


@settings(max_examples=80)
@given(companies())
def test_an_encoder_read_back_from_json_is_equal_and_gives_the_same_numbers(company: Company) -> None:
    leads, encoder = learned(company)
    state, schema = json.loads(json.dumps([encoder.to_json(), encoder.schema.to_json()]))
    again = FeatureEncoder.from_json(LeadSchema.from_json(schema), state)
    assert again == encoder
    assert again.columns == encoder.columns
    assert again.encode(leads).tobytes() == encoder.encode(leads).tobytes()


@settings(max_examples=300)
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


def test_an_address_or_a_number_is_never_kept() -> None:
    emails = ["ann.smith@acme-corp.com"] * 5 + ["bob.jones@gmail.com"] * 5 + ["carol"] * 5
    phones = ["+49 170 5550123"] * 5 + ["0151 5550199"] * 5
    encoders = [fitted(emails, Kind.EMAIL), fitted(phones, Kind.PHONE)]
    state = json.dumps([encoder.to_json() for encoder in encoders])
    assert "free" in state
    assert "DE" in state
    for secret in ("ann", "smith", "acme", "bob", "jones", "gmail", "carol", "170", "0151", "5550"):
        assert secret not in state.casefold()


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
