"""Times: hour, weekday, and age at arrival."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import parse_leads
from features.schema import Field, LeadSchema
from features.values import Kind
from tests.features.encoders.fitting import fitted, names, row


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
    told = [encoder.describe(0, column, datetime(2026, 2, 20, 8, 5, tzinfo=UTC), arrived) for column in range(3)]
    assert told == ["is 08:05 UTC", "is on a Friday", "is 10 days before arrival"]
    assert encoder.describe(0, 2, datetime(2026, 3, 5, tzinfo=UTC), arrived) == "is 3 days after arrival"
    assert encoder.describe(0, 2, arrived, None) == "is there, but the arrival time is not"
    assert encoder.describe(0, 2, None, arrived) == "is missing"
