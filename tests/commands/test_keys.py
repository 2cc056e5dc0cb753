"""`leads keys` and `leads migrate`, and what `leads serve` wants of them."""

import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.commands.conftest import Leads

KEY = re.compile(r"leads_([0-9a-f]{12})_[A-Za-z0-9_-]{43}\n")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a leads.db that holds nothing yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leads.db").touch()
    monkeypatch.delenv("LEADS_DATABASE_URL", raising=False)
    return tmp_path


def test_a_key_is_shown_once(leads: Leads) -> None:
    made = leads("keys", "create", "--scope", "score", "--name", "crm")
    shown = KEY.fullmatch(made.out)
    assert made.code == 0
    assert shown
    assert "not shown again" in made.err
    secret = made.out.strip().split("_", 2)[2]
    for listed in (leads("keys"), leads("keys", "list", "--json")):
        assert shown[1] in listed.out
        assert "crm" in listed.out
        assert secret not in listed.out
        assert "hash" not in listed.out


def test_keys_are_made_and_listed_for_machines(leads: Leads) -> None:
    made = json.loads(leads("keys", "create", "--scope", "admin", "--name", " Ann [red] ", "--json").out)
    assert (made["scope"], made["name"]) == ("admin", "Ann [red]")
    (listed,) = json.loads(leads("keys", "list", "--json").out)
    assert set(listed) == {"key_id", "name", "scope", "created_at", "revoked_at", "last_used_at"}
    assert (listed["key_id"], listed["revoked_at"]) == (made["key_id"], None)
    assert "Ann [red]" in leads("keys", "list").out


def test_a_key_is_revoked_once_and_for_ever(leads: Leads) -> None:
    key_id = json.loads(leads("keys", "create", "--scope", "sales", "--name", "ann", "--json").out)["key_id"]
    assert leads("keys", "revoke", key_id).out == f"Key {key_id} is revoked.\n"
    (first,) = json.loads(leads("keys", "list", "--json").out)
    assert first["revoked_at"]
    assert leads("keys", "revoke", key_id).code == 0
    (second,) = json.loads(leads("keys", "list", "--json").out)
    assert second == first


def test_a_key_that_is_not_there_is_not_revoked(leads: Leads) -> None:
    ran = leads("keys", "revoke", "000000000000")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no key of this id; `leads keys list` shows them" in ran.err


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "\x1b[31m"])
def test_a_name_that_would_spoil_the_list_is_refused(leads: Leads, name: str) -> None:
    ran = leads("keys", "create", "--scope", "score", "--name", name)
    assert (ran.code, ran.out) == (1, "")
    assert "--name: expected 1 to 100 printable characters" in ran.err


def test_a_scope_that_does_not_exist_is_wrong_usage(leads: Leads) -> None:
    assert leads("keys", "create", "--scope", "all", "--name", "x").code == 2
    assert leads("keys", "create", "--name", "x").code == 2


def test_a_name_that_a_live_key_has_is_refused_and_says_what_to_do(leads: Leads) -> None:
    create = ("keys", "create", "--scope", "sales", "--name")
    key = leads(*create, "Ann").out
    ran = leads(*create, "ann")
    assert (ran.code, ran.out) == (1, "")
    assert "a live key is named 'ann'" in ran.err
    assert leads("keys", "revoke", key.split("_")[1]).code == 0
    assert leads(*create, "ann").code == 0


def test_without_keys_the_list_says_what_that_means(leads: Leads) -> None:
    ran = leads("keys", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "There is no key yet, so the service answers nobody" in ran.err
    assert leads("keys", "list", "--json").out == "[]\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "leads.example", ""])  # noqa: S104 - refused
def test_serving_beyond_this_machine_takes_a_live_key(leads: Leads, host: str) -> None:
    key_id = json.loads(leads("keys", "create", "--scope", "score", "--name", "crm", "--json").out)["key_id"]
    leads("keys", "revoke", key_id)
    ran = leads("serve", "--host", host)
    assert (ran.code, ran.out) == (1, "")
    assert "takes a key: create one with `leads keys create --scope score --name crm`" in ran.err


def test_with_a_live_key_it_goes_on_to_listen(leads: Leads) -> None:
    leads("keys", "create", "--scope", "score", "--name", "crm")
    ran = leads("serve", "--host", "192.0.2.1", "--port", "9")
    assert ran.code == 1
    assert "cannot listen on 192.0.2.1:9" in ran.err


def test_a_new_database_is_migrated_once(leads: Leads) -> None:
    assert re.fullmatch(r"The database went from nothing to \d+\.\n", leads("migrate").out)
    again = json.loads(leads("migrate", "--json").out)
    assert again["from"] == again["to"]


def test_a_database_of_a_later_version_is_refused(leads: Leads, folder: Path) -> None:
    leads("migrate")
    with sqlite3.connect(folder / "leads.db") as database:
        database.execute("update alembic_version set version_num = '999'")
    for words in (["migrate"], ["keys", "list"], ["serve"]):
        ran = leads(*words)
        assert (ran.code, ran.out) == (1, "")
        assert "the database has schema 999" in ran.err
    assert "install the version that made it" in leads("migrate").err


def test_the_database_of_another_program_is_left_alone(leads: Leads, folder: Path) -> None:
    with sqlite3.connect(folder / "leads.db") as database:
        database.execute("create table invoices (id)")
    for words in (["migrate"], ["keys", "list"], ["serve"]):
        ran = leads(*words)
        assert ran.code == 1
        assert "tables of another program (invoices …)" in ran.err


def test_a_database_that_does_not_answer_is_said_plainly(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_DATABASE_URL", "postgresql://user:s3cret@127.0.0.1:1/leads")
    for words in (["keys", "list"], ["migrate"], ["serve"]):
        ran = leads(*words)
        assert (ran.code, ran.out) == (1, "")
        assert "the database cannot be reached; is it running, and does LEADS_DATABASE_URL name it?" in ran.err
        assert "s3cret" not in ran.err
