"""Numbers of the earlier period beside the later one's: their paths in, a table that says which differ clearly."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from serving.pages.report.numbers import Number, Numbers, Told, points, value_at
from serving.pages.report.views import Grid, Heading, grid

NOISE, EDGE, CLEAR = "no clear change", "borderline", "clear"


@dataclass(frozen=True, slots=True)
class Pair:
    """A row: what it is, its path within the comparison, how its numbers and how their difference are told."""

    name: str
    path: str
    told: Told
    change: Told


def as_shares(name: str, path: str, told: Told) -> Pair:
    """A share, whose difference is in points."""
    return Pair(name, path, told, lambda value: f"{points(value)} points")


def as_amounts(name: str, path: str, told: Told) -> Pair:
    """A number whose difference is told as it is itself, with its sign."""
    return Pair(name, path, told, signed(told))


def signed(told: Told) -> Told:
    """The same words with a sign before them; "less than a minute" and 0.0 need none."""

    def words(value: float) -> str:
        said, sign = told(abs(value)), "−" if value < 0 else "+"
        return f"{sign}{said}" if said[0].isdigit() and re.search("[1-9]", said) else said

    return words


def compared_grid(title: str, part: str, pairs: Sequence[Pair], numbers: Numbers) -> Grid:
    """One row for each pair of `part`.compared; the heads lead to the leads of either period."""
    windows, places = numbers.report.windows, numbers.places
    head = (
        Heading("Number", is_figure=False),
        Heading("Before", url=places.behind(windows.before)),
        Heading("After", url=places.behind(windows.after)),
        Heading("Change"),
        Heading("That is", is_figure=False),
    )
    rows = [(pair.name, None, _cells(f"{part}.compared.{pair.path}", pair, numbers)) for pair in pairs]
    judged = len(fields(value_at(numbers.report, f"{part}.compared")))
    how = f"Clear is adjusted for the {judged} numbers compared, borderline is beyond a number's own interval only."
    return grid(title, head, rows, said=how)


def noise_of(path: str, numbers: Numbers) -> str:
    """Whether the comparison there shows more than chance explains; nothing where that is not known."""
    found = value_at(numbers.report, path)
    if found.change.low is None or found.change.high is None:
        return ""
    return NOISE if found.change.covers(0.0) else CLEAR if found.clear else EDGE


def _cells(path: str, pair: Pair, numbers: Numbers) -> list[Number | str]:
    told: tuple[tuple[str, Callable[[float], str]], ...] = (
        ("before", pair.told),
        ("after", pair.told),
        ("change", pair.change),
    )
    return [*(numbers.at(f"{path}.{side}", words) for side, words in told), noise_of(path, numbers)]
