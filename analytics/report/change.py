"""The change of conversion and its parts, for the report."""

from dataclasses import dataclass

from analytics.leads_as_of import Facts
from analytics.mix.cells import compare_cells
from analytics.mix.change import Change
from analytics.mix.parts import Part
from analytics.periods import Periods
from stats.estimates import Estimate

CELLS = ("source",)
SEED = 20_261_123
NOT_KNOWN = Estimate.unknown("not known")


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

    `smallest` is the smallest change of conversion that would be seen in four of five cases, `smallest_mix` and
    `smallest_handling` the same of either part. `p_value` is that of no change at all: only where it is at most 0.04
    is any of the three called clear, and then the one whose interval leaves out 0. `slope` is how much more often leads
    of the earlier period won for each unit of the reference's probability: 1 for one that tells them apart as they are.
    `corrected` is what the earlier period's own leads added to the mix that the reference alone would have told,
    `within` the mix beyond what the shares of sources explain. `left_out` leads of the periods are too young or have no
    reference probability. `parts` are by source, by campaign within source, by grade, and by source and grade, the
    grade being the reference's.
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
    p_value: float = 1.0
    smallest_mix: Estimate = NOT_KNOWN
    smallest_handling: Estimate = NOT_KNOWN
    corrected: Estimate = NOT_KNOWN
    within: Estimate = NOT_KNOWN


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
        p_value=change.p_value,
        smallest_mix=change.smallest_mix,
        smallest_handling=change.smallest_handling,
        corrected=change.corrected,
        within=change.within,
    )
