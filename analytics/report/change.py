"""The change of conversion and its parts, for the report."""

from dataclasses import dataclass

from analytics.facts import Facts
from analytics.mix.cells import compare_cells
from analytics.mix.change import Change, Part
from analytics.periods import Periods
from analytics.statistics.estimates import Estimate

CELLS = ("source",)
SEED = 20_261_123


@dataclass(frozen=True)
class PartsBy:
    """What each group adds to mix and handling; all groups add up to the whole."""

    by: tuple[str, ...]
    rows: tuple[Part, ...]


@dataclass(frozen=True)
class CellSplit:
    """Mix and handling from the shares and conversions of groups alone (Kitagawa 1955), beside the reference's."""

    by: tuple[str, ...]
    mix: Estimate
    handling: Estimate


@dataclass(frozen=True)
class ChangeSection:
    """The waterfall: `before` + `mix` + `handling` = `after`, and `total` is `mix` + `handling`.

    `smallest` is the smallest change that could have been seen. `slope` is how much more often leads of the earlier
    period won for each unit of m: 1 for a reference that tells them apart as they are. `left_out` leads of the
    periods are too young or have no reference probability. `parts` are by source, by campaign within source, by grade,
    and by source and grade, the grade being the reference's.
    """

    before: Estimate
    mix: Estimate
    handling: Estimate
    after: Estimate
    total: Estimate
    smallest: Estimate
    slope: Estimate
    left_out: int
    parts: tuple[PartsBy, ...]
    cells: CellSplit


def change_section(facts: Facts, periods: Periods, change: Change) -> ChangeSection:
    """The change in its parts, with the split by cells beside it."""
    cells = compare_cells(facts, periods.before, periods.after, CELLS, seed=SEED)
    return ChangeSection(
        before=change.before,
        mix=change.mix,
        handling=change.handling,
        after=change.after,
        total=change.total,
        smallest=change.smallest,
        slope=change.slope,
        left_out=change.left_out,
        parts=tuple(PartsBy(by, rows) for by, rows in change.parts.items()),
        cells=CellSplit(CELLS, cells.mix, cells.handling),
    )
