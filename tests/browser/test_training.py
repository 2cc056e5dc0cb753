"""A real training started, watched to its end and promoted in a real browser; the page tells the end by itself."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serving.app import create_app
from serving.settings import Settings
from tests.browser.conftest import Shop, Watch
from tests.commands.conftest import stored, trained  # noqa: F401 - fixtures
from tests.serving.crm import Clock
from tests.serving.served import served

LONGEST_MS = 300_000


@pytest.fixture
def shop(
    trained: Path,  # noqa: F811 - the fixture
    stored: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    """A server in the folder of a company with a champion and a past in its store."""
    shutil.copytree(trained, tmp_path, ignore=shutil.ignore_patterns("artifacts"), dirs_exist_ok=True)
    shutil.copy(stored, tmp_path / "leads.db")
    monkeypatch.chdir(tmp_path)
    clock = Clock()
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/leads.db"), clock=clock)
    with served(app) as url:
        yield Shop(url, app, clock)


@pytest.mark.slow
def test_a_training_is_started_watched_and_promoted_without_a_mouse(
    shop: Shop, open_page: Callable[..., Watch]
) -> None:
    olga = open_page()
    olga.sign_in(shop.key("Olga", "admin"))
    page = olga.page
    page.set_default_timeout(LONGEST_MS)
    page.goto(f"{shop.url}/admin/training")
    page.fill("#budget", "15")
    olga.go("Enter")
    assert "A model is being trained" in olga.text
    page.goto(f"{shop.url}/queue")  # it goes on
    page.goto(f"{shop.url}/admin/training")
    page.wait_for_selector("#step:has-text('Trying models')")
    page.wait_for_selector("#promote")
    assert "Model 2 is trained" in olga.text
    page.focus("#why")
    page.keyboard.type("to see")
    olga.go("Enter")
    assert "It is champion now." in olga.text
    page.goto(f"{shop.url}/admin/training")
    assert "Model 2 is trained, and champion" in olga.text
