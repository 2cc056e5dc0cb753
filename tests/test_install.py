"""The wheel works by itself: in a clean environment, in a folder of its own, with what it brings alone."""

import os
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from hatchling.build import build_wheel

from tests.conftest import ROOT
from tests.ports import free_port
from tests.serving import databases

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
HELP_SECONDS = 0.3
IMPORT_ALL = f"""
import importlib, pkgutil
for room in {PACKAGES}:
    for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{{room}}."):
        if not module.name.startswith(("serving.migrations.", "commands.__main__")):
            importlib.import_module(module.name)
            print(module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(ROOT)
        return folder / build_wheel(str(folder))


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git work tree")
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}

    assert tracked <= set(zipfile.ZipFile(wheel).namelist())


class Installation:
    """An environment of its own, and an empty folder in which its `leads` is run."""

    def __init__(self, environment: Path, folder: Path, pins: Path) -> None:
        self.bin, self.folder, self._pins = environment / "bin", folder, pins
        own = ("LEADS_", "MLFLOW_", "PYTHON", "VIRTUAL_ENV", "COV_")
        self.around = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)

    def install(self, what: str) -> None:
        self.run("python", "-m", "pip", "install", "--quiet", "--constraint", str(self._pins), what)

    def run(self, *words: str, **settings: str) -> str:
        """What a command of the environment printed; raises where it fails."""
        ran = self.try_to_run(*words, **settings)
        assert ran.returncode == 0, f"{words}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    def try_to_run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = [str(self.bin / words[0]), *words[1:]]
        around = self.around | settings
        return subprocess.run(command, cwd=self.folder, env=around, capture_output=True, text=True, check=False)

    @contextmanager
    def serving(self, **settings: str) -> Iterator[str]:
        """The URL of `leads serve`, ready."""
        url = f"http://127.0.0.1:{(port := free_port())}"
        command = [str(self.bin / "leads"), "serve", "--port", str(port)]
        server = subprocess.Popen(command, cwd=self.folder, env=self.around | settings, stderr=subprocess.DEVNULL)
        try:
            _wait_until_ready(server, url)
            yield url
        finally:
            server.terminate()
            server.wait()


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError("the service did not come up")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel without extras, of the pinned packages."""
    place = tmp_path_factory.mktemp("installed")
    pins = place / "pins.txt"
    names = re.findall(r"^([\w.-]+==\S+(?: ;[^\\\n]+)?)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    pins.write_text("\n".join(names))
    (place / "folder").mkdir()
    installation = Installation(place / "environment", place / "folder", pins)
    installation.install(str(wheel))
    return installation


@pytest.mark.slow
def test_help_comes_at_once(installed: Installation) -> None:
    seconds = []
    for _ in range(5):
        began = time.monotonic()
        shown = installed.run("leads", "--help")
        seconds.append(time.monotonic() - began)

    assert "demo" in shown
    assert min(seconds) < HELP_SECONDS


@pytest.mark.slow
def test_every_module_needs_nothing_but_the_base_install(installed: Installation) -> None:
    assert len(installed.run("python", "-W", "ignore", "-c", IMPORT_ALL).splitlines()) > 300


@pytest.mark.slow
def test_the_demo_runs_and_the_service_works_on_postgresql_with_its_extra(installed: Installation, wheel: Path) -> None:
    demo = ("demo", "--once", "--leads", "3000", "--budget", "5", "--folder", ".", "--port", str(free_port()))
    assert "raises the score most" in installed.run("leads", *demo)

    with databases.postgresql_server() as server:
        url = databases.new_database(server.url)
        refused = installed.try_to_run("leads", "import-history", LEADS_DATABASE_URL=url)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert 'pip install "lead-scoring[postgres]"' in refused.stderr

        installed.install(f"{wheel}[postgres]")
        installed.run("leads", "import-history", LEADS_DATABASE_URL=url)
        key = installed.run("leads", "keys", "create", "--scope", "score", "--name", "crm", LEADS_DATABASE_URL=url)
        with installed.serving(LEADS_DATABASE_URL=url) as service:
            headers = {"Authorization": f"Bearer {key.strip()}"}
            lead = {"fields": {"job_title": "CTO"}}
            stored = httpx2.put(f"{service}/v1/leads/L-1", json=lead, headers=headers, timeout=30)
            assert (stored.status_code, stored.json()["lead_id"]) == (201, "L-1")
            for page in ("sign-in", "static/pages.css"):
                assert httpx2.get(f"{service}/{page}").status_code == 200, page
        installed.run("leads", "report", "--out", "week.html", LEADS_DATABASE_URL=url)
        assert "<svg" in (installed.folder / "week.html").read_text("utf-8")
