"""Fixtures that all tests share, their order, and the page that the proofs write."""

import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from tests.proofs import Proof, Shown, page_with

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "proofs.md"
LONG = (
    *("tests/commands/", "tests/test_readme.py", "tests/training/", "tests/serving/store/", "tests/serving/scoring/"),
    *("tests/serving/webhooks/", "tests/serving/test_", "tests/browser/"),
)
"""Run first: several workers would otherwise end with one of them at these and the others idle."""
SHOWN = "shown"
"""Among a test's properties, which also come from another process than the one that writes the page."""

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it; read when numpy is imported
settings.register_profile("shared machine", deadline=None)  # what takes long here may only have waited
settings.load_profile("shared machine")

Prove = Callable[[Proof, str, int, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-proofs", action="store_true", help="write what the proofs show into docs/proofs.md")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture
def prove(request: pytest.FixtureRequest) -> Prove:
    """Tells what a proof showed in one setting: its proof, the setting, the runs, the figures."""

    def tell(proof: Proof, setting: str, runs: int, figures: str) -> None:
        request.node.user_properties.append((SHOWN, asdict(Shown(proof, setting, runs, figures))))

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    today = datetime.now(UTC).date()
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    told = [
        value for report in reports if report.when == "call" for name, value in report.user_properties if name == SHOWN
    ]
    shown = [Shown(**{**one, "proof": Proof(**one["proof"])}) for one in told]
    for one in shown:
        terminalreporter.write_line(f"{one.proof.title} {one.row(today)}")
    if shown and config.getoption("--write-proofs"):
        before = PAGE.read_text("utf-8") if PAGE.exists() else ""
        PAGE.write_text(page_with(before, shown, today), "utf-8")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real leads, which is no part of the project: beside it, or where LEADS_REAL_DATA says."""
    folder = Path(os.environ.get("LEADS_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; LEADS_REAL_DATA names the folder")
    return folder
