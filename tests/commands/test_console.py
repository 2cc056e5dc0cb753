"""Text reaches the terminal as it is, whatever brackets and colons the names in it hold."""

import pytest

from commands.console import err, out, print_note, progress_bar, table

NAME = "Status [x] of [/b] :smile:"


def test_names_with_brackets_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    shown = table(NAME, title=NAME)
    shown.add_row(NAME)
    out().print(shown)
    print_note(NAME)
    err().print(NAME)
    printed = capsys.readouterr()
    assert [line.strip() for line in printed.out.splitlines()] == [NAME] * 3
    assert printed.err.splitlines() == [f"Note: {NAME}", NAME]


def test_a_step_with_brackets_can_be_reported() -> None:
    with progress_bar(NAME) as report_progress:
        report_progress(NAME, 0.5)
