"""A report made by hand: every part filled, some numbers unknown, names that try to break a page."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from analytics.agents import UNJUDGED, Agent, Result
from analytics.conversion import Conversion
from analytics.cost.budget import Candidate
from analytics.cost.costs import Cost
from analytics.drift import Drift, FieldDrift, Value
from analytics.leads_as_of.groups import Name, RowsBy
from analytics.ledger import Alarm, Bin, Entry, Ledger
from analytics.mix.parts import Part
from analytics.reference.predictions import ReferenceKind
from analytics.reference.usage import ReferenceUsed
from analytics.report.compared import ConversationsCompared, CostCompared, ResponseCompared, compared
from analytics.report.conversations import ConversationSection
from analytics.report.conversion import ConversionSection
from analytics.report.cost import CostSection
from analytics.report.report import Answer, CellSplit, ChangeSection, Point, Report, Unknown, Window, Windows
from analytics.report.response import HourOfWeek, ResponseRow, ResponseSection
from analytics.report.speed import Speed, SpeedBar
from analytics.report.trend import Trend, TrendPoint
from stats.estimates import Estimate

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>&"\''
SOURCES = ("ads", "partner", "search", "social", None)
AGENTS = ("Anna", "Ben", "Chris", "Dora", "Emil", "Fay", "Gus", HOSTILE)
NO_CALLS = Estimate.unknown("no follow-up was due")


def known(value: float, reach: float, n: int = 1_000) -> Estimate:
    return Estimate(value, value - reach, value + reach, n)


def window(days_ago: int, length: int, leads: int, matured: int) -> Window:
    start = AS_OF - timedelta(days=days_ago)
    return Window(start, start + timedelta(days=length), leads, matured, "the newest weeks all of whose leads matured")


def conversion(name: Name, rate: float, leads: int, young: int = 0) -> Conversion:
    matured = leads - young
    won = round(rate * matured)
    share = known(rate, 0.02, matured) if matured else Estimate.unknown("no lead is older than the horizon")
    expected = known(rate, 0.015, young) if young else Estimate.unknown("no scored leads under 90 days old")
    return Conversion(name, leads, matured, won, share, share, known(0.04, 0.01, matured), young, 0, expected, 0)


def response(name: Name, minutes: float) -> ResponseRow:
    wait = Estimate(minutes, 0.9 * minutes, 1.1 * minutes, 700)
    long = Estimate(None, 20 * minutes, None, 700, "fewer than 90 in 100 leads got that far")
    share = known(0.81, 0.03, 700)
    return ResponseRow(name, 700, 660, 420, wait, long, wait, long, share, known(0.04, 0.01), known(0.3, 0.04))


def cost(name: Name, spend: float, wins: int) -> Cost:
    nothing = Estimate(None, spend / 4, None, 0, "no win yet from this spend")
    each = Estimate(spend / wins, 0.8 * spend / wins, 1.3 * spend / wins, wins) if wins else nothing
    half = spend / 2
    return Cost(name, spend, 900, half, 450, wins, half, 450, 1.2 * wins, 300, each, each, each, each)


def agent(name: str, expected: float, wins: int, outside: str | None = None) -> Agent:
    ratio = known(wins / expected, 0.2, 400)
    result = Result(400, wins, expected, expected, expected - 15, expected + 15, outside, outside is not None, ratio)
    return Agent(name, 90, known(2.4, 0.2), known(0.61, 0.05), known(372, 40), NO_CALLS, known(0.9, 0.05), result)


def entry(name: Name, promised: float, delivered: int) -> Entry:
    return Entry(name, 900, promised, delivered, known(delivered / promised, 0.12), 0.2)


def by_source() -> tuple[Part, ...]:
    moves = ((-0.012, -0.001), (0.001, 0.002), (-0.003, -0.004), (-0.002, 0.0), (-0.001, -0.001))
    return tuple(
        Part((source,), known(0.11, 0.01), known(0.09, 0.01), known(mix, 0.004), known(handling, 0.005))
        for source, (mix, handling) in zip(SOURCES, moves, strict=True)
    )


def made_report() -> Report:
    """Conversion fell from 11.2 % to 9.1 %, mostly with the leads that arrived."""
    total, mix, handling = known(-0.021, 0.008), known(-0.017, 0.006), known(-0.004, 0.007)
    grades = tuple((grade,) for grade in "ABCD")
    sources = tuple((source,) for source in SOURCES)
    campaigns = tuple((source, name) for source in SOURCES[:3] for name in ("brand", HOSTILE))
    both = ("source", "campaign")
    return Report(
        as_of=AS_OF,
        horizon_days=90,
        currency="EUR",
        windows=Windows(
            before=window(172, 28, 5_012, 5_012),
            after=window(118, 28, 4_890, 4_890),
            both=window(172, 82, 14_730, 14_730),
            young=window(90, 90, 15_400, 0),
            lately=window(28, 28, 4_702, 0),
            since=window(172, 172, 30_130, 14_730),
        ),
        answer=Answer(
            (
                "Conversion fell from 11.2 % to 9.1 %.",
                "The leads that arrived moved it by −1.7 points (−2.3 to −1.1); handling by −0.4 points "
                "(−1.1 to +0.3), no clear change. A difference of 1.1 points or more by handling would have shown in "
                "four of five cases.",
            ),
            "Handling: how leads were worked, plus any quality our fields don't capture.",
            ("By the sources' shares alone, leads that arrived moved it by −0.9 points, by all fields −1.7.",),
        ),
        reference=ReferenceUsed(
            ReferenceKind.VERSION, "3", "Model 3 judges both periods.", 0, 9_902, {"A": 0.2}, 561.0, 561, known(1, 0.1)
        ),
        change=ChangeSection(
            before=known(0.112, 0.009, 5_012),
            mix=mix,
            handling=handling,
            after=known(0.091, 0.008, 4_890),
            total=total,
            smallest=Estimate(0.017, None, None, 9_902),
            slope=known(1.0, 0.1),
            left_out=0,
            parts=(RowsBy(("source",), by_source()),),
            cells=CellSplit(("source", "grade"), mix, handling),
            p_value=0.0001,
            smallest_mix=Estimate(0.0095, None, None, 9_902),
            smallest_handling=Estimate(0.011, None, None, 9_902),
            corrected=known(-0.002, 0.001),
            within=known(-0.008, 0.004),
        ),
        conversion=ConversionSection(
            whole=conversion((), 0.091, 4_890),
            tables=(
                RowsBy(("source",), tuple(conversion(name, 0.09, 900) for name in sources)),
                RowsBy(both, tuple(conversion(name, 0.09, 300) for name in campaigns)),
                RowsBy(("grade",), tuple(conversion(name, 0.09, 900) for name in grades)),
            ),
            weeks=tuple(
                conversion((f"{AS_OF.date() - timedelta(weeks=ago):%Y-%m-%d}",), 0.1, 1_200, 1_200 if ago < 13 else 0)
                for ago in range(24, 0, -1)
            ),
            grades_by="score",
            model_error=0.05,
        ),
        response=ResponseSection(
            whole=response((), 23.0),
            compared=ResponseCompared(
                **compared(
                    {
                        "attempt_median": (known(44.0, 5), known(352.0, 60)),
                        "attempt_ninetieth": (
                            known(310.0, 40),
                            Estimate(None, 460.0, None, 4_890, "fewer than 90 in 100 leads got that far"),
                        ),
                        "conversation_median": (known(130.0, 20), known(700.0, 90)),
                        "conversation_ninetieth": (
                            known(900.0, 90),
                            Estimate(None, 2_500.0, None, 4_890, "few reached"),
                        ),
                        "kept": (known(0.7, 0.02), known(0.31, 0.02)),
                        "never_tried": (known(0.06, 0.01), known(0.061, 0.01)),
                        "never_reached": (known(0.2, 0.01), known(0.21, 0.01)),
                    }
                )
            ),
            tables=(
                RowsBy(("grade",), tuple(response(name, 23.0) for name in grades)),
                RowsBy(("source",), tuple(response(name, 140.0) for name in sources)),
                RowsBy(("agent",), tuple(response((name,), 0.4) for name in AGENTS)),
            ),
            hours=(HourOfWeek(0, "Mon 00:00", 12, known(20, 3), known(0.8, 0.1)),),
            speed=Speed(
                limit=60.0,
                soon=known(0.14, 0.01),
                later=known(0.06, 0.01),
                raw=known(0.08, 0.01),
                adjusted=known(0.012, 0.015),
                allowing_hidden=known(0.012, 0.04),
                wins_lost=Estimate.unknown("the difference between leads called soon and later is no clear one"),
                bars=tuple(
                    SpeedBar(over, up_to, known(raw, 0.01), known(0.1, 0.015))
                    for over, up_to, raw in (
                        (None, 15.0, 0.16),
                        (15.0, 60.0, 0.12),
                        (60.0, 240.0, 0.09),
                        (240.0, 480.0, 0.08),
                        (480.0, 1_440.0, 0.06),
                        (1_440.0, None, 0.05),
                    )
                ),
                hidden_reason=None,
                compared=14_000,
                without_overlap=12,
                without_score=0,
                closed_before=20,
                never_tried=600,
                score="score",
                verdict="within noise",
                words="At the same score and fields, leads called within 1 working hour and later differ in conversion "
                "by +1.2 points (−0.3 to +2.7): no clear difference. As it looks, of 100 leads called within "
                "1 working hour, 14.0 won; of 100 called later, 6.0. This is observational: agents chose whom to call "
                "first, so this isn't proof.",
                by_fields=True,
            ),
            working_hours="Mon-Fri 09:00-18:00",
            promises={"A": 15.0, "B": 120.0},
        ),
        cost=CostSection(
            first=date(2026, 5, 14),
            last=date(2026, 11, 1),
            whole=cost((), 412_000.0, 803),
            compared=CostCompared(
                **compared(
                    {
                        "per_win": (known(480.0, 30), known(560.0, 35)),
                        "per_qualified": (known(96.0, 4), known(99.0, 4)),
                    }
                )
            ),
            tables=(
                RowsBy(("source",), tuple(cost(name, 80_000.0, 160) for name in sources)),
                RowsBy(both, tuple(cost(name, 9_000.0, place) for place, name in enumerate(campaigns))),
            ),
            budget=tuple(
                Candidate(name, 1_000.0, known(2.4 - 0.2 * place, 0.4), 0.4 / (1 + place))
                for place, name in enumerate(campaigns)
            ),
            budget_words="ads / brand brought 2.4 wins (between 2 and 2.8) for each 1,000 spent, but there is "
            "only a 40 in 100 chance that it is really the best of the 6; next is ads / brand.",
            note="",
        ),
        conversations=ConversationSection(
            whole=agent("", 812.0, 812),
            compared=ConversationsCompared(
                **compared(
                    {
                        "attempts": (known(2.1, 0.05), known(2.0, 0.05)),
                        "reach": (known(0.62, 0.01), known(0.55, 0.01)),
                        "talk_s": (known(240.0, 9), known(236.0, 9)),
                        "follow_up_kept": (known(0.8, 0.02), known(0.79, 0.02)),
                        "reasons_filled": (known(0.9, 0.02), known(0.91, 0.02)),
                    }
                )
            ),
            agents=(
                *(agent(name, 80.0 + 9 * place, 82 + 8 * place) for place, name in enumerate(AGENTS[:-2])),
                unjudged("Gus"),
                agent(HOSTILE, 120.0, 150, "more"),
            ),
            spread=0.04,
            differ=Estimate(0.04, 0.01, 0.09, 5),
        ),
        ledger=Ledger(
            whole=entry((), 461.4, 445),
            tables=(
                RowsBy(("source",), tuple(entry(name, 92.3, 88) for name in sources)),
                RowsBy(("model_version",), (entry(("3",), 461.4, 445),)),
            ),
            alarms=(Alarm(("source",), entry(("ads",), 140.0, 98)),),
            curve=tuple(
                Bin(p, known(p + 0.003, 0.01), p - 0.015, p + 0.015) for p in (0.02, 0.05, 0.09, 0.14, 0.22, 0.31)
            ),
            lift=known(3.4, 0.3),
            unscored=12,
            not_worked=204,
            needed=2_100,
        ),
        drift=Drift(
            before=14_730,
            after=4_702,
            fields=(
                drifted("industry", 0.21, HOSTILE, changed=True),
                *(drifted(f"field {number}", 0.01, None, changed=False) for number in range(5)),
            ),
            retrain=True,
            reasons=("Changed clearly: industry.", "The largest change is 0.21."),
            reason="",
        ),
        discuss=(
            Point("Leads from ads lowered conversion by 1.2 points: what changed there?", ("mix", "spend"), "change"),
            Point("Leads from ads brought 98 wins of 140 predicted.", ("delivered_for_promised",), "ledger"),
        ),
        unknown=(Unknown("follow_up_kept", "no follow-up was due"),),
        notes=("12 contacts were of leads that are not in the table.",),
        trend=Trend("month", tuple(trend_point(number) for number in range(12))),
    )


def trend_point(number: int) -> TrendPoint:
    start = date(2025 + (7 + number) // 12, 1 + (7 + number) % 12, 1)
    quality, handling = 0.1 + 0.002 * number, 0.004 - 0.001 * number
    return TrendPoint(start, 1_200, known(quality + handling, 0.02), known(quality, 0.006), known(handling, 0.017))


def unjudged(name: str) -> Agent:
    row = agent(name, 3.0, 2)
    unknown = Estimate.unknown(UNJUDGED, 12)
    return replace(row, result=replace(row.result, low=None, high=None, outside=None, against_expected=unknown))


def drifted(name: str, size: float, most: str | None, *, changed: bool) -> FieldDrift:
    share = known(0.02, 0.01)
    return FieldDrift(
        name, "category", size, 0.02, 0.1, 0.01, changed, 0.3, 0.3 * size, Value(most, 0.1, 0.2), share, share
    )


_OF_CHANGE = (
    "before",
    "mix",
    "handling",
    "after",
    "total",
    "smallest",
    "smallest_mix",
    "smallest_handling",
    "slope",
    "corrected",
    "within",
)


def young_report() -> Report:
    """A company that has just begun: nothing matured, no spend, no agents."""
    nothing = Estimate.unknown("no lead is older than the horizon")
    no_cost = CostCompared(**compared(dict.fromkeys(("per_win", "per_qualified"), (nothing, nothing))))
    full = made_report()
    change = replace(
        full.change,
        **dict.fromkeys(_OF_CHANGE, nothing),
        parts=(),
    )
    return replace(
        full,
        answer=Answer(("The change of conversion is not known: no lead is older than the horizon.",), "", ()),
        change=change,
        conversion=replace(full.conversion, whole=conversion((), 0.09, 300, 300), tables=(), weeks=()),
        response=replace(full.response, tables=(), hours=(), speed=replace(full.response.speed, bars=())),
        cost=CostSection(None, None, None, no_cost, (), (), "", "no spend is recorded in this period"),
        conversations=replace(full.conversations, agents=()),
        ledger=replace(full.ledger, tables=(), alarms=(), curve=(), whole=replace(full.ledger.whole, ratio=nothing)),
        drift=Drift(0, 0, (), retrain=False, reasons=(), reason="no model"),
        discuss=(),
        trend=Trend("week", (), "it takes 6 whole weeks of matured leads"),
    )
