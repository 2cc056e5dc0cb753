"""A company's tables through the store and back: what is learned from them stays the same."""

import json
import resource
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomlkit

from commands.training_runs.exported_config import adapt_config
from features.config import ScoringConfig, read_config
from features.history import read_history
from tests.running import exit_code
from training.data.dataset import make_dataset

MEGABYTES = 1024 if sys.platform != "darwin" else 1024**2


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A simulated company's tables."""
    folder = tmp_path_factory.mktemp("simulated")
    assert exit_code(["simulate", ".", "--leads", "2000", "--until", "2026-10-01"], folder) == 0
    return folder


@pytest.fixture
def tables(simulated, tmp_path, monkeypatch):
    """The tables in company/, and an empty store."""
    monkeypatch.setenv("LEADS_DATABASE_URL", f"sqlite:///{tmp_path}/leads.db")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(simulated, "company")
    return tmp_path


def test_what_is_learned_from_an_export_is_what_was_learned_from_the_tables(leads, tables):
    for folder in ("company", "history"):
        if folder == "history":
            assert leads("import-history", "company").code == 0
            assert leads("export-history", "history").code == 0
        made = leads(
            *("init", f"{folder}/leads.csv", "--outcomes", f"{folder}/outcomes.csv"),
            *("--contacts", f"{folder}/contacts.csv", "--out", f"{folder}/scoring.toml"),
        )
        assert made.code == 0, made.err

    before, after = (dataset(read_config(Path(folder, "scoring.toml"))) for folder in ("company", "history"))

    assert len(after) > 1_000
    assert after.content_hash == before.content_hash
    assert np.array_equal(after.won, before.won)
    assert (after.counts, after.as_of) == (before.counts, before.as_of)
    assert after.young.content_hash() == before.young.content_hash()


def dataset(config: ScoringConfig):
    return make_dataset(read_history(config), None, config.outcome.horizon_days)


def test_it_is_told_what_was_imported(leads, tables):
    ran = leads("import-history", "company", "--json")
    told = {one["kind"]: one for one in json.loads(ran.out)["imported"]}

    assert list(told) == ["leads", "contacts", "outcomes", "spend"]
    assert (told["leads"]["rows"], told["leads"]["stored"], told["leads"]["done_before"]) == (2_000, 2_000, False)
    assert leads("import-history", "company").out.splitlines() == [
        f"{kind}: {kind}.csv was imported already." for kind in told
    ]


def test_contacts_and_outcomes_before_their_lead_are_stored_and_told_with_their_row(leads, tables):
    closed = Path("company/outcomes.csv")
    lines = closed.read_text().splitlines()
    place = lines[0].split(",").index("at")
    for row in (4, 6):
        cells = lines[row].split(",")
        cells[place] = "2001-01-01T10:00:00Z"
        lines[row] = ",".join(cells)
    closed.write_text("\n".join(lines) + "\n")

    ran = leads("import-history", "company")

    assert ran.code == 0
    assert (
        'Note: outcomes.csv: in 2 rows "at" is earlier than the lead\'s "created_at" (row 5 first): they are '
        in ran.err
    )
    assert "contacts.csv: in" not in ran.err


def test_a_file_that_cannot_be_used_is_refused_with_every_row(leads, tables):
    place = Path("company/outcomes.csv")
    rows = place.read_text().splitlines()
    place.write_text("\n".join([*rows[:5], ",2026-01-01,won,,", "L-1,soon,won,,", *rows[5:]]))

    ran = leads("import-history", "company")

    assert ran.code == 1
    assert "outcomes.csv: column 'lead_id': has no value (row 6)" in ran.err
    assert "outcomes.csv: column 'at': is not an ISO 8601 time" in ran.err
    assert "(row 7)" in ran.err
    assert json.loads(leads("export-history", "out", "--json").out)[0]["rows"] == 0


OWN = """
[leads]
table = "crm.csv"
id = "No"
created_at = "Eingang"
date_format = "%d.%m.%Y"
decimal = ","
value = "Summe"

[outcome]
column = "Stand"
won = ["Gewonnen"]
lost = ["Verloren"]
at = "Ende"

[fields.Ort]
kind = "category"
known = "arrival"
"""
CRM = "No;Eingang;Ort;Stand;Ende;Summe\n7;02.11.2026;Köln;Gewonnen;05.11.2026;1.234,5\n8;03.11.2026;Ulm;Neu;;\n"


@pytest.mark.parametrize(
    "words", [["own"], ["--config", "own/scoring.toml"], ["own", "--config", "own/scoring.toml"], []]
)
def test_a_company_brings_its_own_names(leads, tmp_path, monkeypatch, words):
    monkeypatch.setenv("LEADS_DATABASE_URL", f"sqlite:///{tmp_path}/leads.db")
    own = tmp_path / "own"
    own.mkdir()
    (own / "scoring.toml").write_text(OWN, encoding="utf-8")
    (own / "crm.csv").write_text(CRM, encoding="utf-8")
    monkeypatch.chdir(tmp_path if words else own)

    ran = leads("import-history", *words)

    assert "outcomes: 2 rows of crm.csv, 1 new, 1 neither won nor lost." in ran.out
    leads("export-history", tmp_path / "out", "--config", own / "scoring.toml")
    assert (tmp_path / "out/leads.csv").read_text("utf-8").splitlines() == [
        "No,Eingang,source,campaign,Summe,Ort",
        '7,2026-11-02T00:00:00Z,,,"1234,5",Köln',
        "8,2026-11-03T00:00:00Z,,,,Ulm",
    ]
    assert (tmp_path / "out/outcomes.csv").read_text().splitlines()[1].startswith("7,2026-11-05T00:00:00Z,won,1234.5")


OWN_NAMES = {"lead_id": "Prospect ID", "created_at": "Created On", "source": "Lead Source", "value": "Deal, EUR"}


@pytest.fixture
def own(leads, tables):
    """The company under names of its own, with the outcome in the leads table, imported into the store."""
    table = pd.read_csv("company/leads.csv", dtype=str)
    closed = pd.read_csv("company/outcomes.csv", dtype=str).set_index("lead_id")
    table["Stage"] = table.lead_id.map(closed.status).map({"won": "Closed Won", "lost": "Closed Lost"})
    table["Closed On"] = table.lead_id.map(closed["at"])
    names = {name: own for name, own in OWN_NAMES.items() if name in table.columns}
    table.rename(columns=names).to_csv("company/leads.csv", index=False)
    Path("company/outcomes.csv").unlink()
    made = leads(
        *("init", "company/leads.csv", "--outcome", "Stage=Closed Won", "--contacts", "company/contacts.csv"),
        *("--out", "company/scoring.toml"),
    )
    assert made.code == 0, made.err
    assert leads("import-history", "company").code == 0
    return Path("company/scoring.toml")


def test_an_export_is_learned_from_with_the_company_s_own_names_and_roles(leads, own):
    ran = leads("export-history", "history", "--config", own)

    assert "Next: leads train --config history/scoring.toml" in ran.err
    before, after = read_config(own), read_config(Path("history/scoring.toml"))
    assert after.lead_schema.fingerprint == before.lead_schema.fingerprint
    assert "#" in after.path.read_text()
    learned, learned_again = dataset(before), dataset(after)
    assert len(learned) > 1_000
    assert learned_again.content_hash == learned.content_hash
    assert np.array_equal(learned_again.won, learned.won)


def test_a_scoring_toml_that_is_there_is_kept_and_what_it_must_say_is_told(leads, own):
    Path("history").mkdir()
    there = Path("history/scoring.toml")
    there.write_text(own.read_text())

    ran = leads("export-history", "history")

    assert there.read_text() == own.read_text()
    told = ran.err.split("it must say:")[1].split("Next:")[0]
    needed = tomllib.loads(told)
    assert list(needed) == ["outcome"]
    assert needed["outcome"]["table"] == "outcomes.csv"

    document = tomllib.loads(there.read_text()) | needed
    there.write_text(tomlkit.dumps(document))
    assert "it must say" not in leads("export-history", "history").err
    assert dataset(read_config(there)).content_hash == dataset(read_config(own)).content_hash


def test_leads_that_were_called_by_their_score_are_learned_from_with_the_scores_that_were_logged(leads, tables):
    """Half of the leads were never called, those that scored low; what was called stands for them too."""
    log_scores_and_forget_calls("company")
    init = ("init", "company/leads.csv", "--outcomes", "company/outcomes.csv", "--out", "company/scoring.toml")
    refused = leads(*init, "--scores", "company/scores.csv")
    assert (refused.code, "only --contacts tell who was called: name them too" in refused.err) == (2, True)
    assert leads(*init, "--contacts", "company/contacts.csv", "--scores", "company/scores.csv").code == 0

    ran = leads("train", "--config", "company/scoring.toml", "--trials", "1")

    assert ran.code == 0, ran.err
    assert "matured leads with a logged score were worked; each counts for those that scored alike" in " ".join(
        ran.err.split()
    )


def log_scores_and_forget_calls(folder):
    company, rng = Path(folder), np.random.default_rng(1)
    table = pd.read_csv(company / "leads.csv", dtype=str)
    table["probability"] = rng.uniform(0.01, 0.5, len(table)).round(4)
    named = {"lead_id": table.lead_id, "scored_at": table.created_at, "probability": table.probability}
    pd.DataFrame(named).to_csv(company / "scores.csv", index=False)
    called = table.lead_id[rng.random(len(table)) < np.where(table.probability > 0.25, 0.9, 0.1)]
    for name in ("contacts", "outcomes"):
        rows = pd.read_csv(company / f"{name}.csv", dtype=str)
        rows[rows.lead_id.isin(called)].to_csv(company / f"{name}.csv", index=False)


def test_an_export_reads_its_own_scores_where_the_company_s_do_count(own):
    text = own.read_text().replace("[contacts]", '[propensity]\ntable = "elsewhere.csv"\n\n[contacts]')
    own.write_text(text)
    config = read_config(own)
    told = tomllib.loads(adapt_config(config, {"outcomes", "contacts", "scores"}))
    assert told["propensity"] == {"table": "scores.csv"}
    for filled in ({"outcomes", "contacts"}, {"outcomes", "scores"}):
        assert "propensity" not in tomllib.loads(adapt_config(config, filled))


def test_an_export_without_an_outcome_says_that_there_is_nothing_to_learn_from(leads, tmp_path, monkeypatch):
    monkeypatch.setenv("LEADS_DATABASE_URL", f"sqlite:///{tmp_path}/leads.db")
    monkeypatch.chdir(tmp_path)
    Path("leads.csv").write_text("lead_id,created_at\nL-1,2026-11-02\n")
    leads("import-history")

    ran = leads("export-history", "out")

    assert ran.code == 0
    assert "nothing to learn from" in ran.err
    assert "Next" not in ran.err


def test_an_empty_folder_is_refused(leads, tmp_path, monkeypatch):
    monkeypatch.setenv("LEADS_DATABASE_URL", f"sqlite:///{tmp_path}/leads.db")
    assert "holds none of leads.csv" in leads("import-history", tmp_path).err


@pytest.mark.slow
def test_a_million_leads_are_never_held_in_memory(tables, leads):
    header, *rows = Path("company/leads.csv").read_text().splitlines()
    Path("many").mkdir()
    with Path("many/leads.csv").open("w") as file:
        file.write(header + "\n")
        for turn in range(500):
            file.writelines(f"{turn}-{row}\n" for row in rows)

    for words in (["import-history", "many"], ["export-history", "out"]):
        subprocess.run([sys.executable, "-m", "commands", *words], check=True, capture_output=True)

    assert Path("out/leads.csv").read_bytes().count(b"\n") == 1_000_001
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEGABYTES < 500
