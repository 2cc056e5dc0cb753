from datetime import date
from pathlib import Path

from tests.conftest import ROOT
from tests.proofs import Proof, Shown, page_with

SPEED = Proof("Speed", "It is covered.", "it is not")
MIX = Proof("Mix", "It adds up.", "it does not")
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def test_a_setting_that_is_shown_again_replaces_its_row_and_no_other() -> None:
    before = page_with("", [Shown(SPEED, "few", 10, "91 %"), Shown(SPEED, "many", 10, "94 %")], MONDAY)
    after = page_with(before, [Shown(SPEED, "few", 500, "95 %"), Shown(MIX, "all", 1, "0")], TUESDAY)

    assert "| few | 500 | 95 % | 2026-11-24 |\n| many | 10 | 94 % | 2026-11-23 |" in after
    assert "91 %" not in after
    assert "## Mix\n\nIt adds up. Fails if it does not." in after


def test_a_page_to_which_nothing_is_added_stays_as_it_is() -> None:
    page = page_with("", [Shown(SPEED, "few", 10, "91 %"), Shown(MIX, "all", 1, "0")], MONDAY)

    assert page_with(page, [], TUESDAY) == page


def test_the_page_in_the_docs_is_as_the_proofs_write_it() -> None:
    page = Path(ROOT, "docs", "proofs.md").read_text("utf-8")

    assert page_with(page, [], TUESDAY) == page
