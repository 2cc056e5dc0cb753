"""Data that went wrong since the champion learned, told from leads that only drift."""

import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from features.history import NEVER, History
from features.lead_table import parse_leads
from tests.training.leads import DAY, appeal, config, matured, raw_leads
from training.checks.data_changes import DataCheckFailed, find_data_changes
from training.checks.training_profile import TrainingProfile
from training.data.dataset import Dataset, make_dataset

SCHEMA = config().lead_schema
Edit = Callable[[pd.DataFrame], None]


def dataset(leads: int = 3_000, edit: Edit | None = None, *, days: float = 400.0, base: float = -1.0) -> Dataset:
    """The same leads each time, as far as `days` go on; what is done to them does not change who is won."""
    raw = raw_leads(leads, days=days)
    won = np.random.default_rng(1).random(leads) < expit(base + appeal(raw))
    if edit:
        edit(raw)
    table = parse_leads(raw, SCHEMA)
    history = History(
        table,
        np.where(won, "won", "lost").astype(object),
        np.where(won, table.created_at + 10 * DAY, NEVER),
    )
    return make_dataset(history, None, 30)


def profile_of(known: Dataset) -> TrainingProfile:
    return TrainingProfile.of(known, SCHEMA)


def found(before: Dataset, now: Dataset) -> dict[str, str]:
    return {change.name: change.description for change in find_data_changes(profile_of(before), now, SCHEMA, seed=7)}


def only_since(edit: Edit, share: float = 0.9) -> Edit:
    """The same edit for the newest leads alone."""

    def edit_newest(raw: pd.DataFrame) -> None:
        newest = raw.iloc[int(share * len(raw)) :].copy()
        edit(newest)
        raw.loc[newest.index] = newest

    return edit_newest


def test_what_it_keeps_reads_back_and_names_nobody() -> None:
    kept = profile_of(dataset())
    text = kept.to_text()
    assert TrainingProfile.from_text(text) == TrainingProfile.from_text(kept.to_text())
    assert TrainingProfile.from_text(text).won_share == pytest.approx(dataset().won.mean())
    assert "L-0-" not in text
    assert len(text) < 10_000
    json.loads(text)


def test_the_same_leads_again_are_as_they_were() -> None:
    assert found(dataset(), dataset()) == {}


@pytest.mark.parametrize("seed", range(20))
def test_other_leads_of_the_same_company_are_no_change(seed: int) -> None:
    assert found(matured(1_500, seed), matured(1_500, 100 + seed)) == {}


def test_half_of_the_rows_gone_is_told_with_both_counts() -> None:
    told = found(dataset(3_000), dataset(1_500))
    assert list(told) == ["rows"]
    assert f"{len(dataset(1_500)):,} leads can teach, 50% of the {len(dataset(3_000)):,}" in told["rows"]


def test_months_that_are_gone_are_seen_although_the_table_has_grown() -> None:
    before, now = dataset(), dataset(4_500, days=600)
    in_may = (now.leads.created_at >= np.datetime64("2025-05-01")) & (
        now.leads.created_at < np.datetime64("2025-06-01")
    )
    kept = np.flatnonzero(~in_may)
    holed = dataclasses.replace(
        now, leads=now.leads.take(kept), won=now.won[kept], sample_weight=now.sample_weight[kept]
    )
    assert found(before, now) == {}
    assert "2025-05 (0 of " in found(before, holed)["rows"]


def replaced(column: str, by: Callable[[object], object]) -> Edit:
    def edit(raw: pd.DataFrame) -> None:
        raw[column] = raw[column].map(lambda value: None if value is None else by(value))

    return edit


def filled(column: str, value: object) -> Edit:
    def edit(raw: pd.DataFrame) -> None:
        raw[column] = value

    return edit


WRONG: dict[str, Edit] = {
    "source:partner": replaced("source", lambda value: "fair" if value == "partner" else value),
    "unit:age": replaced("age", lambda value: value * 365),
    "values:job": replaced("job", lambda value: f"code {len(str(value))}"),
    "fill:age": filled("age", None),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_went_wrong_is_named(name: str) -> None:
    assert name in found(dataset(), dataset(edit=WRONG[name]))


@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong_among_the_newest_leads_is_not_diluted_by_the_old(name: str) -> None:
    """A tenth of the leads, too young to teach: they arrived after the champion learned."""
    before, now = dataset(4_000, days=366), dataset(4_400, only_since(WRONG[name], 4_000 / 4_400), days=402.6)
    assert "since" in found(before, now)[name]


def test_a_field_that_turned_around_within_its_own_values_is_seen() -> None:
    told = found(dataset(edit=filled("newsletter", "no")), dataset(edit=filled("newsletter", "yes")))
    assert "values:newsletter" in told


def test_an_outcome_that_is_won_half_as_often_is_refused_and_a_drifting_one_is_not() -> None:
    assert "won" in found(dataset(), dataset(base=-2.5))
    assert "won" not in found(dataset(), dataset(base=-1.3))


def test_outcomes_that_stopped_arriving_are_seen_although_the_old_ones_stand() -> None:
    before, now = dataset(3_000), dataset(3_900, days=520)
    silent = dataclasses.replace(now, won=np.where(np.arange(len(now)) < len(before), now.won, 0.0))
    assert "do outcomes still arrive?" in found(before, silent)["won"]


def test_the_refusal_names_every_change_and_how_to_accept_it() -> None:
    refused = DataCheckFailed(
        "3", tuple(find_data_changes(profile_of(dataset()), dataset(1_500, WRONG["unit:age"]), SCHEMA, seed=7))
    )
    assert "champion version 3 learned from:\n  rows: " in str(refused)
    assert str(refused).endswith("--accept rows --accept unit:age")
