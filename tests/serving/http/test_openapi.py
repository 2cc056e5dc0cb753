"""The OpenAPI document and the service agree: schemathesis makes requests from it, with all checks, also stateful."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from serving.app import create_app
from serving.settings import Settings
from serving.store import keys
from tests.serving.databases import new_file_store
from tests.serving.live import ROOT
from tests.serving.models import Models
from tests.serving.served import served
from training.model import ScoringModel

LogCapture = pytest.LogCaptureFixture

CONFIG = """
hooks = "tests.serving.http.fuzz_hooks"

[auth.openapi]
key = { bearer = "${LEADS_KEY}" }
"""


def test_a_few_hundred_requests_find_nothing(tmp_path: Path, model: ScoringModel, caplog: LogCapture) -> None:
    """From one seed, so that a change is judged by itself; the proof below draws anew each time."""
    assert _requests_without_findings(tmp_path, model, examples=3, seed=1) >= 300
    assert "request.failed" not in caplog.messages


@pytest.mark.slow
def test_twenty_thousand_requests_find_nothing(tmp_path: Path, model: ScoringModel, caplog: LogCapture) -> None:
    assert _requests_without_findings(tmp_path, model, examples=1_500) >= 20_000
    assert "request.failed" not in caplog.messages


def _requests_without_findings(folder: Path, model: ScoringModel, examples: int, seed: int | None = None) -> int:
    """How many requests schemathesis made; fails with its report where one was answered with what it should not."""
    app = create_app(Settings(database_url=new_file_store(folder)), Models(model))
    key = app.state.service.store.write_now(keys.create, "schemathesis", "admin", datetime.now(UTC))
    (folder / "schemathesis.toml").write_text(CONFIG)
    with served(app) as url:
        document = httpx2.get(f"{url}/openapi.json", headers={"Authorization": f"Bearer {key}"})
        (folder / "openapi.json").write_text(document.text)
        options = ["--url", url, "--checks", "all", "--max-examples", str(examples), "--no-color"]
        options += ["--seed", str(seed)] if seed is not None else []
        command = ["--config-file", str(folder / "schemathesis.toml"), "run", str(folder / "openapi.json"), *options]
        told = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *command],
            cwd=ROOT,
            env={**os.environ, "LEADS_KEY": key},
            capture_output=True,
            text=True,
            check=False,
        )
    made = re.search(r"([\d,]+) generated", told.stdout)
    assert told.returncode == 0, told.stdout[-6_000:] + told.stderr[-2_000:]
    assert made is not None
    return int(made[1].replace(",", ""))
