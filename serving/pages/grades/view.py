"""The grades' page in words: how the scores of recent leads are spread, and what other thresholds would mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from language.numbers import localise
from language.text import gettext as _
from language.text import mark
from serving.pages import formatting
from serving.pages.bars import BarRow, Mark, stacked_bars
from serving.pages.grades.thresholds import NOBODY, Bar, GradeShare, count_bars, divide, settle
from serving.pages.page_context import PageContext
from serving.pages.views import Table
from serving.store.recent_scores import RecentScores
from training.model import GRADES, ScoringModel

ASKED = GRADES[:3]
"""The grades that have a threshold."""
MARKS: Mapping[str, Mark] = {"A": "a", "B": "b", "C": "c", "D": "d"}
NOT_A_SHARE = mark("expected a number from 0 to 100")
FEW_LEADS = 30


@dataclass(frozen=True, slots=True)
class ThresholdField:
    """Where a grade would begin, in hundredths, as it was typed or as the model has it."""

    name: str
    grade: str
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class GradesView:
    """The whole page; without leads there is no table and no bar."""

    answer: str
    basis: str
    fields: tuple[ThresholdField, ...]
    is_changed: bool
    bars: tuple[BarRow, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()
    table: Table | None = None


def grades_view(
    recent: RecentScores | None, model: ScoringModel, asked: Mapping[str, str], context: PageContext
) -> GradesView:
    """The page for what was asked: `a`, `b` and `c` in hundredths, empty for the model's own."""
    own = _own_thresholds(model)
    read = {name: _read_share(asked.get(name.lower(), "")) for name in ASKED}
    errors = {name: _(NOT_A_SHARE) for name, share in read.items() if isinstance(share, ValueError)}
    wanted = [None if isinstance(share, ValueError) else share for share in read.values()]
    least = settle(own, wanted)
    typed = {name: asked.get(name.lower(), "").strip() for name in ASKED}
    fields = tuple(
        ThresholdField(name.lower(), name, typed[name] or _in_hundredths(begins), errors.get(name, ""))
        for name, begins in zip(ASKED, least, strict=True)
    )
    if recent is None or not len(recent.probability):
        waits = _("No lead was scored in the last four weeks") if recent else _("The scores are being counted")
        return GradesView(waits, _("Load this page again once there are some."), fields, is_changed=False)
    is_changed = any(abs(new - old) >= 0.0005 for new, old in zip(least, own, strict=True))
    now, then = divide(recent, own), divide(recent, least)
    return GradesView(
        answer=_spread_words(now, then, is_changed),
        basis=_basis(recent, then[0].a_day, context),
        fields=fields,
        is_changed=is_changed,
        bars=stacked_bars([_bar_row(bar) for bar in count_bars(recent, least)]),
        marks=tuple(MARKS.items()),
        table=_table(now, then, recent, is_changed),
    )


def _own_thresholds(model: ScoringModel) -> tuple[float, ...]:
    """Where A, B and C begin, the better first; a grade that ties leave without leads begins where nobody is."""
    least = model.grade_scale.least_probabilities()
    own = [NOBODY if (begins := least[grade]) is None else begins for grade in ASKED]
    return settle(own, [None] * len(own))


def _read_share(text: str) -> float | ValueError | None:
    """20 → 0.2; None where nothing was typed."""
    typed = text.strip().replace(",", ".").removesuffix("%").strip()
    if not typed:
        return None
    try:
        share = float(typed) / 100
    except ValueError as refused:
        return refused
    return share if 0 <= share <= 1 else ValueError(text)


def _spread_words(now: Sequence[GradeShare], then: Sequence[GradeShare], is_changed: bool) -> str:
    best, before = then[0], now[0]
    leads = formatting.one_decimal(best.a_day)
    where = formatting.in_hundred(best.least)
    if not is_changed:
        if best.least >= NOBODY:
            return _("No lead gets an A from this model")
        return _("A begins at %(where)s: %(leads)s leads a day", where=where, leads=leads)
    return _(
        "If A began at %(where)s: %(leads)s leads a day instead of %(before)s",
        where=where,
        leads=leads,
        before=formatting.one_decimal(before.a_day),
    )


def _basis(recent: RecentScores, a_day: float, context: PageContext) -> str:
    counted = _(
        "By the newest scores of the %(leads)s leads that arrived in the %(days)s up to %(when)s.",
        leads=formatting.whole(len(recent.probability)),
        days=formatting.day_count(round(recent.days)),
        when=context.moment_with_zone(recent.at),
    )
    if recent.called:
        each = recent.calls / recent.called
        counted += " " + _(
            "At %(each)s calls a lead, as leads took in that time, A makes %(calls)s calls a day.",
            each=formatting.one_decimal(each),
            calls=formatting.one_decimal(each * a_day),
        )
    few = " " + _("That is few: the figures may be far off.") if len(recent.probability) < FEW_LEADS else ""
    return counted + few


def _bar_row(bar: Bar) -> tuple[str, list[tuple[Mark, float]], str]:
    low, high = (localise(_in_hundredths(end)) for end in (bar.low, bar.high))
    amounts = [(MARKS[grade], bar.by_grade[grade]) for grade in reversed(GRADES) if grade in bar.by_grade]
    return _("%(low)s to %(high)s in 100", low=low, high=high), amounts, formatting.one_decimal(bar.a_day)


def _table(now: Sequence[GradeShare], then: Sequence[GradeShare], recent: RecentScores, is_changed: bool) -> Table:
    calls = recent.calls / recent.called if recent.called else None
    head = [_("Grade"), _("Begins at"), _("Leads a day"), _("Share of leads"), _("Become customers"), _("Calls a day")]
    rows = []
    for old, new in zip(now, then, strict=True):
        row = [
            new.grade,
            _("nobody") if new.least >= NOBODY else formatting.in_hundred(new.least) if new.least else _("the rest"),
            formatting.one_decimal(new.a_day),
            formatting.share(new.share),
            formatting.in_hundred(new.mean) if new.share else formatting.DASH,
            formatting.DASH if calls is None else formatting.one_decimal(new.a_day * calls),
        ]
        rows.append((*row, formatting.one_decimal(old.a_day)) if is_changed else tuple(row))
    head += [_("Leads a day now")] if is_changed else []
    return Table(tuple(head), tuple(rows), figures=tuple(range(2, len(head))))


def _in_hundredths(share: float) -> str:
    """0.075 → 7.5, as a field for a number holds it."""
    return f"{100 * share:.1f}".removesuffix(".0")
