"""How a column writes its dates: what its values leave open the arrival settles, and what stays open is said."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import read_config
from features.history import read_history
from features.schema_inference.columns import Column
from features.schema_inference.date_formats import ISO, detect_date_format
from tests.features.schema_inference.leads_table import (
    ARRIVED,
    CLOSED,
    CLOSED_AT,
    LEADS,
    OPEN,
    RNG,
    N,
    checks,
    proposed,
)


def test_day_and_month_of_the_closing_date_are_settled_by_the_arrival(tmp_path: Path) -> None:
    arrived = pd.DatetimeIndex(["2024-03-01"] * 200 + ["2024-05-01"] * 200)
    closing = np.where(OPEN, "", (arrived + pd.DateOffset(months=2)).strftime("%d/%m/%Y"))
    table = CLOSED.assign(created_at=arrived.strftime("%Y-%m-%d"), closed_at=closing)
    proposal = proposed(tmp_path, table)
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    history = read_history(read_config(tmp_path / "scoring.toml"))
    assert history.closed_at is not None
    closed_at = pd.DatetimeIndex(history.closed_at[~OPEN])
    assert (closed_at.strftime("%d/%m/%Y") == closing[~OPEN]).all()
    assert "closed before they arrive" not in checks(proposal)


def test_a_closing_date_whose_day_and_month_stay_open_is_said(tmp_path: Path) -> None:
    days = pd.DatetimeIndex(["2027-01-01"] * N) + pd.to_timedelta(31 * (np.arange(N) % 2), "D")
    closing = np.where(OPEN, "", days.strftime("%d/%m/%Y"))
    said = checks(proposed(tmp_path, CLOSED.assign(closed_at=closing)))
    assert '"closed_at": read as ' in said
    assert "every date also reads as" in said


def test_one_mistyped_date_does_not_settle_which_number_is_the_day(tmp_path: Path) -> None:
    days = [f"11/{1 + row * 12 // N:02d}/2024" for row in range(N)]
    days[99] = "13/11/2024"
    proposal = proposed(tmp_path, LEADS.assign(created_at=days))
    assert proposal.setting("date_format") == "%m/%d/%Y"
    assert '"created_at": read as %m/%d/%Y; every date also reads as %d/%m/%Y: look.' in checks(proposal)


def test_days_beyond_the_twelfth_settle_it_though_they_are_few(tmp_path: Path) -> None:
    days = [f"{15 if row == 99 else 1:02d}/{1 + row % 12:02d}/{2023 + row // 200}" for row in range(N)]
    assert proposed(tmp_path, LEADS.assign(created_at=days)).setting("date_format") == "%d/%m/%Y"


@pytest.mark.parametrize("form", ["%y/%m/%d", "%y.%m.%d", "%d.%m.%y", "%m/%d/%y"])
def test_a_year_of_two_digits_stands_where_it_spreads_the_dates_least(form: str) -> None:
    found = detect_date_format(Column.of(pd.Series(ARRIVED.strftime(form)), "created"))
    assert found is not None
    assert (found.text, found.also) == (form, None)


@pytest.mark.parametrize(
    ("nothing", "form"),
    [("0000-00-00 00:00:00", "%Y-%m-%d %H:%M:%S"), ("0000-00-00", "%Y-%m-%d"), ("00/00/0000", "%d/%m/%Y")],
)
def test_zeros_are_no_date_and_dates_beside_them_are_read(tmp_path: Path, nothing: str, form: str) -> None:
    closing = np.where(OPEN, nothing, CLOSED_AT.strftime(form))
    proposal = proposed(tmp_path, CLOSED.assign(closed_at=closing))
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    closed_at = read_history(read_config(tmp_path / "scoring.toml")).closed_at
    assert closed_at is not None
    assert (np.isnat(closed_at) == OPEN).all()


def test_zero_is_no_time_among_seconds(tmp_path: Path) -> None:
    seconds = CLOSED_AT.astype("datetime64[s]").astype("int64")
    proposal = proposed(tmp_path, CLOSED.assign(closed_at=np.where(OPEN, 0, seconds)))
    assert proposal.setting("at") == "closed_at"
    (tmp_path / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    closed_at = read_history(read_config(tmp_path / "scoring.toml")).closed_at
    assert closed_at is not None
    assert (np.isnat(closed_at) == OPEN).all()


def test_dates_of_iso_8601_need_no_format_whatever_stands_among_them() -> None:
    texts = np.where(RNG.random(N) < 0.2, "never seen 0000-00", ARRIVED.strftime("%Y-%m-%d %H:%M:%S"))
    found = detect_date_format(Column.of(pd.Series(texts), "closed_at"))
    assert found is None or found.text == ISO
