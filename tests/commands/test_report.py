"""`leads report` says what was done to a company, with the same numbers as the API and the page."""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from simulation.scenarios import SCENARIOS
from tests.commands.conftest import Leads
from tests.serving.conftest import wait_until

UNTIL = dt.date(2026, 10, 1)
CHANGE = UNTIL - dt.timedelta(days=180)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
AROUND_THE_CHANGE = (
    *("--from", CHANGE, "--to", CHANGE + 8 * WEEK - DAY),
    *("--before-from", CHANGE - 8 * WEEK, "--before-to", CHANGE - DAY),
)


@pytest.fixture
def filled(company: Path, leads: Leads, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company's folder, its past in the store."""
    monkeypatch.setenv("LEADS_DATABASE_URL", "sqlite:///leads.db")
    assert leads("import-history").code == 0
    return company


def test_the_report_is_the_same_from_the_command_line_and_the_api(filled: Path, leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL, "--json")
    assert ran.code == 0, ran.err

    app = create_app(Settings(), clock=lambda: dt.datetime(2026, 10, 1, 9, 30, tzinfo=dt.UTC))
    with TestClient(app, base_url="http://localhost") as client:
        wait_until(lambda: client.get("/v1/report").status_code == 200)
        assert client.get("/v1/report").json() == json.loads(ran.out)


def test_the_report_speaks_in_sentences(filled: Path, leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL)

    assert ran.code == 0
    assert "Conversion " in ran.out
    assert "Handling is what was done with them, or quality that the fields do not show." in ran.out
    assert "Expected of the young leads: not known: no scored lead is younger than the horizon" in ran.out


def test_the_page_is_one_file(filled: Path, leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL, "--out", "week.html")

    assert ran.code == 0, ran.err
    page = Path("week.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "Conversion " in page


def test_a_model_that_has_seen_the_leads_does_not_judge_them(filled: Path, leads: Leads) -> None:
    told = json.loads(leads("report", "--as-of", UNTIL, "--json").out)

    assert told["reference"]["kind"] == "trained"
    assert told["reference"]["version"] is None
    assert told["drift"]["fields"][0]["weight"] is not None


def test_a_model_that_has_seen_neither_period_judges_them(filled: Path, leads: Leads) -> None:
    assert leads("train", "--as-of", CHANGE, "--trials", 1, "--budget", 10).code == 0

    told = json.loads(leads("report", "--as-of", UNTIL, *AROUND_THE_CHANGE, "--json").out)

    assert told["reference"]["kind"] == "version"
    assert told["reference"]["version"] == "2"
    assert told["reference"]["judged"] == told["windows"]["before"]["matured"] + told["windows"]["after"]["matured"]


def test_periods_that_overlap_are_refused(filled: Path, leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL, "--from", "2026-05-01", "--before-from", "2026-04-30", "--to", "2026-05-09")

    assert ran.code == 1
    assert "the periods overlap" in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_is_told_as_it_was(
    scenario: str, leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole product: simulate, import, train on what was known before, report the change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADS_DATABASE_URL", "sqlite:///leads.db")
    for line in (
        f"simulate . --leads 20000 --seed 21 --scenario {scenario} --until {UNTIL}",
        "init leads.csv --outcomes outcomes.csv --contacts contacts.csv",
        f"train --as-of {CHANGE} --trials 4 --budget 60",
        "import-history",
    ):
        ran = leads(*line.split())
        assert ran.code == 0, ran.err
    told = json.loads(leads("report", "--as-of", UNTIL, *AROUND_THE_CHANGE, "--json").out)

    true = _true_parts(tmp_path)
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{line}" for line in _lines(scenario, true, told)))
    assert told["reference"]["kind"] == "version"
    assert all(_is_near(told["change"][part], value) for part, value in true.items())
    if scenario == "speed-does-nothing":
        assert told["response"]["speed"]["verdict"] != "speed"


def _true_parts(folder: Path) -> dict[str, float]:
    """By the chances that only a simulation knows: of the leads as they came, and as they were handled."""
    arrived = pd.to_datetime(pd.read_csv(folder / "leads.csv")["created_at"]).dt.date
    truth = pd.read_csv(folder / "truth.csv")
    before, after = (truth[(arrived >= start) & (arrived < start + 8 * WEEK)] for start in (CHANGE - 8 * WEEK, CHANGE))
    total = after["probability_handled"].mean() - before["probability_handled"].mean()
    mix = after["probability"].mean() - before["probability"].mean()
    return {"total": total, "mix": mix, "handling": total - mix}


def _lines(scenario: str, true: dict[str, float], told: dict[str, Any]) -> Iterator[str]:
    """The proof's table."""
    for part, value in true.items():
        found = told["change"][part]
        reported = f"{100 * found['value']:+5.1f} [{100 * found['low']:+.1f}, {100 * found['high']:+.1f}]"
        yield f"{scenario:25} {part:9} true {100 * value:+5.1f}   reported {reported}"
    yield f"{'':25} {' '.join(told['answer']['sentences'])}"


def _is_near(found: dict[str, float], value: float) -> bool:
    """Within the interval of 95 %, or outside it by no more than one such reach: there are 21 of them."""
    reach = (found["high"] - found["low"]) / 2
    return abs(found["value"] - value) <= 2 * reach
