"""What is filled in after the arrival never becomes a score: the classic leak, by the real commands."""

import json
from pathlib import Path

import pandas as pd
import pytest
import tomlkit
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.settings import read_settings
from training.registry import open_registry

ARRIVED = 300
ROLES = ("source", "campaign", "value")


@pytest.fixture
def misled(company, monkeypatch):
    """A scoring.toml that calls `account_manager` known at arrival, though it is filled in after winning."""
    monkeypatch.setenv("LEADS_DATABASE_URL", f"sqlite:///{company}/leads.db")
    change(company, fields={"account_manager": {"known": "arrival"}})
    return company


def change(company: Path, **sections: dict[str, dict[str, object]]) -> None:
    place = company / "scoring.toml"
    config = tomlkit.parse(place.read_text())
    for section, settings in sections.items():
        for name, setting in settings.items():
            if isinstance(setting, dict):
                config[section][name].update(setting)
            else:
                config.setdefault(section, {})[name] = setting
    place.write_text(tomlkit.dumps(config))


def arrive(company: Path) -> None:
    """New leads come in over the API as a CRM sends them, before anybody is their account manager."""
    leads = pd.read_csv("leads.csv").tail(ARRIVED).drop(columns=["account_manager", "created_at"])
    with TestClient(create_app(read_settings(open=True)), base_url="http://localhost") as crm:
        for lead in json.loads(leads.to_json(orient="records")):
            assert crm.put(f"/v1/leads/new-{lead.pop('lead_id')}", json=as_sent(lead)).is_success


def as_sent(lead: dict[str, object]) -> dict[str, object]:
    known = {name: value for name, value in lead.items() if value is not None}
    return {role: known.pop(role) for role in ROLES if role in known} | {"fields": known}


def test_a_field_filled_after_winning_is_refused_by_what_the_store_saw_arrive(leads, misled):
    arrive(misled)
    assert leads("export-history", "history").code == 0
    change(misled, arrivals={"table": "history/arrivals.csv"})
    before = open_registry().champion_version()

    ran = leads("train", "--trials", "1", "--budget", "20")

    assert ran.code == 1
    (told,) = [line for line in ran.err.splitlines() if line.startswith("  account_manager: ")]
    assert "filled for 9" in told
    assert "of the training leads that won" in told
    assert f"for 0 % of the {ARRIVED} leads as they arrived" in told
    assert 'known = "later"' in ran.err
    assert ran.out == ""
    assert open_registry().champion_version() == before
    assert len(json.loads(leads("models", "list", "--json").out)) == 1

    change(misled, fields={"account_manager": {"known": "later"}})
    assert leads("train", "--trials", "1", "--budget", "20").code == 0


@pytest.mark.slow
def test_without_any_arrivals_the_score_itself_gives_it_away(leads, misled):
    ran = leads("train", "--trials", "1", "--budget", "20")

    assert ran.code == 1
    assert "  account_manager: an AUC of 0.9" in ran.err
    assert "strong = true" in ran.err
    assert len(json.loads(leads("models", "list", "--json").out)) == 1
