"""`Report`: the weekly page's numbers and sentences, as plain data that turns into JSON and back without loss.

It is made by `analytics.report.build_report`. Shares are from 0 to 1, differences of shares too (0.01 is one point);
times are aware, UTC; waits are minutes of working time; money is in the report's currency. A group's `name` has one
part for each column it is made by, None where its leads have none. What is not known is an `Estimate` without a value,
with the reason, and all of that once more in `Report.unknown`. `Report.definitions` says for each number which metric
of the contract it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from analytics.drift import Drift
from analytics.ledger import Ledger
from analytics.mix.change import Change
from analytics.reference.usage import ReferenceUsed
from analytics.report.conversations import ConversationSection
from analytics.report.conversion import ConversionSection
from analytics.report.cost import CostSection
from analytics.report.definitions import definitions
from analytics.report.response import ResponseSection
from analytics.report.sent import SentToPlatform
from analytics.report.trend import NO_TREND, Trend
from language.dates import write_date
from language.text import gettext as _
from stats.estimates import Estimate


@dataclass(frozen=True)
class Window:
    """Leads that arrived from `start` on and before `end`: how many, how many of them matured, and why this window."""

    start: datetime
    end: datetime
    leads: int
    matured: int
    why: str


def days(window: Window) -> str:
    """1 to 28 Jul 2026, the last day included."""
    first, last = window.start.astimezone(UTC), (window.end - timedelta(microseconds=1)).astimezone(UTC)
    if first.date() == last.date():
        return day(first)
    same_year = "d" if first.month == last.month else "d MMM"
    begins = write_date(first, "d MMM yyyy" if first.year != last.year else same_year)
    return _("%(first)s to %(last)s", first=begins, last=day(last))


def day(at: date) -> str:
    """28 Jul 2026."""
    return write_date(at, "d MMM yyyy")


@dataclass(frozen=True)
class Windows:
    """Which leads which number is taken over.

    - `before`, `after`: the two periods of the comparison; `after` also of conversion and of the ledger.
    - `both`: from the start of `before` to the end of `after`, for speed's effect and agents' wins.
    - `young`: all leads younger than the horizon, for what is expected.
    - `lately`: the newest weeks, for waits, agents' work, and drift (against `both`).
    - `since`: from the start of `before` until now, for cost and conversion by week.
    """

    before: Window
    after: Window
    both: Window
    young: Window
    lately: Window
    since: Window


@dataclass(frozen=True)
class Answer:
    """What the page says first.

    `sentences`: what changed, and whose part that is; only the first where that is not known. `meaning` says what
    handling means (empty where nothing is known of it). `cautions` are for the small print.
    """

    sentences: tuple[str, ...]
    meaning: str
    cautions: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """Something to discuss in the meeting: a sentence with its numbers, and the metrics it is about.

    `section` is the part of the report that shows it: change, conversion, response, cost, conversations, ledger or
    drift.
    """

    says: str
    metrics: tuple[str, ...]
    section: str


@dataclass(frozen=True)
class Unknown:
    """A headline number that is not known, and why."""

    metric: str
    why: str


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


@dataclass(frozen=True)
class Report:
    """What changed, whose doing it was, and how that is known, `as_of` the start of a day.

    `discuss` has up to three points. `notes` say what was left out or assumed when the facts were read.
    `sent` is what ad platforms were told since the start of the window `since`; `trend` reaches back a year.
    `definitions` gives for each number, by its path without positions ("change.mix", "cost.tables.rows.per_win"),
    the key of its metric in the contract.
    """

    as_of: datetime
    horizon_days: int
    currency: str
    windows: Windows
    answer: Answer
    reference: ReferenceUsed
    change: ChangeSection
    conversion: ConversionSection
    response: ResponseSection
    cost: CostSection
    conversations: ConversationSection
    ledger: Ledger
    drift: Drift
    discuss: tuple[Point, ...]
    unknown: tuple[Unknown, ...]
    notes: tuple[str, ...]
    sent: tuple[SentToPlatform, ...] = ()
    trend: Trend = NO_TREND
    definitions: Mapping[str, str] = field(default_factory=lambda: definitions(Report))
