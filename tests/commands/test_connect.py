"""`leads connect` and `leads pull`, as an administrator runs them for the first time, against a fake of each CRM."""

import json
import tomllib
from datetime import UTC, datetime

import pytest

from serving.migrations import prepare
from serving.store import Store, crm_notices
from serving.store import leads as store_leads
from serving.store.crm_notices import Settlement, StoredNotice
from serving.store.leads import LeadFacts
from tests.connectors.crm import fake_crm
from tests.connectors.crm.messages import environment
from tests.connectors.crm.test_history import fill, lead_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A working directory without anything, and a CRM."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("connectors.crm.api.Throttle.wait", lambda _: None)
    with fake_crm.running() as fake:
        for name, value in environment(fake.url).items():
            monkeypatch.setenv(name, value)
        yield fake


def hubspot(fake, *more: str) -> tuple[str, ...]:
    return (
        "connect", "hubspot", "--object", "contacts", "--set", "token=env:CRM_TOKEN", "--set", "secret=env:CRM_SECRET",
        "--set", f"endpoint={fake.url}", *more,
    )  # fmt: skip


def test_a_crm_is_tried_and_written_with_its_own_fields_and_score_fields(fake, leads, tmp_path):
    ran = leads(*hubspot(fake))

    assert ran.code == 0, ran.err
    section = tomllib.loads((tmp_path / "crm.toml").read_text())["hubspot"]
    assert section["fields"] == ["email", "phone", "jobtitle"]
    assert (section["write"], section["score"]) == (True, {"score": "our_score", "grade": "lead_grade"})
    assert "T" not in section.values()
    assert (section["source"], section["at"]) == ("", "")
    assert "HubSpot answers: 10 fields, 1 stages." in ran.out
    assert "Not there: hs_analytics_source" in ran.out
    assert "https://YOUR-SERVICE/v1/hooks/hubspot" in ran.out


def test_run_again_it_tries_the_connection_and_keeps_what_somebody_wrote(fake, leads, tmp_path):
    leads(*hubspot(fake))
    place = tmp_path / "crm.toml"
    place.write_text(place.read_text().replace('"jobtitle"', '"city"') + "# ours\n")
    before = place.read_text()

    assert leads("connect", "hubspot").code == 0
    assert place.read_text() == before


@pytest.mark.parametrize(
    ("words", "stages"),
    [
        (("hubspot", "--object", "deals", "--set", "token=env:CRM_TOKEN"), {"won": ["8"], "lost": ["9"]}),
        (("bitrix24", "--object", "leads", "--set", "token=env:BITRIX_URL"), {"won": ["UC_1"]}),
        (
            ("salesforce", "--object", "Lead", "--set", "client_id=env:CRM_TOKEN",
             "--set", "client_secret=env:CRM_CLIENT_SECRET"),
            {},
        ),
        (
            ("dynamics", "--object", "lead", "--set", "client_id=env:CRM_TOKEN", "--set", "account=contoso-tenant",
             "--set", "client_secret=env:CRM_CLIENT_SECRET"),
            {"score": {"score": "new_score"}},
        ),
        (("pipedrive", "--set", "token=env:CRM_TOKEN"), {}),
        (("kommo", "--set", "token=env:CRM_TOKEN"), {"score": {"score": "cf_9"}}),
        (("generic",), {}),
    ],
)  # fmt: skip
def test_each_crm_s_own_stages_are_found(fake, leads, tmp_path, words, stages):
    endpoint = () if words[0] in ("bitrix24", "generic") else ("--set", f"endpoint={fake.url}")
    authority = ("--set", f"authority={fake.url}") if words[0] == "dynamics" else ()
    ran = leads("connect", *words, "--set", "secret=env:CRM_SECRET", *endpoint, *authority)

    assert ran.code == 0, ran.err
    section = tomllib.loads((tmp_path / "crm.toml").read_text())[words[0]]
    assert {key: section[key] for key in ("won", "lost", "score") if key in section} == stages


def test_a_second_connection_gets_a_prefix_and_a_secret_of_one_s_own_choice_is_made(fake, leads, tmp_path):
    leads(*hubspot(fake))
    ran = leads("connect", "generic", "website", "--set", "secret=file:secrets/website-secret", "--json")

    assert json.loads(ran.out)["connection"] == "website"
    assert tomllib.loads((tmp_path / "crm.toml").read_text())["website"]["prefix"] == "website-"
    made = tmp_path / "secrets" / "website-secret"
    assert (len(made.read_text()) > 30, oct(made.stat().st_mode)[-3:]) == (True, "600")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("connect", "zoho"), "there is no CRM 'zoho'; there are hubspot"),
        (("connect", "hubspot"), "there is nobody to ask: Which records are your leads"),
        (("connect", "hubspot", "--object", "contacts"), "there is nobody to ask: token: a Service Key"),
        (("pull", "hubspot"), "it has none: leads connect CRM makes one"),
    ],
)
def test_what_is_missing_is_said(fake, leads, tmp_path, words, told):
    ran = leads(*words)

    assert (ran.code, told in ran.err) == (1, True), ran.err
    assert not (tmp_path / "crm.toml").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--set", "account=another"), "Dynamics 365 refuses the token (HTTP 400)"),
        (("--set", "account=contoso-tenant", "--set", "client_secret=env:CRM_TOKEN"), "refuses the token (HTTP 401)"),
        ((), "there is nobody to ask: account: the directory (tenant) id"),
    ],
)
def test_what_dynamics_needs_for_a_token_is_said(fake, leads, tmp_path, words, told):
    given = {
        "endpoint": fake.url, "authority": fake.url, "client_id": "env:CRM_TOKEN",
        "client_secret": "env:CRM_CLIENT_SECRET", "secret": "env:CRM_SECRET",
    }  # fmt: skip
    sets = [word for key, value in given.items() for word in ("--set", f"{key}={value}")]
    ran = leads("connect", "dynamics", "--object", "lead", *sets, *words)

    assert (ran.code, told in ran.err) == (1, True), ran.err
    assert not (tmp_path / "crm.toml").exists()


def test_a_token_that_is_refused_writes_nothing(fake, leads, tmp_path):
    fake.token = "another"
    ran = leads(*hubspot(fake))
    assert (ran.code, "HubSpot refuses the token (HTTP 401)" in ran.err) == (1, True)
    fake.token, fake.faults = "T", ["schema"]
    assert "does not answer as expected (an answer without results" in leads(*hubspot(fake)).err
    assert "is not set" in leads(*hubspot(fake, "--set", "token=env:NOT_THERE")).err
    assert leads(*hubspot(fake, "--set", "token")).code == 2
    assert not (tmp_path / "crm.toml").exists()


def test_a_past_is_pulled_into_tables_that_init_and_import_read(fake, leads, tmp_path):
    leads(*hubspot(fake))
    fill(fake, "hubspot")
    for number in range(10, 70):
        stage = "won" if number % 3 == 0 else "open"
        made = lead_of("hubspot", 1, "clerk" if number % 2 else "Director", stage, "2026-02-20T10:00:00+00:00")
        fake.records[str(number)] = made | {"hs_object_id": str(number)}
    ran = leads("pull", "hubspot")

    assert ran.code == 0, ran.err
    assert "history-hubspot/leads.csv: 65 rows" in ran.out.replace("\\", "/")
    assert "Next: leads init history-hubspot/leads.csv --outcomes history-hubspot/outcomes.csv" in ran.err
    init = leads(
        "init", "history-hubspot/leads.csv", "--outcomes", "history-hubspot/outcomes.csv",
        "--out", "history-hubspot/scoring.toml",
    )  # fmt: skip
    assert init.code == 0, init.err
    config = tomllib.loads((tmp_path / "history-hubspot/scoring.toml").read_text())
    assert (config["leads"]["id"], config["leads"]["created_at"]) == ("lead_id", "created_at")
    assert "jobtitle" in config["fields"]
    imported = leads("import-history", "history-hubspot", "--json")
    assert [one["rows"] for one in json.loads(imported.out)["imported"]] == [65, 21]


def test_who_was_erased_from_the_store_is_not_pulled(fake, leads, tmp_path):
    leads(*hubspot(fake))
    fill(fake, "hubspot")
    store = Store("sqlite:///leads.db")
    prepare(store.database)
    store.write_now(store_leads.insert, [(LeadFacts("1", NOW, None, None, None, {}), NOW)])
    store.write_now(store_leads.erase, "1", NOW)
    store.database.close()

    ran = leads("pull", "hubspot", "out", "--json")
    assert json.loads(ran.out)["files"] == {"out/leads.csv": 4, "out/outcomes.csv": 0, "out/stages.csv": 0}


def test_a_pull_that_fails_says_how_to_go_on(fake, leads):
    leads(*hubspot(fake))
    fill(fake, "hubspot")
    fake.faults = ["429 7200"]
    assert "what came is kept: run it again in 7200 s" in leads("pull", "hubspot").err
    fake.faults = ["401"]
    assert "HubSpot refuses the token of [hubspot] (HTTP 401)" in leads("pull", "hubspot").err
    fake.faults = ["400"]
    assert "HubSpot does not take the question: HTTP 400" in leads("pull", "hubspot").err
    assert leads("pull", "hubspot").code == 0


def test_messages_that_were_given_up_are_shown_and_tried_again(fake, leads):
    store = Store("sqlite:///leads.db")
    prepare(store.database)
    store.write_now(crm_notices.add, [StoredNotice("hubspot", "5", "5", "changed", None, None, None, NOW)])
    (leased,) = store.write_now(crm_notices.lease, NOW.timestamp() + 1, 5)
    store.write_now(crm_notices.settle, [Settlement(leased, "HTTP 400")])
    store.database.close()

    ran = leads("connect", "hubspot", "--retry")
    assert ran.out == "5: dead, HTTP 400\n1 messages are tried again.\n"
    assert json.loads(leads("connect", "hubspot", "--retry", "--json").out) == {"retried": 0, "troubles": ["HTTP 400"]}
