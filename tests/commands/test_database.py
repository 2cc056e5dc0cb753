"""The database that commands work on: made by two of them, and never by a mistyped path."""

import random
import sys
from pathlib import Path

import pytest

from serving.auth.bind_check import check_may_listen
from serving.settings import read_settings
from tests.commands.conftest import Leads


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a table of one lead; LEADS_DATABASE_URL names a file that is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADS_DATABASE_URL", f"sqlite:///{tmp_path}/leads.db")
    (tmp_path / "leads.csv").write_text("lead_id,created_at\nL-1,2026-11-02\n")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["keys", "list"],
        ["keys", "create", "--scope", "score", "--name", "crm"],
        ["export-history", "out"],
        ["report"],
        ["webhooks", "list"],
        ["migrate"],
    ],
)
def test_a_mistyped_path_makes_no_store(leads: Leads, folder: Path, words: list[str]) -> None:
    ran = leads(*words)
    assert (ran.code, ran.out) == (1, "")
    assert f"there is no store at {folder}/leads.db; mend the path" in ran.err
    assert "`leads import-history` or `leads serve`" in ran.err
    assert [place.name for place in folder.iterdir()] == ["leads.csv"]


def test_an_import_makes_the_store_and_says_so_once(leads: Leads, folder: Path) -> None:
    assert f"Made a new store: {folder}/leads.db" in leads("import-history").err
    assert "Made" not in leads("import-history").err
    assert leads("keys", "list").code == 0


def test_the_service_makes_the_store_and_says_so_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "leads")
    for _ in range(2):
        check_may_listen(read_settings())
    told = [(record.getMessage(), str(vars(record)["fields"]["file"])) for record in caplog.records]
    assert told == [("store.made", f"{folder}/leads.db")]


@pytest.mark.parametrize("words", [["keys", "list"], ["import-history"], ["migrate"], ["serve", "--port", "0"]])
def test_a_file_of_another_kind_is_refused_and_left_alone(leads: Leads, folder: Path, words: list[str]) -> None:
    garbage = random.Random(7).randbytes(20_000)  # noqa: S311 - no secret
    (folder / "leads.db").write_bytes(garbage)
    ran = leads(*words)
    assert (ran.code, ran.out) == (1, "")
    assert f"{folder}/leads.db is no SQLite database, or a damaged one" in ran.err
    assert (folder / "leads.db").read_bytes() == garbage


def test_a_damaged_store_is_refused(leads: Leads, folder: Path) -> None:
    assert leads("import-history").code == 0
    with (folder / "leads.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 60_000)
    assert "or a damaged one; name another file, or bring back a copy" in leads("keys", "list").err


def test_a_driver_that_is_not_installed_is_named_with_its_extra(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_DATABASE_URL", "postgresql://leads@db.example/leads")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    ran = leads("keys", "list")
    assert (ran.code, ran.out) == (1, "")
    assert 'whose driver is not installed: pip install "lead-scoring[postgres]"' in ran.err
