from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from analytics.drift import Drift, FieldDrift, drift
from features.values import Kind
from stats.divergence import divergence
from tests.conftest import Prove
from tests.proofs import Proof

QUIET = Proof(
    "Drift: false alarms",
    "Leads of two periods that did not change, seven fields of all kinds.",
    "more than 5 % of the pages call any field changed, beyond what so many runs leave to chance",
)
KINDS = {
    "age": Kind.NUMERIC,
    "visits": Kind.NUMERIC,
    "job": Kind.CATEGORY,
    "town": Kind.CATEGORY,
    "subscribed": Kind.FLAG,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
}
TOWNS = np.array([f"town {number}" for number in range(200)])
JOBS, DOMAINS = np.array(["clerk", "cook", "smith", "nurse"]), np.array(["a.com", "b.com", "c.org"])


def leads(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Leads with skewed numbers, many rare towns, and missing values."""
    return pd.DataFrame(
        {
            "age": np.where(rng.random(count) < 0.1, np.nan, rng.normal(45, 12, count)),
            "visits": rng.poisson(0.7, count),
            "job": JOBS[rng.choice(4, count, p=[0.6, 0.3, 0.08, 0.02])],
            "town": TOWNS[(200 * rng.random(count) ** 3).astype(int)],
            "subscribed": rng.random(count) < 0.2,
            "email": np.char.add("x@", DOMAINS[rng.integers(0, 3, count)]),
            "phone": np.where(rng.random(count) < 0.3, None, "1"),
        }
    )


def field(found: Drift, name: str) -> FieldDrift:
    return next(one for one in found.fields if one.field == name)


def changed_by(make: Callable[[pd.DataFrame], pd.DataFrame], count: int = 2_000, **options: dict[str, float]) -> Drift:
    rng = np.random.default_rng(11)
    return drift(leads(rng, count), make(leads(rng, count)), KINDS, 1, options.get("weights"))


def _false_alarms(seeds: int, before: int, after: int) -> float:
    pages = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        pages.append(bool(drift(leads(rng, before), leads(rng, after), KINDS, seed).changed))
    return float(np.mean(pages))


@pytest.mark.parametrize(("before", "after"), [(100, 100), (1_000, 300)])
def test_leads_that_did_not_change_raise_no_alarm(before: int, after: int) -> None:
    assert _false_alarms(60, before, after) <= 0.1  # 3 expected; 7 or more has a chance of 3 in 100


@pytest.mark.slow
@pytest.mark.parametrize("count", [100, 1_000, 100_000])
def test_false_alarms_stay_at_5_in_100_pages_at_any_size(count: int, prove: Prove) -> None:
    runs = 500 if count < 10_000 else 300
    alarms = _false_alarms(runs, count, count)
    prove(QUIET, f"{count:,} leads a period", runs, f"pages with a false alarm {alarms:.1%}")
    assert alarms <= 0.072  # 0.05 and what 500 pages may add by chance


def test_hundred_thousand_unchanged_leads_raise_no_alarm() -> None:
    rng = np.random.default_rng(0)
    found = drift(leads(rng, 100_000), leads(rng, 100_000), KINDS, 1)
    assert (found.changed, found.retrain, found.reasons) == ((), False, ("No field changed clearly.",))


@pytest.mark.parametrize("count", [100, 1_000, 100_000])
def test_the_size_of_no_change_is_zero_on_average_at_any_number_of_leads(count: int) -> None:
    rng = np.random.default_rng(5)
    share = np.array([0.4, 0.3, 0.1, 0.1, 0.05, 0.03, 0.01, 0.01])
    samples = (rng.multinomial(count, share, size=2) for _ in range(200))
    sizes = [divergence(before, after, rng, 199).size for before, after in samples]
    usual_psi = 7 * 2 / count  # what the plain index shows by chance: values less one, for each of both samples
    assert abs(np.mean(sizes)) < 0.12 * usual_psi


@pytest.mark.parametrize("count", [500, 5_000, 50_000])
def test_the_size_of_a_true_change_is_the_same_at_any_number_of_leads(count: int) -> None:
    rng = np.random.default_rng(6)
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.35, 0.3, 0.35])
    sizes = [
        divergence(rng.multinomial(count, before), rng.multinomial(count, after), rng, 199).size for _ in range(50)
    ]
    psi = float(((after - before) * np.log(after / before)).sum())
    assert np.mean(sizes) == pytest.approx(psi, rel=0.1)


def test_two_by_two_tables_are_tested_as_by_fisher() -> None:
    table = np.array([[12, 8], [5, 15]])
    found = divergence(table[0], table[1], np.random.default_rng(0), 50_000)
    assert found.p_value == pytest.approx(fisher_exact(table).pvalue, abs=0.006)


def test_a_period_without_leads_shows_no_change() -> None:
    found = divergence(np.array([3, 4]), np.array([0, 0]), np.random.default_rng(0))
    assert (found.size, found.p_value) == (0, 1)


def test_older_leads_are_found_and_the_range_that_grew_is_named() -> None:
    found = changed_by(lambda late: late.assign(age=late["age"] + 8))
    assert [one.field for one in found.changed] == ["age"]
    age = field(found, "age")
    assert age.size > 0.25
    assert age.most.name is not None
    assert age.most.name.startswith("over 6")
    assert age.most.after > 2 * age.most.before


def test_a_value_that_is_new_is_found_and_named() -> None:
    found = changed_by(lambda late: late.assign(job=np.where(np.arange(len(late)) % 5 == 0, "pilot", late["job"])))
    job = field(found, "job")
    assert job.changed
    assert (job.most.name, job.most.before, job.most.after) == ("pilot", 0, 0.2)
    assert job.moved == pytest.approx(0.2, abs=0.02)


def test_values_that_go_missing_are_found() -> None:
    found = changed_by(lambda late: late.assign(phone=None, email=late["email"].where(late.index % 10 > 0)))
    phone = field(found, "phone")
    assert {one.field for one in found.changed} == {"phone", "email"}
    assert (phone.most.name, phone.most.after, phone.missing_after.value) == (None, 1.0, 1.0)
    assert phone.missing_before.covers(0.3)
    assert field(found, "email").most.name is None


def test_a_field_that_a_period_does_not_have_is_missing_there() -> None:
    found = changed_by(lambda late: late.drop(columns="town"))
    assert field(found, "town").missing_after.value == 1.0


def test_spelling_and_number_format_are_no_change() -> None:
    before = pd.DataFrame({"size": ["1", "2", "Big "] * 100})
    after = pd.DataFrame({"size": [1.0, 2, "big"] * 100})
    assert drift(before, after, {"size": Kind.CATEGORY}, 1).changed == ()


def test_a_shift_of_a_fifth_of_a_standard_deviation_is_found_among_3000_leads() -> None:
    found = changed_by(lambda late: late.assign(age=late["age"] + 0.2 * 12), count=3_000)
    assert field(found, "age").changed
    assert found.fields[0].field == "age"


def test_a_new_model_is_advised_by_what_the_change_weighs_in_the_score() -> None:
    def older(late: pd.DataFrame) -> pd.DataFrame:
        return late.assign(age=late["age"] + 8)

    heavy, light = (changed_by(older, weights={"age": weight, "job": 1 - weight}) for weight in (0.8, 0.1))
    assert (heavy.retrain, light.retrain) == (True, False)
    assert field(heavy, "age").weight == pytest.approx(0.8)
    assert "from 0.1 a new model is worth training" in heavy.reasons[1]
    assert "less than the 0.1" in light.reasons[1]
    assert "predicted and actual customers show whether it is" in light.reasons[2]


def test_without_weights_a_large_change_advises_a_new_model() -> None:
    assert changed_by(lambda late: late.assign(age=late["age"] + 12)).retrain
    assert not changed_by(lambda late: late.assign(age=late["age"] + 4)).retrain


def test_a_field_of_nothing_but_missing_values_did_not_change() -> None:
    nothing = pd.DataFrame({"age": [None] * 50})
    assert drift(nothing, nothing, {"age": Kind.NUMERIC}, 1).changed == ()


def test_the_same_leads_and_seed_give_the_same_answer() -> None:
    assert changed_by(lambda late: late) == changed_by(lambda late: late)


def test_a_field_of_addresses_that_nobody_filled_has_not_changed() -> None:
    empty = pd.DataFrame({"mail": pd.Series([None] * 50, dtype="object")})

    assert not drift(empty, empty, {"mail": Kind.EMAIL}, seed=1).retrain
