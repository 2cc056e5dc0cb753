import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulation.company import Simulation, simulate
from simulation.scenarios import UnknownScenarioError
from tests.simulation.measures import UNTIL, midnight

TABLES = ("leads", "contacts", "outcomes", "spend", "truth")
COLUMNS = {
    "contacts": ["lead_id", "started_at", "agent", "channel", "direction", "connected", "duration_s"],
    "outcomes": ["lead_id", "at", "status", "value", "reason"],
    "spend": ["date", "source", "campaign", "amount"],
}


def test_the_same_arguments_give_the_same_tables() -> None:
    first, second = simulate(500, until=UNTIL), simulate(500, until=UNTIL)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def test_another_seed_gives_other_leads() -> None:
    first, second = simulate(500, until=UNTIL), simulate(500, seed=8, until=UNTIL)
    assert not first.leads["created_at"].equals(second.leads["created_at"])


def test_there_are_as_many_leads_as_asked_for() -> None:
    simulation = simulate(1234, until=UNTIL)
    assert len(simulation.leads) == len(simulation.truth) == simulation.leads["lead_id"].nunique() == 1234


@pytest.mark.parametrize("leads", [1, 2, 30])
def test_a_company_with_hardly_any_leads_works_too(leads: int) -> None:
    assert len(simulate(leads, until=UNTIL).leads) == leads


def test_tables_have_the_columns_that_the_product_reads(steady: Simulation) -> None:
    for name, columns in COLUMNS.items():
        assert list(getattr(steady, name).columns) == columns
    assert list(steady.leads.columns[:4]) == ["lead_id", "created_at", "source", "campaign"]
    assert list(steady.truth["lead_id"]) == list(steady.leads["lead_id"])


def test_contacts_and_outcomes_belong_to_leads_and_each_lead_has_one_outcome_at_most(
    steady: Simulation,
) -> None:
    assert steady.contacts["lead_id"].isin(steady.leads["lead_id"]).all()
    assert steady.outcomes["lead_id"].isin(steady.leads["lead_id"]).all()
    assert not steady.outcomes["lead_id"].duplicated().any()


def test_nothing_is_on_record_outside_the_period(steady: Simulation) -> None:
    start, until = midnight(UNTIL - dt.timedelta(days=540)), midnight(UNTIL)
    for times in (steady.leads["created_at"], steady.contacts["started_at"], steady.outcomes["at"]):
        assert times.between(start, until, inclusive="left").all()
    assert pd.to_datetime(steady.spend["date"]).dt.tz_localize("UTC").between(start, until, inclusive="left").all()


def test_no_lead_is_called_or_closed_before_it_arrives(steady: Simulation) -> None:
    arrived = steady.leads.set_index("lead_id")["created_at"]
    assert (steady.contacts["started_at"] > steady.contacts["lead_id"].map(arrived)).all()
    assert (steady.outcomes["at"] > steady.outcomes["lead_id"].map(arrived)).all()


def test_a_won_lead_has_talked_to_somebody_before(steady: Simulation) -> None:
    connected = steady.contacts[steady.contacts["connected"]]
    won = steady.outcomes[steady.outcomes["status"] == "won"]
    first_talk = won["lead_id"].map(connected.groupby("lead_id")["started_at"].min())
    assert (first_talk < won["at"]).all()


def test_no_lead_is_contacted_after_it_is_closed(steady: Simulation) -> None:
    closed = steady.outcomes.set_index("lead_id")["at"]
    closing = steady.contacts["lead_id"].map(closed)
    assert (steady.contacts["started_at"] < closing)[closing.notna()].all()


def test_wins_carry_money_and_losses_carry_reasons_some_of_them_empty(steady: Simulation) -> None:
    won = steady.outcomes["status"] == "won"
    assert (steady.outcomes.loc[won, "value"] > 0).all()
    assert steady.outcomes.loc[~won, "value"].isna().all()
    assert steady.outcomes.loc[won, "reason"].isna().all()
    assert 0.5 < steady.outcomes.loc[~won, "reason"].notna().mean() < 0.9


def test_some_lost_leads_are_never_closed(steady: Simulation) -> None:
    old = steady.leads["created_at"] < midnight(UNTIL - dt.timedelta(days=300))
    lost = old & ~steady.truth["ever_won"] & steady.truth["worked"]
    assert 0.1 < 1 - steady.leads["lead_id"][lost].isin(steady.outcomes["lead_id"]).mean() < 0.3


def test_recorded_wins_are_the_true_ones_up_to_the_end(steady: Simulation) -> None:
    won_at = steady.leads["created_at"] + pd.to_timedelta(steady.truth["delay_days"], unit="D")
    due = steady.truth["ever_won"] & (won_at < midnight(UNTIL))
    recorded = steady.outcomes.loc[steady.outcomes["status"] == "won", "lead_id"]
    assert set(recorded) == set(steady.leads["lead_id"][due])


def test_delays_differ_by_source_and_reach_beyond_the_horizon(steady: Simulation) -> None:
    median = steady.truth["delay_days"].groupby(steady.leads["source"]).median()
    assert median["Reference"] < 12
    assert median["Cold List"] > 45
    assert steady.truth["delay_days"].max() > 2 * steady.horizon_days


def test_only_paid_campaigns_have_spend_and_their_prices_differ(steady: Simulation) -> None:
    leads = steady.leads.groupby(["source", "campaign"]).size()
    price = steady.spend.groupby(["source", "campaign"])["amount"].sum() / leads
    assert set(steady.spend["source"]).isdisjoint({"Reference", "Organic Search"})
    assert price.max() > 4 * price.min()
    assert np.isfinite(price).all()


def test_files_hold_the_tables_with_iso_times_and_no_part_files_stay(steady: Simulation, tmp_path: Path) -> None:
    folder = tmp_path / "company"
    steady.write(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.csv" for name in TABLES)
    leads = pd.read_csv(folder / "leads.csv")
    assert list(leads.columns) == list(steady.leads.columns)
    assert leads["created_at"].str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").all()
    assert (pd.to_datetime(leads["created_at"]) == steady.leads["created_at"]).all()
    assert leads["first_visit_at"].isna().equals(steady.leads["first_visit_at"].isna())


def test_an_unknown_scenario_is_refused_with_the_accepted_names() -> None:
    with pytest.raises(UnknownScenarioError, match=r"'stedy'.*steady, marketing-shift"):
        simulate(100, scenario="stedy", until=UNTIL)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"leads": 0}, "leads must be at least 1"),
        ({"horizon_days": 20}, "horizon_days must be at least 30"),
        ({"days": 150}, "must be from"),
        ({"change": UNTIL - dt.timedelta(days=100)}, "must be from"),
    ],
)
def test_a_period_without_room_for_a_before_and_an_after_is_refused(
    arguments: dict[str, int | dt.date], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(until=UNTIL, **arguments)
