"""The README does what it says: its commands run in order, and what it lists is complete."""

import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from features.config import check_config
from serving.settings import Settings
from tests.ports import free_port
from tests.running import exit_code

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LEADS = [sys.executable, "-m", "commands"]
FULL = (
    "scores WHERE scored_at < datetime('now', '-100 days')",
    "contacts WHERE note IS NOT NULL AND agent = 'Ann'",
    "contacts WHERE again_at < CURRENT_TIMESTAMP AND agent = 'Ann'",
    "outcomes WHERE reason = 'Chose another'",
    "outcomes WHERE status = 'won' AND contact_id IS NOT NULL",
    "queue WHERE agent = 'Boris'",
    "leads WHERE value > 0 AND json_extract(fields, '$.company') IS NOT NULL",
    "agreements WHERE is_done",
    "agreements WHERE is_done IS NULL",
)
"""Rows of which the demo's store has some, so that no page is empty."""
SMALLER = {"--budget": "1", "--leads": "3000"}
"""What the walk gives these options, for a suite of minutes."""


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the README's commands have run, up to `leads serve`."""
    folder = tmp_path_factory.mktemp("readme")
    for command in commands():
        words = shlex.split(command)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0] == "leads" and words[1] != "serve":
            words = [SMALLER.get(before, word) for before, word in zip(["", *words], words, strict=False)]
            assert exit_code(words[1:], folder) == 0, words
    return folder


def test_the_commands_leave_a_scored_file(walked):
    assert len((walked / "scored.csv").read_text().splitlines()) == 3_001


def test_what_it_says_of_scoring_toml_is_accepted_there(walked):
    there = tomllib.loads((walked / "scoring.toml").read_text("utf-8"))
    blocks = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    for block in blocks:
        given = {name: there.get(name, {}) | lines for name, lines in tomllib.loads(block).items()}
        check_config(there | given, walked / "scoring.toml")
    assert len(blocks) == 3


@dataclass(frozen=True)
class Served:
    """The walked folder's service, a CRM's key for it, and what a client printed that was there before it."""

    port: int
    key: str
    early: str


@pytest.fixture(scope="module")
def served(walked: Path) -> Iterator[Served]:
    port = free_port()
    key = subprocess.run(
        [*LEADS, "keys", "create", "--scope", "score", "--name", "readme"],
        cwd=walked, check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    with ThreadPoolExecutor() as threads:
        early = threads.submit(run_as_shown, "python", port, key, sys.executable, "-c")
        time.sleep(1)
        assert not early.done()
        with serving(walked, port):
            wait_until_ready(f"http://127.0.0.1:{port}")
            yield Served(port, key, early.result())


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    server = subprocess.Popen([*LEADS, "serve", "--port", str(port)], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def run_as_shown(language: str, port: int, key: str, *command: str) -> str:
    """Run the README's only block in a language, at the service's port; what it printed."""
    shown = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    block = shown[1].replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    environment = {**os.environ, "LEADS_KEY": key}
    return subprocess.run([*command, block], env=environment, check=True, capture_output=True, text=True).stdout


def test_the_curl_call_is_answered_as_described(served):
    answer = json.loads(run_as_shown("sh", served.port, served.key, "sh", "-c"))

    named = re.search(r"The answer holds (.*?)\. A missing", README, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", named)) == set(answer) - {"lead_id", "scored_at"}
    assert answer["warnings"] == []


def test_the_python_client_runs_as_shown(served):
    printed = run_as_shown("python", served.port, served.key, sys.executable, "-W", "error", "-c").splitlines()

    assert re.fullmatch(r"[ABCD]: \d+ in 100", printed[0])
    assert printed[1].endswith("the score most")


def test_the_python_client_waits_for_a_service_that_is_still_starting(served):
    assert re.match(r"[ABCD]: \d+ in 100", served.early)


def test_every_route_is_named(served):
    headers = {"Authorization": f"Bearer {served.key}"}
    answer = httpx2.get(f"http://127.0.0.1:{served.port}/openapi.json", headers=headers)
    for path in answer.json()["paths"]:
        assert f"{path}`" in README or f"{path} " in README, path


def test_the_demo_ends_by_itself_with_leads_grades_and_reasons_and_leaves_a_company_s_own_alone(tmp_path):
    words = ["demo", "--once", "--leads", "3000", "--budget", "1", "--port", str(free_port())]

    own = {**os.environ, "LEADS_DATABASE_URL": "sqlite:///own.db", "MLFLOW_TRACKING_URI": "sqlite:///own-mlflow.db"}
    ran = subprocess.run([*LEADS, *words], cwd=tmp_path, env=own, capture_output=True, text=True, check=True)

    assert re.search(r"1\. L-\d+  [ABCD]  \d+ in 100 become customers within 90 days", ran.stdout)
    assert "raises the score most" in ran.stdout
    assert [place.name for place in tmp_path.iterdir()] == ["demo"]
    assert "version 1 is champion" in ran.stdout
    with closing(sqlite3.connect(tmp_path / "demo" / "leads.db")) as store:
        found = {what: store.execute(f"SELECT 1 FROM {what} LIMIT 1").fetchone() for what in FULL}  # noqa: S608 - ours
    assert [what for what, row in found.items() if row is None] == []


def test_the_demo_says_at_once_that_its_port_is_taken(tmp_path, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = exit_code(["demo", "--port", str(other.getsockname()[1])], tmp_path)

    assert ended == 1
    assert "stop what uses the port, or choose another with --port" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_every_setting_is_documented_with_its_default():
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `LEADS_{name.upper()}` \| (.*?) \|", README, re.MULTILINE)
        assert row, name
        assert str(row[1]).casefold() == shown(field.default), name


def shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value() or None
    return f"{default:g}" if isinstance(default, float) else str(default).casefold()


def test_every_make_target_that_is_named_is_there():
    makefile = (ROOT / "Makefile").read_text()

    for target in re.findall(r"(?:\$ |`)make ([a-z]+)", README):
        assert f"\n{target}:" in makefile, target


def wait_until_ready(url: str) -> None:
    for _ in range(300):
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the service did not come up")
