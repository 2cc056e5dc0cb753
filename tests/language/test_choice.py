"""Which language a reader gets, and that nobody else gets it."""

import threading

import pytest

from language.choice import choose_language, current_language, use_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("de-DE, fr;q=0.9, ru;q=0.4, en;q=0.3", "ru"),
        ("en;q=0.5, RU ; Q=0.8", "ru"),
        ("ru;q=0, de", "en"),
        ("ru;q=often, en", "en"),
        ("de", "en"),
        ("*", "en"),
        ("", "en"),
        (";;,,=;q=", "en"),
    ],
)
def test_a_browser_gets_the_first_of_ours_that_it_asks_for(header: str, language: str) -> None:
    assert choose_language("auto", header) == language


def test_a_language_that_is_set_goes_before_what_a_browser_asks_for() -> None:
    assert choose_language("en", "ru") == "en"
    assert choose_language("ru", "en") == "ru"


def test_a_language_holds_for_its_block_and_no_other_thread() -> None:
    found = []
    with use_language("ru"):
        thread = threading.Thread(target=lambda: found.append(current_language()))
        thread.start()
        thread.join()
        with use_language("en"):
            found.append(current_language())
        found.append(current_language())
    assert [*found, current_language()] == ["en", "en", "ru", "en"]
