"""docs/proofs.md, which the proofs write themselves: what each figure is in, a section a proof and a row a setting out.

A proof that runs replaces the rows of its own settings and leaves all others as they stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

TITLE = """# Proofs

Each method beside data whose truth is known, also where its claim should fail. `make proofs` runs them, minutes
each, and writes this page: a row for each setting that was run, with its day. `make test` runs a short version of each.
"""
HEAD = "| setting | runs | figures | run on |\n|---|---|---|---|"
SECTION = "\n## "


@dataclass(frozen=True)
class Proof:
    """What is shown, and what would disprove it."""

    title: str
    claim: str
    fails_if: str


@dataclass(frozen=True)
class Shown:
    """One setting of a proof: how many runs, and what came out."""

    proof: Proof
    setting: str
    runs: int
    figures: str

    def row(self, day: date) -> str:
        return f"| {self.setting} | {self.runs:,} | {self.figures} | {day} |"


def page_with(page: str, shown: Iterable[Shown], day: date) -> str:
    """The page with these settings shown anew."""
    sections = {text.split("\n", 1)[0]: _rows(text) for text in page.split(SECTION)[1:]}
    heads = {text.split("\n", 1)[0]: text[: text.index(HEAD)] for text in page.split(SECTION)[1:]}
    for one in shown:
        title = one.proof.title
        heads[title] = f"{title}\n\n{one.proof.claim} Fails if {one.proof.fails_if}.\n\n"
        sections.setdefault(title, {})[one.setting] = one.row(day)
    written = [f"{heads[title]}{HEAD}\n" + "\n".join(rows.values()) + "\n" for title, rows in sections.items()]
    return SECTION.join([TITLE, *written])


def _rows(section: str) -> dict[str, str]:
    """The rows of a section's table by their setting."""
    lines = section[section.index(HEAD) + len(HEAD) :].strip().splitlines()
    return {line.removeprefix("| ").split(" | ", 1)[0]: line for line in lines}
