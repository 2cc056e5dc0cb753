"""Conversion for the report: what matured of the later period beside what is expected of the young leads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analytics.conversion import YOUNG, Conversion, conversion, no_forecast
from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Name, Period, RowsBy
from analytics.periods import Periods
from stats.estimates import Estimate

TABLES = (("source",), ("source", "campaign"), ("grade",))


def _empty_group(name: Name, horizon_days: int) -> Conversion:
    """A group without leads."""
    return Conversion(
        name=name,
        arrived=0,
        matured=0,
        won=0,
        rate=Estimate.unknown(YOUNG),
        shrunk=Estimate.unknown(YOUNG),
        never_tried=Estimate.unknown(YOUNG),
        young=0,
        won_so_far=0,
        expected=no_forecast(horizon_days),
        unscored=0,
    )


@dataclass(frozen=True)
class ConversionSection:
    """Conversion of the later period beside what is expected of the young leads; `weeks` is by week of arrival.

    `tables` are by source, by source and campaign, and by grade; grades are those `grades_by` "score" stored on
    arrival or, where most leads have none, by the "reference". `model_error` is the share by which promises have
    missed beyond chance.
    """

    whole: Conversion
    tables: tuple[RowsBy[Conversion], ...]
    weeks: tuple[Conversion, ...]
    grades_by: str
    model_error: float | None


def conversion_section(
    facts: LeadsAsOf, by_reference: LeadsAsOf, periods: Periods, young: Period, since: Period
) -> ConversionSection:
    """Conversion as a whole, by group and by week; `by_reference` are the facts with the reference's grades."""
    grades_by = "score" if _has_grades(facts, periods.after) else "reference"
    whole = conversion(facts, periods.after)
    tables = {
        by: _beside(by_reference if by == ("grade",) and grades_by == "reference" else facts, periods.after, young, by)
        for by in TABLES
    }
    together = _beside(facts, periods.after, young, ())
    return ConversionSection(
        whole=together[0] if together else _empty_group((), facts.horizon_days),
        tables=tuple(RowsBy(by, rows) for by, rows in tables.items()),
        weeks=conversion(facts, since, ("week",)).rows,
        grades_by=grades_by,
        model_error=whole.model_error,
    )


def _has_grades(facts: LeadsAsOf, period: Period) -> bool:
    """Whether at least half of the period's leads were graded as they came."""
    here = period.holds(facts.leads)
    graded = here & facts.leads["grade"].notna().to_numpy()
    return 2 * int(graded.sum()) >= int(here.sum())


def _beside(facts: LeadsAsOf, matured: Period, young: Period, by: Sequence[str]) -> tuple[Conversion, ...]:
    """Each group's matured leads of one period and young leads of another, in one row."""
    old = {row.name: row for row in conversion(facts, matured, by).rows}
    new = {row.name: row for row in conversion(facts, young, by).rows}
    names = sorted(old.keys() | new.keys(), key=lambda name: tuple((part is None, part or "") for part in name))
    empty = {name: _empty_group(name, facts.horizon_days) for name in names}
    return tuple(_joined(old.get(name, empty[name]), new.get(name, empty[name])) for name in names)


def _joined(old: Conversion, new: Conversion) -> Conversion:
    return replace(
        old,
        arrived=old.matured + new.young,
        young=new.young,
        won_so_far=new.won_so_far,
        expected=new.expected,
        unscored=new.unscored,
    )
