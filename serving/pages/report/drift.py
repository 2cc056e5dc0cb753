"""The weekly page's part about what changed among the arriving leads."""

from collections.abc import Callable

from analytics.drift import FieldDrift
from serving.pages.formatting import share, two_decimals
from serving.pages.report.numbers import Number, Numbers, Told, leads_of
from serving.pages.report.views import Heading, Section, grid

MOST_FIELDS = 8


def drift_section(numbers: Numbers) -> Section:
    """What changed among the arriving leads, and whether to train again."""
    drift, lately = numbers.report.drift, numbers.report.windows.lately
    head = (
        Heading("Field", is_figure=False),
        Heading("Size of the change", "drift"),
        Heading("Chance alone reaches"),
        Heading("Clear", is_figure=False),
        Heading("What changed most", is_figure=False),
    )
    rows: list[tuple[str, None, list[Number | str]]] = [
        (
            field.field,
            None,
            [
                _field_number(place, lambda field: field.size, two_decimals, numbers),
                _field_number(place, lambda field: field.noise, two_decimals, numbers),
                "yes" if field.changed else "no",
                f"{field.most.name or 'missing'}: {share(field.most.before)} before, {share(field.most.after)} now",
            ],
        )
        for place, field in enumerate(drift.fields)
    ]
    changed = sum(field.changed for field in drift.fields)
    train = "Training anew is worth trying." if drift.retrain else "No reason here to train anew."
    says = (f"Nothing is known: {drift.reason}.",) if drift.reason else (train, *drift.reasons)
    shown, rest = rows[: max(changed, 3)][:MOST_FIELDS], rows[max(changed, 3) :]
    return Section(
        "drift",
        "What changed among the arriving leads",
        f"{leads_of(lately)}, against both periods",
        says,
        grids=(grid(_caption(changed), head, shown),) if shown else (),
        folded=(grid("The other fields", head, rest),) if rest else (),
    )


def _caption(changed: int) -> str:
    """What the rows are; a table of which none changed clearly does not say that they changed."""
    return "Fields that changed most" if changed else "The largest differences, none of them clear"


def _field_number(field: int, of: Callable[[FieldDrift], float], told: Told, numbers: Numbers) -> Number:
    return numbers.of(lambda report: of(report.drift.fields[field]), told)
