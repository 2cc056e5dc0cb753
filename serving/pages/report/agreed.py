"""What was agreed, for the report's top: last week's with what came of it, and beneath its point what is new."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from analytics.report.report import day
from features.tables.formula_guard import guarded
from language.text import gettext as _
from language.text import mark
from serving.pages.report.said import said
from serving.store import Connection, agreements
from serving.store.agreements import Agreement

WEEK = timedelta(days=7)
STATES = {None: mark("open"), True: mark("done"), False: mark("not done")}
HEAD = (mark("Agreed"), mark("By"), mark("Point"), mark("Note"), mark("Owner"), mark("State"), mark("Settled"))


@dataclass(frozen=True, slots=True)
class AgreedItem:
    """One agreement in words; `about` is the report's point in its own words, which `says` has in the reader's.

    Both are empty where it is about none.
    """

    agreement_id: str
    note: str
    owner: str
    about: str
    when: str
    state: str
    is_open: bool
    says: str = ""


@dataclass(frozen=True, slots=True)
class AgreedView:
    """What was agreed in `earlier` weeks and in this one; `back` is the page's own address, None for a file."""

    earlier: tuple[AgreedItem, ...]
    this_week: tuple[AgreedItem, ...]
    back: str | None

    def on(self, about: str) -> tuple[AgreedItem, ...]:
        """What was agreed this week on one of the report's points."""
        return tuple(item for item in self.this_week if item.about == about)

    def beside(self, points: Iterable[str]) -> tuple[AgreedItem, ...]:
        """What was agreed this week on none of these points."""
        told = set(points)
        return tuple(item for item in self.this_week if item.about not in told)


def read_agreed(connection: Connection, zone: tzinfo, now: datetime, back: str | None) -> AgreedView:
    """What is open, and what was agreed or settled lately; weeks begin on Monday, by the clocks of `zone`."""
    monday = _monday(now, zone)
    found = agreements.find_current(connection, monday - WEEK, monday)
    earlier = tuple(_item(one, zone) for one in found if one.agreed_at < monday)
    this_week = tuple(_item(one, zone) for one in found if one.agreed_at >= monday)
    return AgreedView(earlier, this_week, back)


def write_csv(found: Sequence[Agreement]) -> str:
    """All of it as a table, which no spreadsheet runs, with a byte order mark so that it is read as UTF-8."""
    file = io.StringIO("\ufeff")
    file.seek(0, io.SEEK_END)
    writer = csv.writer(file)
    writer.writerow(map(_, HEAD))
    for one in found:
        settled = f"{one.settled_at:%Y-%m-%d}" if one.settled_at else ""
        row = (
            f"{one.agreed_at:%Y-%m-%d}",
            one.agreed_by,
            said(one.about),
            one.note,
            one.owner,
            _(STATES[one.is_done]),
            settled,
        )
        writer.writerow(map(guarded, row))
    return file.getvalue()


def _monday(now: datetime, zone: tzinfo) -> datetime:
    here = now.astimezone(zone)
    return (here - timedelta(days=here.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def _item(one: Agreement, zone: tzinfo) -> AgreedItem:
    when = day(one.agreed_at.astimezone(zone))
    return AgreedItem(
        one.agreement_id,
        one.note,
        one.owner,
        one.about,
        when,
        _(STATES[one.is_done]),
        one.is_done is None,
        said(one.about),
    )
