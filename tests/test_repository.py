"""What stands beside the code is true: the settings' example, the package, the pages and what is cited."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

from commands import __version__
from serving.settings import Settings
from tests.conftest import ROOT
from tools.manual.pages import BESIDE_DOCS

PACKAGES = ("analytics", "connectors", "commands", "features", "language", "serving", "simulation", "stats", "training")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MADE_BY_RUNS = (
    {"model_card.md"}
    | {Path(place).name for place in BESIDE_DOCS.values()}
    | {f"{name}.md" for name in ("api", "commands", "errors", "python")}
)
"""Pages that a training run writes beside its model, and those that `make docs` makes."""


def tracked_files() -> list[Path]:
    """Every text file of the project; git is asked, so that what a run leaves behind does not count."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git work tree")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.suffix in {".py", ".md", ".toml", ".html", ".yaml"} and path.exists()]


def test_the_example_of_settings_names_every_setting_with_its_default() -> None:
    path = ROOT / ".env.example"
    asked = f"set -a; . {path}; env"
    lines = subprocess.run(["env", "-i", "sh", "-c", asked], capture_output=True, text=True, check=True).stdout
    told = dict(line.split("=", 1) for line in lines.splitlines() if line.startswith("LEADS_"))

    assert set(told) == {f"LEADS_{name.upper()}" for name in Settings.model_fields}
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("LEADS_")]:
            patched.delenv(name)
        defaults = Settings()
        for name, value in told.items():
            patched.setenv(name, value)
        assert Settings() == defaults


def test_each_setting_of_the_example_has_a_line_that_says_what_it_is() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    settings = re.findall(r"^LEADS_\w+=.*$", text, re.MULTILINE)

    assert re.findall(r"^# .+\n(LEADS_\w+=.*)$", text, re.MULTILINE) == settings


def test_the_wheel_says_that_it_is_typed_and_licensed_and_has_the_one_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    wheel = zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path)))
    names = wheel.namelist()
    metadata = wheel.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()

    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert "language/catalogues/ru.po" in names
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == set(PACKAGES)
    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_version_is_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert re.search(rf"^## \[{re.escape(__version__)}\]", changelog, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(there), f"{page.name}: {target}"


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings are linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md", "methods.md"])
def test_every_module_that_a_page_names_is_there(name: str) -> None:
    text = (ROOT / "docs" / name).read_text("utf-8")
    named = re.findall(rf"`((?:{'|'.join((*PACKAGES, 'tests', 'tools', 'benchmarks', 'docs'))})/[\w/.-]*)`", text)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    pages = {str(page.relative_to(ROOT / "docs")) for page in PAGES if (ROOT / "docs") in page.parents}

    assert {page for page in pages if f"({page})" not in index} == {"index.md"}


def test_every_target_that_contributors_are_told_of_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)

    assert named
    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_the_hooks_before_a_commit_are_the_checks_of_make() -> None:
    tools = re.findall(r"entry: \.venv/bin/(\S+)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert recipe
    assert set(tools) == set(re.findall(r"\$\(BIN\)/(\S+)", recipe[1]))


def test_no_page_is_cited_that_is_not_in_the_repository() -> None:
    there = {path.name for path in tracked_files()} | MADE_BY_RUNS
    cited = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked_files()
        for name in re.findall(r"\b[\w-]+\.md\b", path.read_text("utf-8"))
        if name not in there
    }

    assert cited == set()
