"""Tables of the earlier period's numbers beside the later one's, which say what differs clearly."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from analytics.report import Report
from analytics.report.compared import Compared, ConversationsCompared, CostCompared, ResponseCompared
from language.text import gettext as _
from language.text import mark
from serving.pages.formatting import points
from serving.pages.report.numbers import Number, Numbers, Told
from serving.pages.report.said import said
from serving.pages.report.views import Grid, Heading, grid

Part = TypeVar("Part", ResponseCompared, ConversationsCompared, CostCompared)

NOISE, EDGE, CLEAR = mark("no clear change"), mark("borderline"), mark("clear")


@dataclass(frozen=True)
class Pair(Generic[Part]):
    """A row: what it is, where it stands in the comparison, how its numbers and how their difference are told."""

    name: str
    of: Callable[[Part], Compared]
    told: Told
    change: Told


def as_shares(name: str, of: Callable[[Part], Compared], told: Told) -> Pair[Part]:
    """A share, whose difference is in points."""
    return Pair(name, of, told, lambda value: _("%(value)s points", value=points(value)))


def as_amounts(name: str, of: Callable[[Part], Compared], told: Told) -> Pair[Part]:
    """A number whose difference is told as it is itself, with its sign."""
    return Pair(name, of, told, signed(told))


def signed(told: Told) -> Told:
    """The same words with a sign before them; "less than a minute" and 0.0 need none."""

    def words(value: float) -> str:
        text, sign = told(abs(value)), "−" if value < 0 else "+"
        return f"{sign}{text}" if text[0].isdigit() and re.search("[1-9]", text) else text

    return words


def compared_grid(title: str, part: Callable[[Report], Part], pairs: Sequence[Pair[Part]], numbers: Numbers) -> Grid:
    """One row for each pair of a part's comparison; the heads lead to the leads of either period."""
    windows, places = numbers.report.windows, numbers.places
    head = (
        Heading(_("Number"), is_figure=False),
        Heading(_("Before"), url=places.behind(windows.before)),
        Heading(_("After"), url=places.behind(windows.after)),
        Heading(_("Change")),
        Heading(_("That is"), is_figure=False),
    )
    known = [pair for pair in pairs if _is_known(pair.of(part(numbers.report)))]
    rows = [(_(pair.name), None, _cells(part, pair, numbers)) for pair in known]
    judged = len(fields(part(numbers.report)))
    how = _(
        "Clear is adjusted for the %(judged)s numbers compared, borderline is beyond a number's own interval only.",
        judged=judged,
    )
    gaps: list[str] = [
        f"{_(pair.name)}: {said(pair.of(part(numbers.report)).after.reason)}." for pair in pairs if pair not in known
    ]
    return grid(_(title), head, rows, said=" ".join([how, *gaps]))


def _is_known(found: Compared) -> bool:
    """Whether anything is known of either period, be it only that the number is large."""
    return any(side.known or side.low is not None for side in (found.before, found.after))


def clarity_of(found: Compared) -> str:
    """How clearly a comparison shows more than chance explains: one of the three words, or none where not known."""
    if found.change.low is None or found.change.high is None:
        return ""
    return NOISE if found.change.covers(0.0) else CLEAR if found.clear else EDGE


def _cells(part: Callable[[Report], Part], pair: Pair[Part], numbers: Numbers) -> list[Number | str]:
    return [
        numbers.of(lambda report: pair.of(part(report)).before, pair.told),
        numbers.of(lambda report: pair.of(part(report)).after, pair.told),
        numbers.of(lambda report: pair.of(part(report)).change, pair.change),
        _(clarity_of(pair.of(part(numbers.report)))),
    ]
