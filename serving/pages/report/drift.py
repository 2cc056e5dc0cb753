"""The weekly page's part about what changed among the arriving leads."""

from collections.abc import Callable

from analytics.drift import FieldDrift
from language.text import gettext as _
from serving.pages.formatting import share, two_decimals
from serving.pages.report.numbers import Number, Numbers, Told, leads_of
from serving.pages.report.said import said
from serving.pages.report.views import Heading, Section, grid

MOST_FIELDS = 8


def drift_section(numbers: Numbers) -> Section:
    """What changed among the arriving leads, and whether to train again."""
    drift, lately = numbers.report.drift, numbers.report.windows.lately
    head = (
        Heading(_("Field"), is_figure=False),
        Heading(_("Size of the change"), "drift"),
        Heading(_("Chance alone reaches")),
        Heading(_("Clear"), is_figure=False),
        Heading(_("What changed most"), is_figure=False),
    )
    rows: list[tuple[str, None, list[Number | str]]] = [
        (
            field.field,
            None,
            [
                _field_number(place, lambda field: field.size, _two_decimals_from_zero, numbers),
                _field_number(place, lambda field: field.noise, two_decimals, numbers),
                _("yes") if field.changed else _("no"),
                _(
                    "%(value)s: %(before)s before, %(after)s now",
                    value=said(field.most.name) if field.most.name else _("missing"),
                    before=share(field.most.before),
                    after=share(field.most.after),
                ),
            ],
        )
        for place, field in enumerate(drift.fields)
    ]
    changed = sum(field.changed for field in drift.fields)
    train = (
        _("Training a new model is worth trying.")
        if drift.retrain
        else _("These fields are no reason to train a new model.")
    )
    why = _("Nothing is known: %(why)s.", why=said(drift.reason))
    says = (why,) if drift.reason else (train, *map(said, drift.reasons))
    shown, rest = rows[: max(changed, 3)][:MOST_FIELDS], rows[max(changed, 3) :]
    return Section(
        "drift",
        _("What changed among the arriving leads"),
        _("%(leads)s, against both periods", leads=leads_of(lately)),
        says,
        grids=(grid(_caption(changed), head, shown),) if shown else (),
        folded=(grid(_("The other fields"), head, rest),) if rest else (),
    )


def _caption(changed: int) -> str:
    """What the rows are; a table of which none changed clearly does not say that they changed."""
    return _("Fields that changed most") if changed else _("The largest differences, none of them clear")


def _field_number(field: int, of: Callable[[FieldDrift], float], told: Told, numbers: Numbers) -> Number:
    return numbers.of(lambda report: of(report.drift.fields[field]), told)


def _two_decimals_from_zero(size: float) -> str:
    """A size less what chance alone makes of it may be below zero, which says no more than zero does."""
    return two_decimals(max(size, 0.0))
