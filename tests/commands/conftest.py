"""A company simulated, configured and trained once, by the commands themselves."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from commands.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Leads = Callable[..., Ran]


@pytest.fixture
def leads(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Leads:
    """Runs `leads` with these words, as a shell would."""

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["leads", *map(str, words)])
        code = _exit_code()
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


def _exit_code() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a company's tables, scoring.toml and a champion."""
    folder = tmp_path_factory.mktemp("trained")
    before, argv = Path.cwd(), sys.argv
    os.chdir(folder)
    try:
        for line in (
            "simulate . --leads 3000 --until 2026-10-01",
            "init leads.csv --outcomes outcomes.csv --contacts contacts.csv",
            "train --trials 1 --budget 20",
        ):
            sys.argv = ["leads", *line.split()]
            assert _exit_code() == 0, line
    finally:
        os.chdir(before)
        sys.argv = argv
    return folder


@pytest.fixture
def company(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a copy of the trained folder, with a registry database of its own."""
    shutil.copytree(trained, tmp_path, ignore=shutil.ignore_patterns("artifacts"), dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path
