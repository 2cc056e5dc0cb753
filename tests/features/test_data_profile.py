"""What leads look like, and how far two sets of them are apart."""

import json

import numpy as np
import pandas as pd
import pytest

from features.config import check_config
from features.data_profile import SHARES, Profile
from features.encoders import POOL
from features.lead_table import parse_leads

KINDS = {
    "employees": "numeric",
    "industry": "category",
    "demo": "flag",
    "founded": "datetime",
    "note": "text",
    "email": "email",
    "phone": "phone",
}
CONFIG = {
    "leads": {"table": "leads.csv", "created_at": "created_at", "source": "source"},
    "outcome": {"column": "won", "won": ["1"]},
    "fields": {name: {"kind": kind} for name, kind in KINDS.items()},
}
SCHEMA = check_config(CONFIG, __file__).lead_schema


def raw(leads: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "created_at": [f"2026-0{1 + number % 3}-02T10:00:00Z" for number in range(leads)],
            "source": rng.choice(["ads", "fair"], leads),
            "employees": rng.lognormal(3, 1, leads).round(2),
            "industry": rng.choice(["Retail", "Software", "Health"], leads),
            "demo": rng.choice(["yes", "no"], leads),
            "founded": "2025-12-31T10:00:00Z",
            "note": "please call me",
            "email": [f"person{number}@example-{number}.com" for number in range(leads)],
            "phone": [f"+4930{number:07}" for number in range(leads)],
        },
        dtype=object,
    )


def profile(table: pd.DataFrame) -> Profile:
    return Profile.of(parse_leads(table, SCHEMA), SCHEMA)


def test_it_counts_months_sources_and_what_is_filled():
    table = raw()
    table.loc[:99, "industry"] = None

    found = profile(table)

    assert found.leads == 400
    assert found.months == {"2026-01": 134, "2026-02": 133, "2026-03": 133}
    assert found.source.levels == table["source"].value_counts().to_dict()
    assert found.fields["industry"].fill_rate == 0.75
    assert sum(found.fields["industry"].levels.values()) == 300


def test_each_kind_is_measured_by_what_a_score_may_see_of_it():
    fields = profile(raw()).fields

    assert set(fields["demo"].levels) == {"yes", "no"}
    assert fields["phone"].levels == {"DE": 400}
    assert set(fields["founded"].quantiles) == {2.0, 33.0, 61.0}
    assert set(fields["note"].quantiles) == {3.0}
    numbers = fields["employees"].quantiles
    assert (len(numbers), list(numbers)) == (len(SHARES), sorted(numbers))


def test_nothing_that_few_leads_hold_is_in_it():
    table = raw()
    table.loc[0, "industry"] = "the only butcher of the village"
    table.loc[0, "employees"] = 123_456_789

    kept = json.dumps(profile(table).to_json())

    assert "butcher" not in kept
    assert "123456789" not in kept
    assert "person" not in kept
    assert "4930" not in kept
    assert profile(table).fields["industry"].levels[POOL] == 1


def test_it_reads_back_what_it_wrote():
    found = profile(raw())
    assert Profile.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("name", KINDS)
def test_two_draws_of_the_same_leads_are_hardly_apart(name):
    assert profile(raw(4_000, 1)).fields[name].moved(profile(raw(4_000, 2)).fields[name]) < 0.06


def test_another_unit_and_other_codes_have_nothing_in_common():
    before, after = raw(), raw()
    after["employees"] *= 1_000
    after["industry"] = after["industry"].map({"Retail": "10", "Software": "20", "Health": "30"})
    early, late = profile(before).fields, profile(after).fields

    assert early["employees"].moved(late["employees"]) > 0.95
    assert early["industry"].moved(late["industry"]) == pytest.approx(1.0)


def test_how_far_apart_is_the_same_from_either_side():
    one, other = raw(), raw(seed=1)
    other["employees"] *= 2
    for name in ("employees", "industry"):
        forth = profile(one).fields[name].moved(profile(other).fields[name])
        assert forth == pytest.approx(profile(other).fields[name].moved(profile(one).fields[name]))


def test_where_nobody_has_the_field_there_is_nothing_to_compare():
    empty = raw()
    empty["industry"] = None
    assert profile(raw()).fields["industry"].moved(profile(empty).fields["industry"]) == 0.0


def test_no_leads_at_all_have_a_profile():
    assert profile(raw().head(0)).fields["employees"].fill_rate == 0.0
