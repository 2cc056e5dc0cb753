"""`leads report` says what was done to a company, with the same numbers as the API and the page."""

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import Settings
from simulation.scenarios import SCENARIOS
from stats.estimates import Estimate
from tests.commands.conftest import Leads
from tests.conftest import Prove
from tests.proofs import Proof
from tests.serving.conftest import wait_until

WHOLE = Proof(
    "Scenarios through the whole product",
    "20,000 simulated leads each, in points: `leads simulate`, `init`, `train` on what was known before both periods, "
    "`import-history` and `report` of the eight weeks on either side. The truth is by the chances that only a "
    "simulation knows: mix by those at arrival, handling by those after it.",
    "a reported 95 % interval does not hold the truth, or speed that does nothing is told as speed",
)
UNTIL = dt.date(2026, 10, 1)
CHANGE = UNTIL - dt.timedelta(days=180)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
AROUND_THE_CHANGE = (
    *("--from", CHANGE, "--to", CHANGE + 8 * WEEK - DAY),
    *("--before-from", CHANGE - 8 * WEEK, "--before-to", CHANGE - DAY),
)


@pytest.mark.usefixtures("store")
def test_the_report_is_the_same_from_the_command_line_and_the_api(leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL, "--json")
    assert ran.code == 0, ran.err

    app = create_app(Settings(open=True), clock=lambda: dt.datetime(2026, 10, 1, 9, 30, tzinfo=dt.UTC))
    with TestClient(app, base_url="http://localhost") as client:
        wait_until(lambda: client.get("/v1/report").status_code == 200)
        assert client.get("/v1/report").json() == json.loads(ran.out)
    told = json.loads(ran.out)
    assert [point["start"] for point in told["trend"]["points"]] == [
        f"2025-{month:02}-01" for month in range(7, 13)
    ] + [f"2026-{month:02}-01" for month in range(1, 7)]
    assert (told["reference"]["kind"], told["reference"]["version"]) == ("trained", None)  # 1 has seen these leads
    assert told["drift"]["fields"][0]["weight"] is not None


@pytest.mark.usefixtures("store")
def test_the_report_speaks_in_sentences(leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL)

    assert ran.code == 0
    assert "conversion " in ran.out.lower()
    assert "Handling: how leads were worked, plus any quality our fields don't capture." in ran.out
    assert "Expected of the young leads: not known: no scored leads under 90 days old" in ran.out


@pytest.mark.usefixtures("store")
def test_the_page_is_one_file(leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL, "--out", "week.html")

    assert ran.code == 0, ran.err
    page = Path("week.html").read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "conversion " in page.lower()


@pytest.mark.usefixtures("store")
def test_a_model_that_has_seen_neither_period_judges_them(leads: Leads) -> None:
    assert leads("train", "--as-of", CHANGE - 9 * WEEK, "--trials", 1, "--budget", 10).code == 0

    told = json.loads(leads("report", "--as-of", UNTIL, *AROUND_THE_CHANGE, "--json").out)

    assert told["reference"]["kind"] == "version"
    assert told["reference"]["version"] == "2"
    assert told["reference"]["judged"] == told["windows"]["before"]["matured"] + told["windows"]["after"]["matured"]


@pytest.mark.usefixtures("store")
def test_periods_that_overlap_are_refused(leads: Leads) -> None:
    ran = leads("report", "--as-of", UNTIL, "--from", "2026-05-01", "--before-from", "2026-04-30", "--to", "2026-05-09")

    assert ran.code == 1
    assert "the periods overlap" in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_is_told_as_it_was(
    scenario: str, leads: Leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prove: Prove
) -> None:
    """The whole product: simulate, import, train on what was known before, report the change."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADS_DATABASE_URL", "sqlite:///leads.db")
    for line in (
        f"simulate . --leads 20000 --seed 21 --scenario {scenario} --until {UNTIL}",
        "init leads.csv --outcomes outcomes.csv --contacts contacts.csv",
        f"train --as-of {CHANGE - 9 * WEEK} --trials 1 --budget 60",
        "import-history",
    ):
        ran = leads(*line.split())
        assert ran.code == 0, ran.err
    told = json.loads(leads("report", "--as-of", UNTIL, *AROUND_THE_CHANGE, "--json").out)

    change = {part: Estimate(**told["change"][part]) for part in ("total", "mix", "handling")}
    true = _true_parts(tmp_path)
    for part, found in change.items():
        prove(
            WHOLE,
            f"{scenario}: {part}",
            1,
            f"true {_points(true[part])}, reported {_points(found.value)} {_ends(found)}",
        )
    assert told["reference"]["kind"] == "version"
    assert [part for part, found in change.items() if not found.covers(true[part])] == []
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


def _points(share: float | None) -> str:
    return f"{100 * (share or 0.0):+.1f}".replace("-", "−")


def _ends(found: Estimate) -> str:
    return f"[{_points(found.low)}, {_points(found.high)}]"
