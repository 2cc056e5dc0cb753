"""No text without a translation, and no translation without its text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from language.catalogues import find_words
from tools.catalogues import KEYWORDS, ROOT, SOURCES, all_forms, extract_texts, read_catalogue, update

PATHS = sorted((ROOT / "language" / "catalogues").glob("*.po"))
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """What the source marks."""
    return extract_texts()


@pytest.fixture(scope="module", params=PATHS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(scope="module")
def catalogue(path: Path) -> Catalog:
    return read_catalogue(path)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_every_text_is_translated_and_none_is_guessed(catalogue: Catalog) -> None:
    found = list(_messages(catalogue))
    assert len(found) > 100
    assert not [message.id for message in found if not all_forms(message.string)]
    assert not [message.id for message in found if message.fuzzy]


def test_the_catalogue_is_what_the_source_says_now(path: Path, texts: Catalog, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    update(copy, texts)
    assert copy.read_text() == path.read_text(), "run `make catalogues`, and translate what it names"


def test_a_translation_has_the_values_of_its_text_and_as_many_forms_as_the_language(catalogue: Catalog) -> None:
    for message in _messages(catalogue):
        ids = _forms(message)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(_PLACEHOLDER.findall(ids[-1]))
        assert all(set(_PLACEHOLDER.findall(text)) == wanted for text in strings), message.id
        assert not message.pluralizable or len(strings) == catalogue.num_plurals, message.id


def test_every_mark_is_found_also_in_a_formatted_string(texts: Catalog) -> None:
    found = {text for message in _messages(texts) for text in _forms(message)}
    marked = {text for room in SOURCES for path in (ROOT / room).rglob("*.py") for text in _marked_texts(path)}
    assert len(marked) > 100
    assert marked <= found, "Babel reads no mark inside of an f-string: give the text a name before it"


def _marked_texts(path: Path) -> Iterator[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id in KEYWORDS and call.args:
            first = call.args[call.func.id == "pgettext"]
            assert not isinstance(first, ast.JoinedStr), f"{path}:{call.lineno} marks a formatted string"
            if isinstance(first, ast.Constant):
                yield str(first.value)


def test_a_message_says_of_a_new_text_that_it_lacks_a_translation(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    texts = Catalog()
    texts.add("Nobody has translated this")
    assert update(copy, texts) == ["Nobody has translated this"]


def test_the_script_gets_its_own_words() -> None:
    words = find_words("ru", "serving/static/pages.js")
    assert words["%(num)s day"] == ["%(num)s день", "%(num)s дня", "%(num)s дней"]
    assert words["overdue by %(duration)s"] == "просрочка %(duration)s"
    assert "Sign in" not in words
    assert find_words("en", "serving/static/pages.js") == {}
