"""`leads retrain` on a real store and a real registry: what it learns, what it refuses, and that it runs alone."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.training_runs.process_lock import hold_lock
from commands.training_runs.retraining import Retraining
from features.config import read_config
from training.pipeline import Settings
from training.registry import open_registry

QUICK = ("--trials", "1", "--budget", "5")


def change(store: Path, statement: str) -> None:
    """Change the leads, or the outcomes, behind the service's back."""
    connection = sqlite3.connect(store)
    with connection:
        assert connection.execute(statement).rowcount
    connection.close()


def test_it_registers_what_it_learned_and_what_was_accepted_and_says_why_the_champion_stays(leads, company, store):
    change(store, WRONG["unit:annual_revenue"])
    for file in ("leads.csv", "scoring.toml"):
        Path(file).write_text(Path(file).read_text("utf-8").replace("lead_id", "No"), "utf-8")

    ran = leads("retrain", "--accept", "unit:annual_revenue", "--accept", "rows", *QUICK)

    assert ran.code == 0, ran.err
    first, *told = ran.out.splitlines()
    assert first == "The champion stays version 1; version 2 is registered as challenger."
    assert any("newer ones are needed" in line for line in told)
    assert "  accepted: unit:annual_revenue: its middle value is " in ran.out
    assert "  note: --accept rows was not needed: there is no such change" in told
    (report,) = Path("retrains").iterdir()
    kept = json.loads(report.read_text("utf-8"))
    assert (kept["ended"], kept["champion"], kept["version"]) == ("held", "1", "2")
    version = open_registry().show("2").model
    assert version.tags["retrain.leads_sha256"] == kept["exported"]["leads.csv"]
    assert version.tags["retrain.accepted"].startswith("unit:annual_revenue: ")
    assert version.tags["project"] == company.name
    assert Path("history", "leads.csv").read_text("utf-8").startswith("No,")  # the company's own name for its ids


def test_a_dry_run_tells_each_step_and_leaves_no_file_and_no_model(leads, company, store):
    before = {*Path().rglob("*.*")}

    ran = leads("retrain", "--dry-run", "--json", "--exit-code", *QUICK)

    assert ran.code == 3
    assert json.loads(ran.out)["ended"] == "would hold"
    assert {*Path().rglob("*.*")} - before == {Path(".retrain.lock")}
    assert [model.version for model in open_registry().versions()] == ["1"]
    told = [line.split() for line in ran.err.splitlines()]
    steps = ["started", "exported", "compared", "trained", "would_hold"]
    assert [event for _, event, *_ in told] == [f"retrain.{step}" for step in steps]
    assert all(datetime.fromisoformat(at).tzinfo == UTC for at, *_ in told)


def test_without_a_champion_the_first_model_is_promoted(leads, company, store):
    shutil.rmtree("mlruns")

    ran = leads("retrain", "--exit-code", *QUICK)

    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0] == "Version 1 is champion, in place of none."
    assert open_registry().history()[0].by.endswith("leads retrain")


WRONG = {
    "rows": "DELETE FROM leads WHERE rowid % 2",
    "source:partner": "UPDATE leads SET source = 'Affiliates' WHERE source = 'Partner'",
    "unit:annual_revenue": """UPDATE leads SET fields =
        json_set(fields, '$.annual_revenue', json_extract(fields, '$.annual_revenue') / 1000.0)
        WHERE json_extract(fields, '$.annual_revenue') <> ''""",
    "values:industry": """UPDATE leads SET fields =
        json_set(fields, '$.industry', 'NACE ' || length(json_extract(fields, '$.industry')))
        WHERE json_extract(fields, '$.industry') <> ''""",
    "fill:email": "UPDATE leads SET fields = json_remove(fields, '$.email') WHERE rowid % 10",
    "won": "UPDATE outcomes SET status = 'lost' WHERE status = 'won' AND rowid % 3",
}


TRIED_EACH_TIME = ("rows", "source:partner", "unit:annual_revenue")


@pytest.mark.parametrize(
    "name", [name if name in TRIED_EACH_TIME else pytest.param(name, marks=pytest.mark.slow) for name in WRONG]
)
def test_data_that_went_wrong_are_refused_with_a_name_to_accept_them_by(leads, company, store, name):
    change(store, WRONG[name])

    ran = leads("retrain", "--json", *QUICK)

    assert ran.code == 1
    told = json.loads(ran.out)
    assert (told["ended"], told["version"], told["champion"]) == ("refused", None, "1")
    assert f"  {name}: " in told["reasons"][0]
    assert f"--accept {name}" in ran.err
    assert [model.version for model in open_registry().versions()] == ["1"]
    assert json.loads(next(Path("retrains").iterdir()).read_text("utf-8")) == told


def test_a_field_of_another_kind_is_refused(leads, company, store):
    config = Path("scoring.toml")
    before, after = config.read_text("utf-8").split("[fields.pages_viewed]")
    config.write_text(before + "[fields.pages_viewed]" + after.replace('"numeric"', '"category"', 1), "utf-8")

    assert "  kind:pages_viewed: is category now, and was numeric" in leads("retrain", *QUICK).err


def test_values_that_cannot_be_read_are_refused_by_their_rows(leads, company, store):
    change(store, "UPDATE leads SET fields = json_set(fields, '$.pages_viewed', 'many') WHERE rowid = 7")

    ran = leads("retrain", *QUICK)

    assert ran.code == 1
    assert "column 'pages_viewed': is not a number" in ran.err


def test_two_never_run_at_once(leads, company, store):
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env=os.environ
    )
    assert holding.stdout.readline() == "held\n"

    ran = leads("retrain", *QUICK)
    holding.kill()
    holding.communicate()

    assert ran.code == 1
    assert f"another leads retrain is running (process {holding.pid})" in ran.err
    assert not Path("retrains").exists()
    with hold_lock(Path(".retrain.lock"), "leads retrain"):
        pass  # killed as it was, it left no lock behind


HOLD = """
import sys
from pathlib import Path
from commands.training_runs.process_lock import hold_lock
from commands.training_runs.retraining import Retraining
from features.config import read_config
with hold_lock(Path(".retrain.lock"), "leads retrain"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_model_that_became_champion_meanwhile_is_not_replaced_unjudged(leads, company, store):
    config = read_config(Path("scoring.toml"))
    settings = Settings(as_of=None, budget_s=5, seed=7, trials=1)
    job = Retraining(config, settings, open_registry(), None, (), in_silence, datetime.now(UTC))
    job.train()

    assert job.keep() == "held"
    assert job.report("held").notes[0] == "version 1 became champion meanwhile, which this one was not judged against"


def in_silence(event: str, **fields: object) -> None:
    """Nobody reads this log."""
