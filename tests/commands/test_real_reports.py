"""The report of real leads by the commands themselves: what it says, and that it warns where it should."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stats.estimates import Estimate
from tests.commands.conftest import Leads
from tests.conftest import Prove
from tests.proofs import Proof

pytestmark = pytest.mark.slow

REAL = Proof(
    "Real leads",
    "A Dutch lender's applications of four months and a Portuguese bank's calls of two and a half years, imported, "
    "trained on and reported by the commands. Nobody knows the truth here.",
    "the report is not made, tells as known what the tables do not hold, or does not warn of what follows",
)
LENDER = ("--before-from", "2011-11-16", "--before-to", "2011-12-31", "--from", "2012-01-01", "--to", "2012-02-12")
BANK = ("--before-from", "2008-05-05", "--before-to", "2008-12-31", "--from", "2010-01-01", "--to", "2010-11-17")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADS_DATABASE_URL", "sqlite:///leads.db")
    return tmp_path


def ran(leads: Leads, *words: object) -> str:
    done = leads(*words)
    assert done.code == 0, done.err
    return done.out


def told_of(part: dict[str, Any]) -> str:
    value, low, high = (f"{100 * part[end]:+.1f}".replace("-", "−") for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def test_the_lender_reads_what_response_time_did(
    workplace: Path, real_data: Path, leads: Leads, prove: Prove, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADS_WORKING_HOURS", "Mon-Sat 08:00-21:00 Europe/Amsterdam")
    for table in ("leads", "contacts", "outcomes"):
        shutil.copy(real_data / "bpi2012-loan" / f"{table}.csv", workplace)
    ran(leads, "init", "leads.csv", "--outcomes", "outcomes.csv", "--contacts", "contacts.csv")
    config = workplace / "scoring.toml"
    config.write_text(config.read_text("utf-8").replace("horizon_days = 90", "horizon_days = 30"), "utf-8")
    ran(leads, "train", "--as-of", "2011-12-16", "--trials", 1, "--budget", 30)
    ran(leads, "import-history")
    told = json.loads(ran(leads, "report", "--as-of", "2012-03-15", *LENDER, "--json"))

    speed = told["response"]["speed"]
    figures = f"speed, in points: raw {told_of(speed['raw'])}, at the same score {told_of(speed['adjusted'])}"
    prove(REAL, "lender, tried within an hour against later", speed["compared"], figures)
    change = told["change"]
    prove(REAL, "lender, change", change["before"]["n"] + change["after"]["n"], _parts(told))
    assert "This is observational" in speed["words"]
    assert Estimate(**speed["raw"]).known
    assert Estimate(**speed["adjusted"]).covers(speed["raw"]["value"])  # the score knows little of these leads
    assert told["response"]["whole"]["never_reached"]["reason"] == "no contact says whether it connected"
    assert told["conversations"]["whole"]["reach"]["value"] is None
    assert told["cost"]["whole"] is None


def test_the_bank_is_warned_of_comparing_2008_with_2010(
    workplace: Path, real_data: Path, leads: Leads, prove: Prove
) -> None:
    shutil.copy(real_data / "bank-marketing" / "leads.csv", workplace)
    ran(leads, "init", "leads.csv", "--outcome", "converted")
    ran(leads, "train", "--as-of", "2008-10-01", "--trials", 1, "--budget", 30)
    ran(leads, "import-history")
    told = json.loads(ran(leads, "report", "--as-of", "2011-03-01", *BANK, "--json"))

    change, said = told["change"], " ".join(told["answer"]["cautions"])
    prove(REAL, "bank, 2008 against 2010", change["before"]["n"] + change["after"]["n"], _parts(told))
    assert change["before"]["value"] < 0.06
    assert change["after"]["value"] > 0.5
    for warning in (
        "told leads apart more than they truly differed",
        "has learned from other leads of these same two periods",
        "than the whole of what it was before",
        "Between the two periods lie 365 days",
        "Contacts are not recorded",
    ):
        assert warning in said


def _parts(told: dict[str, Any]) -> str:
    parts = ", ".join(f"{part} {told_of(told['change'][part])}" for part in ("total", "mix", "handling"))
    return f"{parts}; {len(told['answer']['cautions'])} cautions"
