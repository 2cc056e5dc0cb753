"""The weekly report tells what was truly done to a simulated company, and says what it does not know."""

import dataclasses
import datetime as dt
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import to_json

from analytics.drift import Arriving
from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.fields import StoredLeads, frame_of, parse_stored, with_roles
from analytics.leads_as_of.groups import Period
from analytics.ledger import Alarm
from analytics.metrics import METRICS, contract_table
from analytics.periods import NEWEST, Ask, Periods, PeriodsRefused, choose_periods
from analytics.reference.choose import choose_reference
from analytics.reference.cross_fitted import BinnedLogistic, out_of_fold
from analytics.reference.predictions import ReferenceKind, choose_predicted, choose_training, predict_by_own_model
from analytics.report import Company, Report, build_report
from analytics.report.definitions import definitions
from analytics.report.points import points
from analytics.response.working_hours import WorkingHours
from features.schema import Field, LeadSchema
from features.values import Kind
from simulation.company import Simulation, simulate
from stats.estimates import Estimate

UNTIL = dt.date(2026, 10, 1)
AS_OF = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
CHANGE = UNTIL - dt.timedelta(days=180)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
AROUND_THE_CHANGE = Ask(CHANGE, CHANGE + 10 * WEEK - DAY, CHANGE - 10 * WEEK, CHANGE - DAY)
OFFICE = Company(WorkingHours.parse("Mon-Fri 09:00-18:00"), {"A": dt.timedelta(minutes=15)}, "EUR")
SCHEMA = LeadSchema(
    tuple(Field(name, Kind.NUMERIC) for name in ("employees", "pages_viewed", "minutes_on_site"))
    + tuple(Field(name, Kind.CATEGORY) for name in ("industry", "country"))
    + tuple(Field(name, Kind.FLAG) for name in ("requested_demo", "newsletter"))
    + (Field("first_visit_at", Kind.DATETIME),)
)


@cache
def company(scenario: str, leads: int = 15_000) -> Simulation:
    return simulate(leads, seed=11, scenario=scenario, until=UNTIL)


def facts_of(made: Simulation, scores: pd.DataFrame | None = None) -> LeadsAsOf:
    return read_leads_as_of(made.leads, made.contacts, made.outcomes, made.spend, scores, AS_OF, made.horizon_days)


def promised(made: Simulation) -> pd.DataFrame:
    """Scores as a perfect model would have stored them on arrival."""
    p = made.truth["probability"]
    grade = np.array(list("DCBA"))[np.searchsorted(np.quantile(p, [0.4, 0.7, 0.9]), p)]
    return pd.DataFrame(
        {
            "lead_id": made.leads["lead_id"],
            "scored_at": made.leads["created_at"],
            "probability": p,
            "grade": grade,
            "model_version": "1",
        }
    )


def stored(made: Simulation, rows: np.ndarray) -> StoredLeads:
    return StoredLeads(rows, made.leads.iloc[rows].astype(object).to_dict("records"))


def report_of(made: Simulation, ask: Ask = AROUND_THE_CHANGE, *, scored: bool = True) -> Report:
    facts = facts_of(made, promised(made) if scored else None)
    days = pd.to_datetime(made.leads["created_at"]).dt.date.value_counts().to_dict()
    periods = choose_periods(days, AS_OF, made.horizon_days, ask)
    rng = np.random.default_rng(3)
    choice = choose_reference([], periods.before, periods.after, made.horizon_days)
    both, earlier = (stored(made, rows(facts, periods, rng)) for rows in (choose_predicted, choose_training))
    judged = predict_by_own_model(facts, periods, choice, both, earlier, SCHEMA, rng)
    newest = stored(made, np.flatnonzero(periods.lately.holds(facts.leads)))
    (before, kinds), (after, _) = (frame_of(parse_stored(facts.leads, s, SCHEMA), SCHEMA) for s in (both, newest))
    return build_report(facts, periods, judged, Arriving(before, after, kinds), OFFICE)


@cache
def report_on(scenario: str) -> Report:
    """The report of a company of 15,000 leads, around the change that was made to it."""
    return report_of(company(scenario))


def is_clear(part: Estimate) -> bool:
    return not part.covers(0.0)


def test_worse_leads_are_told_as_the_leads_that_arrived() -> None:
    report = report_on("marketing-shift")

    assert report.change.mix.high < -0.02
    assert not is_clear(report.change.handling)
    assert report.answer.sentences[0].startswith("Conversion fell from ")
    assert "The leads that arrived moved it by −" in report.answer.sentences[1]
    assert report.discuss[0].metrics == ("mix",)
    assert "Social Ads" in report.discuss[0].says


def test_leads_that_wait_longer_are_told_as_handling() -> None:
    report = report_on("sales-slowdown")

    assert report.change.handling.high < -0.01
    assert abs(report.change.mix.value) < 0.01
    assert "handling" in report.answer.sentences[1]
    assert report.answer.meaning == "Handling: how leads were worked, plus any quality our fields don't capture."
    assert report.discuss[0].metrics[0] == "handling"


def test_what_was_done_stands_beside_what_was_done_before() -> None:
    slower, steady = (report_on(name) for name in ("sales-slowdown", "steady"))

    wait = slower.response.compared.attempt_median
    assert wait.after.value > 4 * wait.before.value
    assert wait.clear
    pairs = (*vars(steady.response.compared).values(), *vars(steady.conversations.compared).values())
    assert not any(pair.clear for pair in pairs)
    assert "the median time to first call went from" in slower.discuss[0].says
    assert "Whether that is why cannot be told from this" in slower.discuss[0].says


def test_what_a_customer_cost_stands_beside_what_one_cost_before() -> None:
    made, report = company("marketing-shift"), report_on("marketing-shift")

    spend, cost = made.spend.assign(date=pd.to_datetime(made.spend["date"], utc=True)), report.cost.compared.per_win
    lead = facts_of(made).leads
    for window, told in ((report.windows.before, cost.before), (report.windows.after, cost.after)):
        paid = spend[(spend["date"] >= window.start) & (spend["date"] < window.end)]
        here = lead[Period(window.start, window.end).holds(lead) & lead["won"].to_numpy()]
        brought = here["source"].isin(paid["source"].unique())  # a source without spend makes no other's win cheaper
        assert 0 < brought.sum() < len(here)
        assert told.value == pytest.approx(paid["amount"].sum() / brought.sum())
    assert cost.change.value == pytest.approx(cost.after.value - cost.before.value)


def test_campaigns_are_told_apart_within_their_source() -> None:
    parts = {parts.by: parts.rows for parts in report_on("marketing-shift").change.parts}

    of_source = {row.name[0]: row.mix.value for row in parts["source",]}
    of_campaigns = dict.fromkeys(of_source, 0.0)
    for row in parts["source", "campaign"]:
        of_campaigns[row.name[0]] += row.mix.value
    assert len(parts["source", "campaign"]) > len(of_source)
    assert of_campaigns == pytest.approx(of_source, abs=1e-9)


def test_contacts_that_do_not_say_whether_they_connected_leave_conversations_unknown() -> None:
    made = company("steady")
    report = report_of(dataclasses.replace(made, contacts=made.contacts.drop(columns="connected")))

    assert report.response.whole.attempt_median.known
    assert report.response.whole.never_reached.reason == "no contact says whether it connected"
    assert not report.conversations.whole.reach.known
    assert report.conversations.whole.attempts.known


def test_both_are_told_apart() -> None:
    change = report_on("both").change

    assert is_clear(change.mix)
    assert is_clear(change.handling)
    assert change.mix.value + change.handling.value == pytest.approx(change.total.value, abs=1e-9)
    assert change.before.value + change.total.value == pytest.approx(change.after.value, abs=1e-9)


def test_hidden_quality_is_worded_as_such() -> None:
    report = report_on("hidden-quality")

    assert is_clear(report.change.handling)
    assert "plus any quality our fields don't capture" in report.discuss[0].says


def test_where_speed_does_nothing_the_report_does_not_ask_for_it() -> None:
    report = report_on("speed-does-nothing")

    assert report.response.speed.raw.low > 0
    assert report.response.speed.verdict != "speed"
    assert report.response.speed.by_fields
    assert not any("speed_effect" in point.metrics for point in report.discuss)
    assert "observational" in report.response.speed.words


def test_a_model_made_for_the_report_learns_from_leads_before_both_periods() -> None:
    reference = report_on("both").reference

    assert reference.kind is ReferenceKind.TRAINED
    assert reference.learned_from > 5_000
    assert 0.8 < reference.kept.value < 1.25
    assert "learned from" in reference.says


def test_without_earlier_leads_the_reference_is_made_out_of_fold() -> None:
    start = UNTIL - dt.timedelta(days=540)
    report = report_of(company("steady"), Ask(start + 10 * WEEK, start + 20 * WEEK, start, start + 10 * WEEK - DAY))

    assert report.reference.kind is ReferenceKind.OUT_OF_FOLD
    assert report.change.slope.covers(1.0)


def test_too_few_leads_give_a_report_that_says_so() -> None:
    report = report_of(company("steady", 300), scored=False)

    assert report.reference.kind is ReferenceKind.NONE
    assert not report.change.mix.known
    assert report.answer.sentences[0].startswith("No clear change: conversion was ")
    assert "would have shown in four of five cases" in report.answer.sentences[0]
    assert "cannot be told: for a horizon of 90 days there is no stored model, and " in report.answer.sentences[1]
    assert "of them won, are too few to make a reference model of" in report.answer.sentences[1]
    why = {unknown.metric: unknown.why for unknown in report.unknown}
    assert {"mix", "handling", "expected_conversion", "expected_cac"} <= why.keys()
    assert all(why.values())


def test_a_perfect_score_keeps_its_word_and_raises_no_alarm() -> None:
    ledger = report_on("steady").ledger

    assert ledger.whole.ratio.covers(1.0)
    assert ledger.alarms == ()
    assert ledger.whole.n + ledger.unscored + ledger.not_worked == report_on("steady").windows.after.matured


def test_the_young_stand_beside_the_matured() -> None:
    report = report_on("steady")
    whole = report.conversion.whole

    assert whole.matured == report.windows.after.matured
    assert whole.young == report.windows.young.leads
    assert whole.rate.known
    assert whole.expected.known
    for table in report.conversion.tables:
        assert sum(row.matured for row in table.rows) == whole.matured, table.by
        assert sum(row.young for row in table.rows) == whole.young, table.by


def test_grades_come_from_the_reference_where_no_score_was_stored() -> None:
    report = report_of(company("steady"), scored=False)
    (grades,) = (table for table in report.conversion.tables if table.by == ("grade",))

    assert report.conversion.grades_by == "reference"
    assert [row.name[0] for row in grades.rows if row.matured] == ["A", "B", "C", "D"]
    assert report.response.speed.score == "reference"


def test_a_report_turns_into_json_and_back() -> None:
    report = report_on("both")

    again = TypeAdapter(Report).validate_json(to_json(report, inf_nan_mode="constants"))

    assert to_json(again) == to_json(report)
    assert again.windows == report.windows
    assert again.change == report.change


def test_every_estimate_of_the_report_is_a_metric_of_the_contract() -> None:
    estimates = {path for path in _paths(Report) if path not in NOT_IN_THE_CONTRACT}

    defined = definitions(Report)

    assert estimates <= defined.keys()
    assert set(defined.values()) <= METRICS.keys()
    assert all(_leaf(path) for path in defined)


NOT_IN_THE_CONTRACT = {
    "reference.kept",
    "change.slope",
    "drift.fields.missing_before",
    "drift.fields.missing_after",
}
"""How far the numbers can be trusted, and not numbers of their own."""


def _paths(kind: typing.Any, path: str = "") -> Iterator[str]:
    """Where an estimate stands."""
    for name, kinds in _fields(kind).items():
        here = f"{path}.{name}".lstrip(".")
        for inner in kinds:
            if inner is Estimate:
                yield here
            else:
                yield from _paths(inner, here)


def _fields(kind: typing.Any) -> dict[str, list[typing.Any]]:
    """The types in each field of a dataclass, or of one such as `RowsBy[Cost]`; none of anything else."""
    made_of = typing.get_origin(kind) or kind
    if not dataclasses.is_dataclass(made_of):
        return {}
    filled = dict(zip(getattr(made_of, "__parameters__", ()), typing.get_args(kind), strict=True))
    hints = typing.get_type_hints(made_of)
    return {name: [filled.get(inner, inner) for inner in _inner(hint)] for name, hint in hints.items()}


def _inner(hint: typing.Any) -> Iterator[typing.Any]:
    arguments = () if dataclasses.is_dataclass(typing.get_origin(hint)) else typing.get_args(hint)
    if not arguments:
        yield hint
    for argument in arguments:
        yield from _inner(argument)


def _leaf(path: str) -> bool:
    kinds = [Report]
    for name in path.split("."):
        kinds = [inner for kind in kinds for inner in _fields(kind).get(name, [])]
    return bool(kinds)


def test_the_contract_in_the_docs_is_up_to_date() -> None:
    written = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")

    assert written.endswith(contract_table()), "write it anew: analytics.metrics.contract_table()"


EVERY_DAY = {dt.date(2026, 1, 1) + dt.timedelta(days=day): 100 for day in range(273)}


def test_by_default_the_newest_four_matured_weeks_are_compared() -> None:
    periods = choose_periods(EVERY_DAY, AS_OF, 90, NEWEST)

    assert periods.after == Period(_at(2026, 6, 1), _at(2026, 6, 29))
    assert periods.before == Period(_at(2026, 5, 4), _at(2026, 6, 1))
    assert periods.lately == Period(_at(2026, 9, 3), AS_OF)


def test_few_leads_make_the_periods_longer() -> None:
    periods = choose_periods(dict.fromkeys(EVERY_DAY, 10), AS_OF, 90, NEWEST)

    assert periods.after == Period(_at(2026, 5, 4), _at(2026, 6, 29))


def test_a_short_history_is_halved() -> None:
    six_weeks = {day: 5 for day in EVERY_DAY if day < dt.date(2026, 2, 9)}

    periods = choose_periods(six_weeks, _at(2026, 5, 10), 90, NEWEST)

    assert periods.after == Period(_at(2026, 1, 19), _at(2026, 2, 9))


def test_old_leads_alone_are_compared_by_their_own_end() -> None:
    periods = choose_periods(EVERY_DAY, _at(2030, 1, 1), 90, NEWEST)

    assert periods.after.end == _at(2026, 10, 5)
    assert periods.lately.end == _at(2026, 10, 1)


def test_the_earlier_period_is_as_long_as_the_later_one() -> None:
    periods = choose_periods(EVERY_DAY, AS_OF, 90, Ask(dt.date(2026, 4, 1), dt.date(2026, 4, 10)))

    assert periods.after == Period(_at(2026, 4, 1), _at(2026, 4, 11))
    assert periods.before == Period(_at(2026, 3, 22), _at(2026, 4, 1))


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (Ask(dt.date(2026, 4, 2), dt.date(2026, 4, 1)), "the later period ends before it begins"),
        (Ask(dt.date(2027, 4, 2), dt.date(2027, 4, 9)), "has not begun"),
        (Ask(dt.date(2026, 4, 2), dt.date(2026, 4, 9), dt.date(2026, 4, 9)), "overlap"),
        (Ask(last=dt.date.max), "between 1970-01-01 and 2199-12-31"),
        (Ask(dt.date.min), "between 1970-01-01 and 2199-12-31"),
    ],
)
def test_periods_that_cannot_be_compared_are_refused(ask: Ask, why: str) -> None:
    with pytest.raises(PeriodsRefused, match=why):
        choose_periods(EVERY_DAY, AS_OF, 90, ask)


@given(
    days=st.dictionaries(st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31)), st.integers(1, 500), max_size=60),
    horizon_days=st.integers(1, 400),
)
def test_whatever_arrived_two_periods_of_equal_length_are_found(days: dict[dt.date, int], horizon_days: int) -> None:
    periods = choose_periods({day: n for day, n in days.items() if day < UNTIL}, AS_OF, horizon_days, NEWEST)

    assert periods.before.end == periods.after.start
    assert periods.before.end - periods.before.start == periods.after.end - periods.after.start
    assert periods.after.end <= AS_OF - horizon_days * DAY + DAY


SOME_DAY = st.integers(0, 200).map(lambda days: f"2026-0{1 + days // 40}-{1 + days % 28:02}T{days % 24:02}:15:00Z")
NAME = st.sampled_from([None, "ads", "fair"])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_however_little_is_known_there_is_a_report(data: st.DataObject) -> None:
    ids = [f"L-{row}" for row in range(data.draw(st.integers(0, 25)))]
    one = st.sampled_from(ids) if ids else st.just("L-x")

    def rows(least: int, most: int, **columns: st.SearchStrategy) -> pd.DataFrame:
        drawn = data.draw(st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=most))
        return pd.DataFrame(drawn, columns=[*columns])

    leads = rows(len(ids), len(ids), created_at=SOME_DAY, source=NAME, campaign=NAME).assign(lead_id=ids)
    states = st.sampled_from(["won", "lost"])
    outcomes = rows(0, 25, lead_id=one, at=st.none() | SOME_DAY, status=states).drop_duplicates("lead_id")
    share = st.sampled_from([0.0, 0.1, 0.5, 1.0])
    scores = rows(0, 25, lead_id=one, scored_at=SOME_DAY, probability=share, grade=st.sampled_from("ABCD"))
    who = st.sampled_from([None, "Ann", "Ben"])
    contacts = rows(0, 30, lead_id=one, started_at=SOME_DAY, agent=who, connected=st.booleans(), again_at=SOME_DAY)
    spend = rows(0, 9, date=SOME_DAY, source=st.sampled_from(["ads", "fair"]), amount=st.sampled_from([0.0, 9.5]))
    facts = read_leads_as_of(leads, contacts if data.draw(st.booleans()) else None, outcomes, spend, scores, AS_OF, 30)
    days = pd.to_datetime(leads["created_at"]).dt.date.value_counts().to_dict() if ids else {}
    periods = choose_periods(days, AS_OF, 30, NEWEST)
    rng = np.random.default_rng(1)
    choice = choose_reference([], periods.before, periods.after, 30)
    kinds = [[{"pages_viewed": row} for row in found] for found in (choose_predicted(facts, periods, rng), range(0))]
    both, earlier = StoredLeads(choose_predicted(facts, periods, rng), kinds[0]), StoredLeads(np.arange(0), kinds[1])
    judged = predict_by_own_model(facts, periods, choice, both, earlier, SCHEMA, rng)
    if data.draw(st.booleans()):
        judged = dataclasses.replace(judged, probability=np.full(len(facts), 0.25), grades={"A": 0.2, "D": 0.0})
    frame, columns = frame_of(parse_stored(facts.leads, both, SCHEMA), SCHEMA)

    report = build_report(facts, periods, judged, Arriving(frame, frame, columns), OFFICE)

    assert TypeAdapter(Report).validate_json(to_json(report, inf_nan_mode="constants")) is not None
    assert b"NaN" not in to_json(report, inf_nan_mode="constants")
    assert b"Infinity" not in to_json(report, inf_nan_mode="constants")


def _at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, tzinfo=dt.UTC)


def _leads(n: int) -> pd.DataFrame:
    arrived_at = np.full(n, np.datetime64("2026-01-05T10:00:00", "us"))
    empty = pd.Categorical.from_codes(np.full(n, -1), categories=pd.Index([], dtype="str"))
    source = pd.Categorical.from_codes(np.arange(n) % 2, categories=pd.Index(["ads", "fair"], dtype="str"))
    ids = [f"L-{row}" for row in range(n)]
    return pd.DataFrame({"lead_id": ids, "arrived_at": arrived_at, "source": source, "campaign": empty})


def test_a_value_of_another_kind_counts_as_missing() -> None:
    sent = StoredLeads(np.array([0, 1, 2]), [{"employees": "41"}, {"employees": "many"}, {}])

    table = parse_stored(_leads(3), sent, SCHEMA)

    assert [table.fields["employees"][row] for row in range(3)] == [41.0, None, None]


def test_the_reference_cannot_read_the_calendar() -> None:
    schema = with_roles(LeadSchema((*SCHEMA.fields, Field("created", Kind.DATETIME)), created_at="created"))

    assert {field.kind for field in schema.fields} == {Kind.NUMERIC, Kind.CATEGORY, Kind.FLAG}
    assert schema.created_at is None
    assert [field.name for field in schema.fields][-2:] == ["source", "campaign"]


def test_the_stand_in_learns_what_the_fields_say() -> None:
    rng = np.random.default_rng(5)
    n = 6_000
    pages = rng.integers(0, 10, n)
    chance = 1 / (1 + np.exp(3.0 - 0.3 * pages - 0.8 * (np.arange(n) % 2)))
    won = rng.random(n) < chance
    schema = with_roles(SCHEMA)
    table = parse_stored(_leads(n), StoredLeads(np.arange(n), [{"pages_viewed": int(p)} for p in pages]), schema)

    m = BinnedLogistic.fit(table, won, schema).probability(table)

    assert m.mean() == pytest.approx(won.mean(), abs=0.002)
    assert np.corrcoef(m, chance)[0, 1] > 0.97


def test_out_of_fold_no_lead_is_judged_by_its_own_outcome() -> None:
    rng = np.random.default_rng(6)
    n = 2_000
    won = rng.random(n) < 0.2
    sent = [{"industry": f"{value}"} for value in rng.integers(0, 60, n)]
    schema = with_roles(SCHEMA)
    table = parse_stored(_leads(n), StoredLeads(np.arange(n), sent), schema)

    m = out_of_fold(table, won, np.ones(n, dtype=bool), schema, rng)

    assert abs(np.corrcoef(m, won)[0, 1]) < 0.07
    assert np.corrcoef(BinnedLogistic.fit(table, won, schema).probability(table), won)[0, 1] > 0.1


def test_periods_of_both_span_from_first_to_last_day() -> None:
    early, late = Period(_at(2026, 1, 1), _at(2026, 2, 1)), Period(_at(2026, 3, 1), _at(2026, 4, 1))

    assert Periods(late, early, late, "", "", "").both == Period(_at(2026, 1, 1), _at(2026, 4, 1))


def test_an_alarm_is_a_point_only_beyond_what_the_headline_left_of_the_pages_level() -> None:
    report = report_on("steady")
    entry = dataclasses.replace(report.ledger.whole, surprise=0.02)
    steady = dataclasses.replace(report.change, p_value=0.5)

    def is_told(surprise: float, p_value: float) -> bool:
        alarm = Alarm((), dataclasses.replace(entry, surprise=surprise))
        ledger = dataclasses.replace(report.ledger, alarms=(alarm,))
        made = dataclasses.replace(
            report, ledger=ledger, change=dataclasses.replace(steady, p_value=p_value), cost=report.cost
        )
        return any(point.section == "ledger" for point in points(made))

    assert not is_told(0.02, 0.5)
    assert is_told(0.004, 0.5)
    assert is_told(0.02, 0.001)
