"""`Report`: the weekly page's numbers and sentences, as plain data that turns into JSON and back without loss.

It is made by `analytics.weekly.build_report`. Shares are from 0 to 1, differences of shares too (0.01 is one point);
times are aware, UTC; waits are minutes of working time; money is in the report's currency. A group's `name` has one
part for each column it is made by, None where its leads have none. What is not known is an `Estimate` without a value,
with the reason, and all of that once more in `Report.unknown`. `Report.definitions` says for each number which metric
of the contract it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from analytics.agents import Result
from analytics.conversion import Conversion
from analytics.drift import Value
from analytics.estimates import Estimate
from analytics.groups import Name
from analytics.ledger import Alarm, Bin, Entry
from analytics.mix import Part
from analytics.report_definitions import DEFINITIONS


@dataclass(frozen=True)
class Window:
    """Leads that arrived from `start` on and before `end`: how many, how many of them matured, and why this window."""

    start: datetime
    end: datetime
    leads: int
    matured: int
    why: str


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


class ReferenceKind(StrEnum):
    """Where the probabilities come from that divide mix from handling."""

    VERSION = "version"
    TRAINED = "trained"
    OUT_OF_FOLD = "out of fold"
    NONE = "none"


@dataclass(frozen=True)
class ReferenceUsed:
    """The reference model m(x), which has seen no outcome of the leads that it judges; `says` tells it in words.

    A registered `version`, one `trained` for this report on leads that arrived before both periods, or one made `out
    of fold`, by which each lead is judged by a model of other leads. `learned_from` counts the leads of one made for
    this report. `judged` leads of both periods have a probability by it. `grades` is the least probability of each
    grade. In the earlier period it `expected` so many wins and `won` came; `kept` is won for each expected.
    """

    kind: ReferenceKind
    version: str | None
    says: str
    learned_from: int
    judged: int
    grades: Mapping[str, float]
    expected: float | None
    won: int | None
    kept: Estimate


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

    `smallest` is the smallest change that could have been seen. `slope` is how much more often leads of the earlier
    period won for each unit of m: 1 for a reference that tells them apart as they are. `left_out` leads of the
    periods are too young or have no reference probability. `parts` are by source, by grade, and by both, the grade
    being the reference's.
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


@dataclass(frozen=True)
class ConversionBy:
    """Conversion by group: what matured of the later period, and what is expected of the young."""

    by: tuple[str, ...]
    rows: tuple[Conversion, ...]


@dataclass(frozen=True)
class ConversionSection:
    """Conversion of the later period beside what is expected of the young leads; `weeks` is by week of arrival.

    `tables` are by source, by source and campaign, and by grade; grades are those `grades_by` "score" stored on
    arrival or, where most leads have none, by the "reference". `model_error` is the share by which promises have
    missed beyond chance.
    """

    whole: Conversion
    tables: tuple[ConversionBy, ...]
    weeks: tuple[Conversion, ...]
    grades_by: str
    model_error: float | None


@dataclass(frozen=True)
class ResponseRow:
    """How soon one group's `leads` of the newest weeks were tried and reached, in minutes of working time.

    Half of the leads were tried within `attempt_median`, nine in ten within `attempt_ninetieth`; `kept` is the share
    of promises kept. `never_tried` and `never_reached` are shares of the later period's matured leads.
    """

    name: Name
    leads: int
    tried: int
    reached: int
    attempt_median: Estimate
    attempt_ninetieth: Estimate
    conversation_median: Estimate
    conversation_ninetieth: Estimate
    kept: Estimate
    never_tried: Estimate
    never_reached: Estimate


@dataclass(frozen=True)
class ResponseBy:
    """Response by group."""

    by: tuple[str, ...]
    rows: tuple[ResponseRow, ...]


@dataclass(frozen=True)
class HourOfWeek:
    """Leads that arrived in one hour of the week (0 is Monday 00:00, in the zone of the working hours)."""

    hour: int
    name: str
    leads: int
    attempt_median: Estimate
    kept: Estimate


@dataclass(frozen=True)
class SpeedBar:
    """Leads tried after more than `over` and at most `up_to` minutes of working time (None is no limit): share won."""

    over: float | None
    up_to: float | None
    raw: Estimate
    adjusted: Estimate


@dataclass(frozen=True)
class Speed:
    """Winning among leads tried within `limit` minutes of working time against leads tried later; observational.

    As `analytics.speed.SpeedEffect`, with its `verdict` ("unknown", "within noise", "may be a hidden reason",
    "speed") and its `words`. `allowing_hidden` is the adjusted effect with an interval that allows for a hidden
    reason. `score` is what leads were compared by: "score" stored on arrival, or "reference".
    """

    limit: float
    soon: Estimate
    later: Estimate
    raw: Estimate
    adjusted: Estimate
    allowing_hidden: Estimate
    wins_lost: Estimate
    bars: tuple[SpeedBar, ...]
    hidden_reason: float | None
    compared: int
    without_overlap: int
    without_score: int
    closed_before: int
    never_tried: int
    score: str
    verdict: str
    words: str


@dataclass(frozen=True)
class ResponseSection:
    """Speed of response; `promises` are minutes of working time to the first attempt, by grade.

    `tables` are by grade, by source and by agent. `hours` has the hours of the week in which leads arrived.
    """

    whole: ResponseRow
    tables: tuple[ResponseBy, ...]
    hours: tuple[HourOfWeek, ...]
    speed: Speed
    working_hours: str
    promises: Mapping[str, float]


@dataclass(frozen=True)
class CostRow:
    """What one group costs: spend, leads, wins of the matured days, expected wins of the younger ones.

    `per_win` is of the matured days, `per_expected_win` of the younger ones, `per_qualified` of both; `shrunk` is
    spend for each win, counted or expected, drawn toward the group's siblings. An estimate with `low` alone has no
    upper end: nothing came of the spend yet. `expected_wins` is None where no scores are stored.
    """

    name: Name
    spend: float
    leads: int
    matured_spend: float
    matured_leads: int
    wins: int
    young_spend: float
    young_leads: int
    expected_wins: float | None
    qualified: int
    per_win: Estimate
    per_expected_win: Estimate
    per_qualified: Estimate
    shrunk: Estimate


@dataclass(frozen=True)
class CostBy:
    """Cost by group."""

    by: tuple[str, ...]
    rows: tuple[CostRow, ...]


@dataclass(frozen=True)
class BudgetRow:
    """Wins, counted or expected, that `money` spent there brought on average; the chance that it brings most."""

    name: Name
    money: float
    wins: Estimate
    chance_best: float


@dataclass(frozen=True)
class CostSection:
    """Cost of a customer from the `first` to the `last` day with spend on record; None where there is none.

    `tables` are by source, and by source and campaign. `budget` ranks the campaigns for the next unit of budget, the
    best first; `budget_words` says what that suggests, and its doubt.
    """

    first: date | None
    last: date | None
    whole: CostRow | None
    tables: tuple[CostBy, ...]
    budget: tuple[BudgetRow, ...]
    budget_words: str
    note: str


@dataclass(frozen=True)
class AgentRow:
    """One agent: what was done with the `leads` of the newest weeks, and the `result` of the matured ones.

    `result` is of the leads of both periods, with funnel limits that hold for all agents of the page together.
    """

    name: str
    leads: int
    attempts: Estimate
    reach: Estimate
    talk_s: Estimate
    follow_up_kept: Estimate
    reasons_filled: Estimate
    result: Result


@dataclass(frozen=True)
class ConversationSection:
    """Quality of conversations: all agents together, each by name, and how much they vary beyond chance."""

    whole: AgentRow
    agents: tuple[AgentRow, ...]
    spread: float


@dataclass(frozen=True)
class LedgerBy:
    """Promised against delivered by group."""

    by: tuple[str, ...]
    rows: tuple[Entry, ...]


@dataclass(frozen=True)
class LedgerSection:
    """Promised against delivered for the later period's matured leads; `curve` is the calibration plot.

    `tables` are by source, grade, model version and agent. Left out are `unscored` leads without a promise in time
    and `not_worked` ones. `needed` is how many leads the alarm needs to notice promises that are a fifth too high.
    """

    whole: Entry
    tables: tuple[LedgerBy, ...]
    alarms: tuple[Alarm, ...]
    curve: tuple[Bin, ...]
    lift: Estimate
    unscored: int
    not_worked: int
    needed: int | None


@dataclass(frozen=True)
class DriftRow:
    """How one field of the arriving leads changed; those that touch the score most come first.

    `size` is a population stability index beyond chance, `noise` what chance alone reaches in one of twenty cases,
    `moved` the share of leads with another value than before; `weight` the field's part in the score where that is
    known. `most` is the value whose share changed most.
    """

    field: str
    kind: str
    size: float
    noise: float
    moved: float
    p_value: float
    changed: bool
    weight: float | None
    touches: float
    most: Value
    missing_before: Estimate
    missing_after: Estimate


@dataclass(frozen=True)
class DriftSection:
    """What changed among the arriving leads, the newest weeks against both periods, and whether to retrain.

    `before` and `after` are leads compared; `reason` says why nothing is known, where that is so.
    """

    before: int
    after: int
    fields: tuple[DriftRow, ...]
    retrain: bool
    reasons: tuple[str, ...]
    reason: str


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
class Report:
    """What changed, whose doing it was, and how that is known, `as_of` the start of a day.

    `discuss` has up to three points. `notes` say what was left out or assumed when the facts were read.
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
    ledger: LedgerSection
    drift: DriftSection
    discuss: tuple[Point, ...]
    unknown: tuple[Unknown, ...]
    notes: tuple[str, ...]
    definitions: Mapping[str, str] = field(default_factory=lambda: dict(DEFINITIONS))
