"""Training leads held against leads as they arrived: what came later is refused, ordinary change is not."""

from datetime import UTC, datetime

import numpy as np
import pytest

from features.config import ScoringConfig, check_config
from features.history import NEVER, History
from features.lead_table import parse_leads
from features.tables.arrival_snapshot import parse_arrivals
from tests.training.leads import DAY, raw_leads
from training.checks.point_in_time import (
    Difference,
    FieldsChangedAfterArrival,
    check_against_arrivals,
    find_differences,
)
from training.data.dataset import Dataset, make_dataset

KINDS = {"age": "numeric", "job": "category", "newsletter": "flag", "source": "category", "extra": "category"}


def config(kind: str = "category", **arrivals: object) -> ScoringConfig:
    return check_config(
        {
            "leads": {"table": "leads.csv", "id": "id", "created_at": "created", "source": "source"},
            "outcome": {"column": "won", "won": ["1"], "at": "won_at", "horizon_days": 30},
            "fields": {name: {"kind": one} for name, one in (KINDS | {"extra": kind}).items()},
            "arrivals": {"table": "arrivals.csv"} | arrivals,
        },
        "lead-tests/scoring.toml",
    )


def learned(extra: object, settled: ScoringConfig, leads: int = 1_000) -> tuple[Dataset, np.ndarray]:
    """Leads of which a fifth has won; `extra` makes the field of that name from who won and a generator."""
    raw, rng = raw_leads(leads), np.random.default_rng(1)
    won = rng.random(leads) < 0.2
    raw["extra"] = extra(won, rng)
    table = parse_leads(raw, settled.lead_schema)
    closed_at = np.where(won, table.created_at + DAY, NEVER)
    facts = History(table, np.where(won, "won", "lost").astype(object), closed_at)
    return make_dataset(facts, datetime(2027, 1, 1, tzinfo=UTC), 30), won


def arrived(extra: object, settled: ScoringConfig, leads: int = 1_200, seed: int = 9):
    raw = raw_leads(leads, seed).rename(columns={"id": "lead_id", "created": "received_at"})
    raw["extra"] = extra(np.random.default_rng(seed).random(leads) < 0.2, np.random.default_rng(seed))
    return parse_arrivals(raw, settled.lead_schema)


def nothing(won: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.full(len(won), None, dtype=object)


def filled(of_won: float, of_others: float):
    def extra(won: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.where(rng.random(len(won)) < np.where(won, of_won, of_others), rng.choice(["a", "b"], len(won)), None)

    return extra


def found(then: object, now: object, kind: str = "category") -> list[Difference]:
    settled = config(kind)
    return list(find_differences(learned(now, settled)[0], arrived(then, settled), settled))


def test_a_field_filled_after_winning_is_refused_with_the_figures():
    settled = config()
    with pytest.raises(FieldsChangedAfterArrival) as refused:
        check_against_arrivals(learned(filled(0.96, 0.01), settled)[0], arrived(nothing, settled), settled, None)
    told = str(refused.value)
    assert "extra: filled for 9" in told
    assert "% of the training leads that won and 1 % of the others, for 0 % of the 1,200 leads as they arrived" in told
    assert 'accept = ["extra"]' in told
    assert not any(f"  {name}:" in told for name in ("age", "job", "newsletter", "source"))


def test_a_field_that_was_never_sent_at_all_did_not_arrive():
    settled = config()
    raw = raw_leads(500, 9).rename(columns={"id": "lead_id", "created": "received_at"})
    with pytest.raises(FieldsChangedAfterArrival, match="extra: filled for"):
        check_against_arrivals(
            learned(filled(0.9, 0.9), settled)[0], parse_arrivals(raw, settled.lead_schema), settled, None
        )


def test_what_is_accepted_is_noted_and_passes():
    settled = config(accept=["extra"])
    notes = check_against_arrivals(learned(filled(0.96, 0.01), settled)[0], arrived(nothing, settled), settled, None)
    assert len(notes) == 1
    assert notes[0].endswith("which scoring.toml accepts")


def test_a_field_filled_somewhat_less_often_is_noted_and_not_refused():
    (found_one,) = found(filled(0.5, 0.5), filled(0.7, 0.7))
    assert (found_one.name, found_one.too_far) == ("extra", False)


def test_a_field_that_arrives_more_often_than_it_used_to_is_not_refused():
    (found_one,) = found(filled(0.9, 0.9), nothing)
    assert not found_one.too_far


def test_a_stage_that_moves_with_the_outcome_is_refused():
    def stage(won: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.where(won, "Contract", rng.choice(["Nurture", "Parked"], len(won))).astype(object)

    (found_one,) = found(lambda won, _: np.full(len(won), "New", dtype=object), stage)
    assert (found_one.name, found_one.too_far) == ("extra", True)
    assert "alone it ranks with an AUC of 1.00" in found_one.description


def test_campaigns_come_and_go_without_being_refused():
    def campaign(*names: str):
        return lambda won, rng: rng.choice(names, len(won)).astype(object)

    (found_one,) = found(campaign("spring", "summer"), campaign("autumn", "winter"))
    assert not found_one.too_far


def test_a_counter_that_grew_since_the_same_leads_arrived_is_refused():
    settled = config("numeric")
    dataset, _ = learned(lambda won, rng: rng.integers(0, 4, len(won)) + 3 * won, settled)
    same = arrived(lambda won, _: np.zeros(len(won), dtype=np.int64), settled, leads=1_000, seed=0)
    (found_one,) = [one for one in find_differences(dataset, same, settled) if one.name == "extra"]
    assert found_one.too_far
    assert "100 % of those that won and 7" in found_one.description
    assert "hold something else now than when they arrived" in found_one.description


def test_leads_that_arrived_after_the_as_of_date_are_not_seen():
    settled = config()
    dataset, late = learned(filled(0.96, 0.01), settled)[0], arrived(nothing, settled)
    (note,) = check_against_arrivals(dataset, late, settled, datetime(2025, 1, 2, tzinfo=UTC))
    assert "too few to hold the training leads against" in note


@pytest.mark.parametrize("seed", range(8))
def test_leads_that_differ_by_chance_alone_are_alike(seed: int):
    settled = config()
    dataset, _ = learned(filled(0.5, 0.3), settled)
    alike = [arrived(filled(0.5, 0.3), settled, leads=leads, seed=seed + 100) for leads in (100, 400)]
    assert [list(find_differences(dataset, leads, settled)) for leads in alike] == [[], []]


def test_a_text_of_many_spellings_is_not_taken_for_another():
    def titles(won: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return np.array([f"title {number}" for number in rng.integers(0, 250, len(won))], dtype=object)

    assert found(titles, titles) == []
