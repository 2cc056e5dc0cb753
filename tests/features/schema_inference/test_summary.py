"""What is said first of a table: leads closed before they arrive, and leads that arrive after today."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import read_config
from features.errors import TableRefused
from features.history import read_history
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from tests.features.schema_inference.leads_table import (
    ARRIVED,
    CLOSED,
    CLOSED_AT,
    LEADS,
    LOST,
    OPEN,
    RNG,
    WON,
    N,
    checks,
    proposed,
)


def test_leads_that_are_closed_before_they_arrive_are_what_to_check_first(tmp_path: Path) -> None:
    entered = (ARRIVED + pd.Timedelta(days=40)).strftime("%Y-%m-%d %H:%M")
    proposal = proposed(tmp_path, CLOSED.assign(created_at=entered))
    first = checks(proposal).splitlines()[0]
    assert re.match(r"\d+ of \d+ closed leads are closed before they arrive \(row \d+ first\)", first)
    assert 'is "created_at" the arrival (created_at) and "closed_at" the closing date (at)' in first
    assert "closed before they arrive" not in checks(proposed(tmp_path, CLOSED))


def test_leads_that_arrive_after_today_are_said(tmp_path: Path) -> None:
    CLOSED.to_csv(tmp_path / "leads.csv", index=False)
    today = date(2024, 6, 1)
    late = int((pd.Timestamp(today) + pd.Timedelta(days=2) < ARRIVED).sum())
    assert 0 < late < N
    said = checks(propose(TableLocations(str(tmp_path / "leads.csv")), relative_to=tmp_path, today=today))
    assert f'{late:,} leads arrive after today (2024-06-01): is "created_at" read the right way?' in said


def test_money_that_lost_leads_have_as_well_is_asked_about_though_no_lead_is_open(tmp_path: Path) -> None:
    asking = CLOSED[~OPEN].assign(price=RNG.integers(900, 90_000, int((~OPEN).sum())))
    assert '"price" is taken for the money of a won lead (value)' in checks(proposed(tmp_path, asking))


def test_leads_that_are_all_open_are_said_to_be_so(tmp_path: Path) -> None:
    table = LEADS.assign(status=np.where(WON, "Open", "In progress"))
    with pytest.raises(TableRefused, match=r"every lead is still open .* Export closed leads too"):
        proposed(tmp_path, table)


def test_a_value_that_no_row_holds_is_said_to_be_absent(tmp_path: Path) -> None:
    LEADS.to_csv(tmp_path / "leads.csv", index=False)
    with pytest.raises(TableRefused, match="no row holds 'Gewonnen'; it holds"):
        propose(TableLocations(str(tmp_path / "leads.csv")), outcome="status=Gewonnen", relative_to=tmp_path)


def test_a_cell_that_is_no_date_is_said_with_its_row(tmp_path: Path) -> None:
    created = LEADS["created_at"].copy()
    created.iloc[7] = "2024-02-31 08:00"
    found = checks(proposed(tmp_path, CLOSED.assign(created_at=created)))
    assert '1 cell is no date in "created_at" (row 9): mend or empty it before training.' in found


def test_lost_leads_without_a_date_are_said_to_count_late(tmp_path: Path) -> None:
    table = LEADS.assign(won_time=np.where(WON, CLOSED_AT.strftime("%Y-%m-%d"), ""))
    assert 'Lost leads have no date in "won_time" (at)' in checks(proposed(tmp_path, table))


def test_dates_of_lost_leads_alone_close_them_where_wins_are_dated_elsewhere(tmp_path: Path) -> None:
    day = CLOSED_AT.strftime("%Y-%m-%d")
    table = LEADS.assign(won_time=np.where(WON, day, ""), lost_time=np.where(LOST, day, ""))
    proposal = proposed(tmp_path, table)
    assert (proposal.setting("at"), proposal.setting("lost_at")) == ("won_time", "lost_time")
    assert "lost_time" not in {field.name for field in proposal.fields}
    assert "lost leads have n" not in checks(proposal).lower()
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    history = read_history(read_config(tmp_path / "scoring.toml"))
    assert (np.isnat(history.closed_at) == OPEN).all()
    assert proposed(tmp_path, table.assign(lost_time=day)).setting("lost_at") is None


def test_ids_of_several_records_are_left_out(tmp_path: Path) -> None:
    proposal = proposed(tmp_path, CLOSED.assign(**{"Associated Contact IDs": 7_000_000_000 + 37 * np.arange(N)}))
    assert "Associated Contact IDs" not in {field.name for field in proposal.fields}


def test_the_command_for_a_column_of_yes_and_no_is_whole(tmp_path: Path) -> None:
    table = LEADS.drop(columns="status").assign(geschafft=np.where(WON, "ja", "nein"))
    with pytest.raises(TableRefused, match="--outcome 'geschafft=ja'"):
        proposed(tmp_path, table)


def test_remarks_are_to_be_checked_as_they_are_often_written_after_calls(tmp_path: Path) -> None:
    said = RNG.choice(["calls back", "urgent", "has a budget", "knows us from a fair"], N)
    names = {"created_at": "Erstellt am", "lead_id": "Lead-Nr.", "source": "Herkunft", "closed_at": "Abschlussdatum"}
    german = CLOSED.rename(columns=names)
    for table, column in ((CLOSED, "Remarks"), (CLOSED, "Internal notes"), (german, "Bemerkung")):
        found = checks(proposed(tmp_path, table.assign(**{column: said})))
        assert f'"{column}" is taken as known at arrival: if it is written after calls, set known = "later".' in found
    assert "written after calls" not in checks(proposed(tmp_path, CLOSED.assign(message=said)))


def test_a_value_that_is_taken_for_open_is_not_called_unknown(tmp_path: Path) -> None:
    for sent, asked in (("Angebot verschickt", False), ("Zur Vorlage", True)):
        found = proposed(tmp_path, LEADS.assign(status=np.where(OPEN, sent, np.where(WON, "Gewonnen", "Verloren"))))
        assert f"open is {sent}" in "\n".join(found.summary.lines())
        assert (f"Are these open: {sent}? They count so" in checks(found)) is asked
