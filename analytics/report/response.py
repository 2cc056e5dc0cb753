"""Speed of response for the report: the newest weeks' waits, the later period's leads never tried, speed's effect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta

from scipy.sparse import csr_array

from analytics.conversion import UNHEARD, UNRECORDED, why_untried_is_unknown
from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Name, RowsBy
from analytics.periods import Periods
from analytics.report.compared import ResponseCompared, compared
from analytics.report.speed import MINUTE, Speed, speed_of
from analytics.response.speed import effect_of_speed
from analytics.response.waits import Response, Waiting
from analytics.response.working_hours import WorkingHours
from stats.estimates import Estimate

TABLES = (("grade",), ("source",), ("agent",))
NO_LEADS = Estimate.unknown("no leads arrived in these weeks")
YOUNG = Estimate.unknown("too young to tell")


@dataclass(frozen=True)
class ResponseRow:
    """How soon one group's `leads` of the newest weeks were tried and reached, in minutes of working time.

    Half of the leads were tried within `attempt_median`, nine in ten within `attempt_ninetieth`; `kept` is the share
    of promises kept. `never_tried` and `never_reached` are shares of the later period's matured leads. A class of its
    own because it sets two windows beside each other, in minutes; `analytics.response.waits.Response` is of one.
    """

    name: Name
    leads: int
    tried: int
    reached: int
    attempt_median: Estimate = field(metadata={"metric": "first_attempt"})
    attempt_ninetieth: Estimate = field(metadata={"metric": "first_attempt"})
    conversation_median: Estimate = field(metadata={"metric": "first_conversation"})
    conversation_ninetieth: Estimate = field(metadata={"metric": "first_conversation"})
    kept: Estimate = field(metadata={"metric": "promise_kept"})
    never_tried: Estimate = field(metadata={"metric": "never_tried"})
    never_reached: Estimate = field(metadata={"metric": "never_reached"})


@dataclass(frozen=True)
class HourOfWeek:
    """Leads that arrived in one hour of the week (0 is Monday 00:00, in the zone of the working hours)."""

    hour: int
    name: str
    leads: int
    attempt_median: Estimate = field(metadata={"metric": "first_attempt"})
    kept: Estimate = field(metadata={"metric": "promise_kept"})


@dataclass(frozen=True)
class ResponseSection:
    """Speed of response; `promises` are minutes of working time to the first attempt, by grade.

    `compared` sets the two periods beside each other. `tables` are by grade, by source and by agent. `hours` has the
    hours of the week in which leads arrived.
    """

    whole: ResponseRow
    compared: ResponseCompared
    tables: tuple[RowsBy[ResponseRow], ...]
    hours: tuple[HourOfWeek, ...]
    speed: Speed
    working_hours: str
    promises: Mapping[str, float]


def response_section(
    facts: LeadsAsOf,
    periods: Periods,
    hours: WorkingHours,
    promises: Mapping[str, timedelta],
    fields: csr_array | None = None,
) -> ResponseSection:
    """Waits in working time, with the shares that nobody tried or reached, and whether speed makes a difference.

    That is told among leads of like `fields` (leads of the facts, steps), where they are given.
    """
    lately, before, after, both = (
        Waiting.of(facts, hours, promises, period)
        for period in (periods.lately, periods.before, periods.after, periods.both)
    )
    told = _told(facts)
    whole = _whole(told, lately, after)
    return ResponseSection(
        whole=whole,
        compared=_compared(_whole(told, before, before), _whole(told, after, after)),
        tables=tuple(RowsBy(by, _rows(told, lately, after, by)) for by in TABLES),
        hours=_hours(told, lately),
        speed=speed_of(effect_of_speed(both, fields=fields), both),
        working_hours=str(hours),
        promises={grade: span.total_seconds() / MINUTE for grade, span in promises.items()},
    )


Told = Callable[[Name, Response | None, Response | None], ResponseRow]


def _told(facts: LeadsAsOf) -> Told:
    if not facts.contacts_known:
        return _unrecorded
    told = _row if facts.conversations_known else _unheard
    unlogged = why_untried_is_unknown(facts)
    if unlogged is None:
        return told
    return lambda name, new, old: replace(told(name, new, old), never_tried=unlogged, never_reached=unlogged)


def _whole(told: Told, waits: Waiting, matured: Waiting) -> ResponseRow:
    rows = _rows(told, waits, matured, ())
    return rows[0] if rows else told((), None, None)


def _compared(before: ResponseRow, after: ResponseRow) -> ResponseCompared:
    names = [one.name for one in fields(ResponseCompared)]
    return ResponseCompared(**compared({name: (getattr(before, name), getattr(after, name)) for name in names}))


def _rows(told: Told, lately: Waiting, matured: Waiting, by: Sequence[str]) -> tuple[ResponseRow, ...]:
    new, old = ({row.name: row for row in waiting.by(*by)} for waiting in (lately, matured))
    names = sorted(new.keys() | old.keys(), key=lambda name: tuple((part is None, part or "") for part in name))
    return tuple(told(name, new.get(name), old.get(name)) for name in names)


def _row(name: Name, new: Response | None, old: Response | None) -> ResponseRow:
    return ResponseRow(
        name,
        leads=new.attempt.leads if new else 0,
        tried=new.attempt.over if new else 0,
        reached=new.conversation.over if new else 0,
        attempt_median=_minutes(new.attempt.median) if new else NO_LEADS,
        attempt_ninetieth=_minutes(new.attempt.ninetieth) if new else NO_LEADS,
        conversation_median=_minutes(new.conversation.median) if new else NO_LEADS,
        conversation_ninetieth=_minutes(new.conversation.ninetieth) if new else NO_LEADS,
        kept=new.kept if new else NO_LEADS,
        never_tried=old.never_tried if old else YOUNG,
        never_reached=old.never_reached if old else YOUNG,
    )


def _unrecorded(name: Name, new: Response | None, old: Response | None) -> ResponseRow:  # noqa: ARG001
    leads = new.attempt.leads if new else 0
    waits = (UNRECORDED, UNRECORDED, UNRECORDED, UNRECORDED)
    return ResponseRow(name, leads, 0, 0, *waits, kept=UNRECORDED, never_tried=UNRECORDED, never_reached=UNRECORDED)


def _unheard(name: Name, new: Response | None, old: Response | None) -> ResponseRow:
    row = _row(name, new, old)
    return replace(row, conversation_median=UNHEARD, conversation_ninetieth=UNHEARD, never_reached=UNHEARD)


def _minutes(seconds: Estimate) -> Estimate:
    value, low, high = (None if part is None else part / MINUTE for part in (seconds.value, seconds.low, seconds.high))
    return Estimate(value, low, high, seconds.n, seconds.reason)


def _hours(told: Told, lately: Waiting) -> tuple[HourOfWeek, ...]:
    rows = enumerate(lately.by_hour_of_week())
    shown = ((hour, told(row.name, row, None)) for hour, row in rows if row.attempt.leads)
    return tuple(HourOfWeek(hour, str(row.name[0]), row.leads, row.attempt_median, row.kept) for hour, row in shown)
