"""A company simulated, configured and trained once, by the commands themselves."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.running import exit_code
from tests.sharing import made_once


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Leads = Callable[..., Ran]


@pytest.fixture
def leads(capsys: pytest.CaptureFixture[str]) -> Leads:
    """Runs `leads` with these words, as a shell would."""

    def run(*words: object) -> Ran:
        code = exit_code([*map(str, words)])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a company's tables, scoring.toml and a champion. Not to be changed."""
    return made_once(tmp_path_factory, "trained", _train)


def _train(folder: Path) -> None:
    for line in (
        "simulate . --leads 3000 --until 2026-10-01",
        "init leads.csv --outcomes outcomes.csv --contacts contacts.csv",
        "train --trials 1 --budget 20",
    ):
        assert exit_code(line.split(), folder) == 0, line


@pytest.fixture(scope="session")
def stored(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained company's past in a store. Not to be changed."""
    return made_once(tmp_path_factory, "stored", partial(_import_history, trained)) / "leads.db"


def _import_history(company: Path, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LEADS_DATABASE_URL", f"sqlite:///{folder}/leads.db")
        assert exit_code(["import-history"], company) == 0


@pytest.fixture
def company(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a copy of the trained folder, with a registry database of its own."""
    shutil.copytree(trained, tmp_path, ignore=shutil.ignore_patterns("artifacts"), dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(stored: Path, company: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of the test's own with the company's past, in the working directory."""
    monkeypatch.setenv("LEADS_DATABASE_URL", "sqlite:///leads.db")
    return Path(shutil.copy(stored, company))
