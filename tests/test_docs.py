"""The documentation is true and whole: the site builds, its blocks parse, and each thing has its place."""

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from commands.main import COMMANDS, app
from features.errors import Refused
from serving.errors import Refusal
from serving.settings import Settings
from tests.conftest import ROOT
from tests.running import exit_code
from tools.manual.__main__ import lay_out
from tools.manual.error_page import subclasses_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TROUBLES = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
QUESTIONS = (ROOT / "docs" / "questions.md").read_text("utf-8")


def blocks(*languages: str) -> list[Any]:
    """Every block of code in these languages on any page, each with its page's name."""
    return [
        pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
        for page in PAGES
        for number, (language, block) in enumerate(BLOCK.findall(page.read_text("utf-8")))
        if language in languages
    ]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's pages, laid out."""
    folder = tmp_path_factory.mktemp("site")
    lay_out(ROOT, folder / "pages")
    return folder / "pages"


def test_the_site_builds_and_no_link_of_it_leads_nowhere(pages: Path) -> None:
    config = (ROOT / "mkdocs.yml").read_text("utf-8").replace("site/pages", "pages").replace("site/html", "html")
    (pages.parent / "mkdocs.yml").write_text(config)
    build = [str(Path(sys.executable).with_name("zensical")), "build", "--strict"]
    ran = subprocess.run(build, cwd=pages.parent, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    html = pages.parent / "html"
    for page in pages.rglob("*.md"):
        assert html.joinpath(page.relative_to(pages)).with_suffix(".html").exists(), page
    assert "https://fonts" not in (html / "index.html").read_text("utf-8")


def test_the_menu_names_every_page_but_the_single_decisions(pages: Path) -> None:
    menu = set(re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    there = {page.relative_to(pages).as_posix() for page in pages.rglob("*.md")}

    assert menu == {page for page in there if not re.match(r"decisions/\d", page)}


def test_each_setting_command_and_route_has_its_place_in_the_reference(pages: Path) -> None:
    read = {name: (pages / "reference" / f"{name}.md").read_text("utf-8") for name in ("settings", "commands", "api")}
    for name in Settings.model_fields:
        assert f"`LEADS_{name.upper()}`" in read["settings"], name
    for name in COMMANDS:
        assert f"## leads {name}\n" in read["commands"], name
    routes = re.findall(r"^\| `(?:GET|PUT|POST|PATCH|DELETE)[^|]*\|", (ROOT / "README.md").read_text(), re.MULTILINE)
    for path in re.findall(r"`(?:[A-Z]+ )?(/[^`]+)`", " ".join(routes)):
        assert path in read["api"] or path == "/docs", path


def test_each_error_has_its_place_in_troubleshooting() -> None:
    kinds = {kind.kind for kind in subclasses_of(Refusal) if hasattr(kind, "kind")}
    types = {kind.__name__ for kind in subclasses_of(Refused) if kind.__module__.split(".")[0] in PACKAGES}

    assert set(re.findall(r"^\| \d{3} \| `([\w-]+)` \|", TROUBLES, re.MULTILINE)) == kinds
    assert set(re.findall(r"^\| [^|]+ \| `([A-Z]\w+)` \|", TROUBLES, re.MULTILINE)) == types


def texts_in(source: str) -> Iterator[str]:
    """Every text of a module; what is put in is written `…`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_each_message_in_troubleshooting_is_one_that_the_product_says() -> None:
    said = "\n".join(
        text for room in PACKAGES for file in (ROOT / room).rglob("*.py") for text in texts_in(file.read_text("utf-8"))
    )
    messages = re.findall(r"^\| ([^|]+) \| `[A-Z]\w+` \|", TROUBLES, re.MULTILINE)

    assert len(messages) > 30
    assert [message for message in messages if message.removeprefix("… ").removesuffix(" …") not in said] == []


def words_of(block: str) -> Iterator[list[str]]:
    """The words of each `leads …` in a block of shell."""
    for line in block.replace("\\\n", " ").splitlines():
        for found in re.findall(r"(?:^|\s|bin/)leads ([a-z-]+[^#&;|)\n]*)", line.removeprefix("$ ").partition(" #")[0]):
            yield shlex.split(found)


@pytest.mark.parametrize("block", blocks("bash", "console", "cron", "sh"))
def test_commands_on_pages_are_there_with_their_options(block: str) -> None:
    group = typer.main.get_command(app)
    for words in words_of(block):
        command = group.get_command(None, words[0])  # type: ignore[attr-defined]
        assert command is not None, words
        if hasattr(command, "commands") and words[1:2] and not words[1].startswith("-"):
            command = command.commands[words[1]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, words


@pytest.mark.parametrize("block", blocks("json", "toml", "yaml", "python"))
def test_blocks_of_data_and_code_can_be_read(block: str, request: pytest.FixtureRequest) -> None:
    readers = (json.loads, tomllib.loads, yaml.safe_load, ast.parse)
    for read in readers:
        try:
            assert read(block) is not None
        except (ValueError, SyntaxError, yaml.YAMLError):
            continue
        return
    raise AssertionError(request.node.name)


def test_each_test_that_the_page_about_pages_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "pages.md").read_text("utf-8")))
    sources = (path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named <= {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}


def test_ten_questions_are_answered_within_two_clicks() -> None:
    answers = re.split(r"^## ", QUESTIONS, flags=re.MULTILINE)[1:]

    assert "(questions.md)" in (ROOT / "docs" / "index.md").read_text("utf-8")
    assert "questions.md" in (ROOT / "mkdocs.yml").read_text("utf-8")
    assert len(answers) == 10
    for answer in answers:
        assert re.search(r"\]\((?!https?:)[^)]+\.md", answer), answer.split("\n")[0]


@pytest.mark.slow
def test_the_tutorial_runs_as_written(tmp_path: Path) -> None:
    folder = tmp_path
    shell = "\n".join(BLOCK.findall((ROOT / "docs" / "tutorial.md").read_text("utf-8"))[i][1] for i in range(5))
    for line in re.findall(r"^\$ (.+)$", shell, re.MULTILINE):
        words = shlex.split(line)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[1] != "serve":
            assert exit_code(words[1:], folder) == 0, line
    assert len((folder / "scored.csv").read_text("utf-8").splitlines()) == 8_001
