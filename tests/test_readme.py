"""The README does what it says: its commands run in order, and what it lists is complete."""

import json
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from serving.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LEADS = [sys.executable, "-m", "commands"]


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
            subprocess.run([*LEADS, *words[1:]], cwd=folder, check=True, capture_output=True)
    return folder


def test_the_commands_leave_a_scored_file(walked):
    assert len((walked / "scored.csv").read_text().splitlines()) == 8_001


def test_the_curl_call_is_answered_as_described(walked):
    body = re.search(r"curl -s http://127.0.0.1:8000/v1/score .*? -d '(.*?)'", README, re.DOTALL)[1]
    port = free_port()
    server = subprocess.Popen([*LEADS, "serve", "--port", str(port)], cwd=walked, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url)
        answer = httpx2.post(f"{url}/v1/score", json=json.loads(body))
    finally:
        server.terminate()
        server.wait()

    assert answer.status_code == 200
    named = re.search(r"The answer holds (.*?)\. A missing", README, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", named)) == set(answer.json()) - {"lead_id", "scored_at"}
    assert answer.json()["warnings"] == []


def test_the_demo_ends_by_itself_with_leads_grades_and_reasons(tmp_path):
    words = ["demo", "--once", "--leads", "3000", "--budget", "5", "--port", str(free_port())]

    ran = subprocess.run([*LEADS, *words], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert re.search(r"1\. L-\d+  [ABCD]  \d+ in 100 become customers within 90 days", ran.stdout)
    assert "raises the score most" in ran.stdout


def test_every_setting_is_documented_with_its_default():
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `LEADS_{name.upper()}` \| (.*?) \|", README, re.MULTILINE)
        assert row, name
        assert (
            str(row[1]).casefold() == f"{field.default:g}"
            if isinstance(field.default, float)
            else str(field.default).casefold()
        )


def test_every_make_target_that_is_named_is_there():
    makefile = (ROOT / "Makefile").read_text()

    for target in re.findall(r"(?:\$ |`)make ([a-z]+)", README):
        assert f"\n{target}:" in makefile, target


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str) -> None:
    for _ in range(300):
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the service did not come up")
