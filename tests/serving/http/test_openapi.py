"""The OpenAPI document and the service agree: schemathesis makes requests from it, with all checks, also stateful."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from serving.migrations import prepare
from serving.store import Store, keys
from tests.serving.live import ROOT, live

CONFIG = """
hooks = "tests.serving.http.fuzz_hooks"

[auth.openapi]
key = { bearer = "${LEADS_KEY}" }
"""


def test_a_few_hundred_requests_find_nothing(tmp_path: Path) -> None:
    """From one seed, so that a change is judged by itself; the proof below draws anew each time."""
    assert _requests_without_findings(tmp_path, examples=3, seed=1) >= 300


@pytest.mark.slow
def test_twenty_thousand_requests_find_nothing(tmp_path: Path) -> None:
    assert _requests_without_findings(tmp_path, examples=1_500) >= 20_000


def _requests_without_findings(folder: Path, examples: int, seed: int | None = None) -> int:
    """How many requests schemathesis made; fails with its report where one was answered with what it should not."""
    database_url = f"sqlite:///{folder}/leads.db"
    store = Store(database_url)
    prepare(store.database)
    key = store.write_now(keys.create, "schemathesis", "admin", datetime.now(UTC))
    store.database.close()
    (folder / "schemathesis.toml").write_text(CONFIG)
    with live(database_url, folder / "serve.log") as service:
        document = httpx2.get(f"{service.url}/openapi.json", headers={"Authorization": f"Bearer {key}"})
        (folder / "openapi.json").write_text(document.text)
        options = ["--url", service.url, "--checks", "all", "--max-examples", str(examples), "--no-color"]
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
    assert '"request.failed"' not in (folder / "serve.log").read_text()
    return int(made[1].replace(",", ""))
