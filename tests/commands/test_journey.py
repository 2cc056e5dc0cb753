"""The way of a data scientist through the commands, on a simulated company."""

import json
from datetime import UTC, datetime

import mlflow
import numpy as np
import pandas as pd
import pytest

from features.lead_table import one_lead, parse_leads
from features.tables.read import read_table
from training.registry import open_registry
from training.registry.names import NAME


def test_init_marks_the_planted_leak_and_no_harmless_field(leads, company):
    ran = leads("init", "leads.csv", "--outcomes", "outcomes.csv", "--force", "--json")

    fields = json.loads(ran.out)["fields"]
    assert [name for name, field in fields.items() if field["known"] == "later"] == ["account_manager"]


def test_init_does_not_replace_a_config_unless_told(leads, company):
    before = (company / "scoring.toml").read_text()

    ran = leads("init", "leads.csv", "--outcomes", "outcomes.csv")

    assert ran.code == 2
    assert "--force replaces it" in ran.err
    assert (company / "scoring.toml").read_text() == before


def test_the_first_model_becomes_champion(leads, company):
    listed = json.loads(leads("models", "list", "--json").out)

    assert listed[-1]["version"] == "1"
    assert "champion" in listed[-1]["aliases"]


@pytest.mark.slow
def test_training_again_with_as_many_trials_scores_the_same_to_the_last_bit(leads, company):
    again = json.loads(leads("train", "--trials", "1", "--budget", "20", "--json").out)
    version = again["version"]

    assert not again["champion"]
    assert "learned from all but" in " ".join(again["decision"]["reasons"])
    leads("score", "leads.csv", "first.parquet", "--model", "1")
    leads("score", "leads.csv", "again.parquet", "--model", version)
    first, second = pd.read_parquet("first.parquet"), pd.read_parquet("again.parquet")
    pd.testing.assert_frame_equal(first.drop(columns="model_version"), second.drop(columns="model_version"))


def test_scores_come_in_the_order_of_the_input_with_the_documented_columns(leads, company):
    assert leads("score", "leads.csv", "scored.csv", "--reasons", "2").code == 0

    scored = pd.read_csv("scored.csv")
    assert list(scored) == ["lead_id", "probability", "grade", "percentile", "model_version", "reason_1", "reason_2"]
    assert list(scored.lead_id) == list(pd.read_csv("leads.csv").lead_id)
    assert scored.probability.between(0, 1).all()
    assert scored.reason_1.str.endswith(" the score most").all()


def test_the_words_of_confidence_are_counted_and_add_up_to_the_leads(leads, company):
    told = json.loads(leads("score", "leads.csv", "scored.csv", "--confidence", "--json").out)
    words = pd.read_csv("scored.csv", keep_default_na=False)["confidence"].value_counts()
    assert {word: number for word, number in told["confidence"].items() if number} == words.to_dict()
    assert words.sum() == told["leads"]


def test_a_lead_has_one_probability_in_a_file_alone_and_through_mlflow(leads, company, monkeypatch):
    leads("score", "leads.csv", "scored.parquet", "--reasons", "0")
    in_file = pd.read_parquet("scored.parquet").probability.to_numpy()
    registry = open_registry()
    model = registry.load("champion")
    table = parse_leads(read_table("leads.csv"), model.schema)

    alone = [model.score(one_lead(table, row, model.schema), datetime.now(UTC)).probability for row in range(200)]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registry.location.tracking_uri)
    pyfunc = mlflow.pyfunc.load_model("models:/lead-scoring@champion").predict(pd.read_csv("leads.csv"))

    assert np.abs(in_file[:200] - alone).max() <= 1e-12
    assert np.abs(in_file - pyfunc.probability.to_numpy()).max() <= 1e-12
    assert set(pyfunc.model_version.astype(str)) == {registry.champion_version()}


def test_a_bad_table_is_refused_with_every_problem_and_writes_nothing(leads, company):
    table = pd.read_csv("leads.csv", dtype=str).head(50)
    table.loc[3, "employees"] = "many"
    table.loc[7, "lead_id"] = table["lead_id"][8]
    table.loc[9, "created_at"] = "yesterday"
    table.drop(columns="country").to_csv("bad.csv", index=False)

    ran = leads("score", "bad.csv", "scored.csv")

    assert ran.code == 1
    for part in ("'country'", "'employees'", "row 5", "'lead_id'", "9, 10", "'created_at'", "row 11"):
        assert part in ran.err
    assert not (company / "scored.csv").exists()


def test_promotion_rollback_and_comparison(leads, company):
    client = open_registry().client
    first = client.get_model_version(NAME, "1")
    again = client.create_model_version(NAME, first.source, first.run_id, first.tags, model_id=first.model_id)
    version = again.version

    assert "is champion in place of" in leads("models", "promote", version, "--why", "a test").out
    compared = json.loads(leads("models", "compare", "1", version, "--json").out)
    assert {pair["name"] for pair in compared["metrics"]} >= {"log_loss", "auc"}
    assert "champion again" in leads("models", "rollback").out
    assert open_registry().champion_version() == "1"


def test_showing_a_model_prints_its_card(leads, company):
    card = leads("models", "show").out

    assert "fitted once more" in card
    assert "account_manager" in card


def test_a_card_is_shown_whole_also_its_long_sentences(leads, company):
    """Items of a list were cut off at the width of the terminal."""
    shown = " ".join(leads("models", "show").out.split())
    card = json.loads(leads("models", "show", "--json").out)["card"]
    items = [line.removeprefix("- ") for line in card.splitlines() if line.startswith("- ")]
    plain = [item for item in items if not set(item) & set("`*_[")]
    assert max(map(len, plain)) > 160
    assert [item for item in plain if " ".join(item.split()) not in shown] == []


def test_an_unknown_model_says_where_to_look(leads, company):
    ran = leads("score", "leads.csv", "scored.csv", "--model", "99")

    assert ran.code == 1
    assert "`leads models list` shows those there are" in ran.err


def test_without_a_model_training_is_what_comes_next(leads, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    ran = leads("models", "show")

    assert ran.code == 1
    assert "run `leads train`" in ran.err


@pytest.mark.parametrize("name", ["scored.xlsx", "scored"])
def test_an_output_of_another_kind_is_wrong_usage(leads, company, name):
    ran = leads("score", "leads.csv", name)

    assert ran.code == 2
    assert ".csv or .parquet" in ran.err


def test_scores_are_never_written_over_their_input(leads, company):
    before = (company / "leads.csv").read_bytes()

    ran = leads("score", "leads.csv", "../" + company.name + "/leads.csv")

    assert ran.code == 2
    assert "is the input" in ran.err
    assert (company / "leads.csv").read_bytes() == before


def test_a_bad_file_is_named_in_the_refusal(leads, company):
    pd.read_csv("leads.csv").drop(columns="country").to_csv("short.csv", index=False)

    assert "short.csv" in leads("score", "short.csv", "scored.csv").err
