"""The change of conversion and its parts, for the report."""

from dataclasses import dataclass, field

from analytics.leads_as_of import Facts
from analytics.mix.cells import compare_cells
from analytics.mix.change import Change
from analytics.periods import Periods
from stats.estimates import Estimate

CELLS = ("source",)
SEED = 20_261_123


@dataclass(frozen=True)
class CellSplit:
    """Mix and handling from the shares and conversions of groups alone (Kitagawa 1955), beside the reference's."""

    by: tuple[str, ...]
    mix: Estimate = field(metadata={"metric": "mix"})
    handling: Estimate = field(metadata={"metric": "handling"})


@dataclass(frozen=True)
class ChangeSection(Change):
    """The change and its parts, by source, by campaign within source, by grade, and by source and grade."""

    cells: CellSplit


def change_section(facts: Facts, periods: Periods, change: Change) -> ChangeSection:
    """The change in its parts, with the split by cells beside it; grades are the reference's."""
    cells = compare_cells(facts, periods.before, periods.after, CELLS, seed=SEED)
    return ChangeSection(**vars(change), cells=CellSplit(CELLS, cells.mix, cells.handling))
