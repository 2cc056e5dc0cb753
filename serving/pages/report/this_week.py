"""The last seven days beside the seven before: what can be told long before conversion can."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.formatting import DASH
from serving.queue_rules import QueueRules
from serving.store import Connection
from serving.store.recent_arrivals import Arrival, read_arrivals

WEEK = timedelta(days=7)
NOT_DUE = mark("no lead was due")
NO_VALUES = mark("no lead came with a value")
NO_SCORES = mark("no lead was scored")


@dataclass(frozen=True, slots=True)
class WeekFigure:
    """A number of the last seven days, the same of the seven before, and what it is over, or why it is not known."""

    name: str
    value: str
    before: str
    over: str


@dataclass(frozen=True, slots=True)
class ThisWeek:
    """The figures of the last seven days."""

    title: str
    figures: tuple[WeekFigure, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Seven days counted: `in_time` of the leads that were `due`; None where nothing is known of it."""

    leads: int
    due: int
    in_time: int
    scored: int
    expected: float | None
    money: float | None
    valued: int


def read_week(connection: Connection, rules: QueueRules, currency: str, now: datetime) -> ThisWeek:
    """The last seven days up to now, beside the seven before as they stood after as long."""
    weeks = (read_arrivals(connection, now - WEEK, now), read_arrivals(connection, now - 2 * WEEK, now - WEEK))
    this, last = (count_week(found, rules, now - ago) for found, ago in zip(weeks, (timedelta(0), WEEK), strict=True))
    return _week_view(this, last, currency)


def count_week(found: Sequence[Arrival], rules: QueueRules, at: datetime) -> Counted:
    """What is known at a moment of leads that arrived before it; later contacts are not seen."""
    with_target = [lead for lead in found if lead.grade in rules.response_targets]
    targets = np.array([rules.response_targets[str(lead.grade)].total_seconds() for lead in with_target])
    arrived, now = _times([lead.arrived for lead in with_target]), _times([at] * len(with_target))
    called = _times(
        [lead.first_contact if lead.first_contact and lead.first_contact <= at else None for lead in with_target]
    )
    in_time = rules.hours.between(arrived, called) <= targets
    is_due = in_time | (rules.hours.between(arrived, now) >= targets)
    chances = [lead.probability for lead in found if lead.probability is not None]
    worth = [lead.probability * lead.value for lead in found if lead.probability is not None and lead.value is not None]
    return Counted(
        leads=len(found),
        due=int(is_due.sum()),
        in_time=int(in_time.sum()),
        scored=len(chances),
        expected=sum(chances) if chances else None,
        money=sum(worth) if worth else None,
        valued=len(worth),
    )


def _times(moments: Sequence[datetime | None]) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    """Aware times as naive UTC (n,), NaT where there is none."""
    return np.array([None if at is None else at.timestamp() * 1e6 for at in moments], dtype="float64").astype(
        "datetime64[us]"
    )


def _week_view(this: Counted, last: Counted, currency: str) -> ThisWeek:
    money = formatting.money_beside(this.money, last.money)
    valued = ngettext(
        "from %(num)s lead with a value, in %(currency)s",
        "from %(num)s leads with a value, in %(currency)s",
        this.valued,
        currency=currency,
    )
    due = ngettext("of %(num)s lead whose call was due", "of %(num)s leads whose call was due", this.due)
    return ThisWeek(
        _("The last 7 days, beside the 7 before"),
        (
            WeekFigure(_("Leads in"), formatting.whole(this.leads), formatting.whole(last.leads), ""),
            WeekFigure(
                _("Called in time"),
                _share(this),
                _share(last),
                due if this.due else _(NOT_DUE),
            ),
            WeekFigure(
                _("Customers expected"),
                _told(this.expected),
                _told(last.expected),
                _scored(this),
            ),
            WeekFigure(
                _("Money expected"),
                DASH if this.money is None else money(this.money),
                DASH if last.money is None else money(last.money),
                _(NO_VALUES) if this.money is None else valued,
            ),
        ),
    )


def _scored(week: Counted) -> str:
    """Which leads customers are expected from: those that were imported may have no score."""
    if not week.scored:
        return _(NO_SCORES)
    if week.scored == week.leads:
        return _("from these leads, by their scores")
    return _("from the %(scored)s of these leads that are scored", scored=formatting.whole(week.scored))


def _share(week: Counted) -> str:
    return formatting.share(week.in_time / week.due) if week.due else DASH


def _told(expected: float | None) -> str:
    return DASH if expected is None else formatting.one_decimal(expected)
