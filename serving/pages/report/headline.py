"""The verdict in a dozen words, who moved it and by how much, and how large a change would have shown."""

import re
from dataclasses import dataclass

from analytics.mix.printed import moved, one_decimal, printed
from analytics.mix.verdict import Verdict, is_clear, verdict
from analytics.report import Report
from language.text import gettext as _
from serving.pages.report.said import said

NO_BREAK_SPACE = "\u00a0"
"""So that a large heading does not break between a figure and its sign."""
COULD_SHOW = re.compile(r"(?<=\.) (?=A (?:change|difference) of )")


@dataclass(frozen=True, slots=True)
class Headline:
    """What is read first; `would_show` is empty where all is clear or nothing known."""

    verdict: str
    parts: str
    would_show: str


def headline(report: Report) -> Headline:
    """The report's answer, the shortest of it first."""
    first, *others = report.answer.sentences
    change, *changes = COULD_SHOW.split(first)
    parts, *differences = COULD_SHOW.split(" ".join(others))
    told = " ".join(filter(None, (_total(report), said(parts))))
    words = _verdict(report) or said(change)
    would_show = " ".join(map(said, (*changes, *differences)))
    return Headline(words.replace(" %", f"{NO_BREAK_SPACE}%"), told, would_show)


def _verdict(report: Report) -> str:
    """What is said of conversion as a whole; empty where the report's own sentence is short already."""
    change = report.change
    shown, found = printed(change), verdict(change.total, change.p_value)
    if shown is None or found is Verdict.CLEAR:
        return ""
    if is_clear(change.mix, change.p_value) and is_clear(change.handling, change.p_value):
        return _("No clear change in all, but clear ones within it")
    if is_clear(change.mix, change.p_value):
        return _("No clear change in all, but one by who came")
    if is_clear(change.handling, change.p_value):
        return _("No clear change in all, but one by handling")
    after, before = f"{one_decimal(shown.after)} %", f"{one_decimal(shown.before)} %"
    if found is Verdict.BORDERLINE:
        return _("Borderline: %(after)s of leads became customers (before %(before)s)", after=after, before=before)
    return _("No clear change: %(after)s of leads became customers (before %(before)s)", after=after, before=before)


def _total(report: Report) -> str:
    """By how much conversion moved, where the verdict does not say it clearly."""
    change = report.change
    shown, found = printed(change), verdict(change.total, change.p_value)
    if shown is None or found in (Verdict.CLEAR, Verdict.UNKNOWN):
        return ""
    before, after = f"{one_decimal(shown.before)} %", f"{one_decimal(shown.after)} %"
    return _(
        "Conversion went from %(before)s to %(after)s, by %(moved)s.",
        before=before,
        after=after,
        moved=said(moved(change.total, shown.total)),
    )
