"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real leads, which is no part of the project: beside it, or where LEADS_REAL_DATA says."""
    folder = Path(os.environ.get("LEADS_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; LEADS_REAL_DATA names the folder")
    return folder
