"""Populations of leads whose chances are known, of two companies by unlike laws, from which periods are drawn by lot.

The chance of a lead to be won is known twice: worked as leads were before the change (`usual`), neglect included, and
as it truly was (`chance`). Over the population of either period the truth is then plain arithmetic: mix is the change
of the mean of `usual`, handling the rest of the change of the mean of `chance`. Quality that no field shows is in
handling, as the fields cannot tell it. Outcomes are drawn anew each time, leads with replacement.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.fields import StoredLeads, parse_stored, with_roles
from analytics.leads_as_of.groups import Period
from analytics.mix.change import Change, compare
from analytics.periods import Periods
from analytics.reference.choose import Reference
from analytics.reference.predictions import ParsedLeads, ReferencePredictions, predict_tables
from features.lead_table import LeadTable
from features.schema import Field, LeadSchema
from features.values import Kind
from simulation.arrivals import Period as History
from simulation.frames import leads_table
from simulation.handling import _ignored_share
from simulation.history import live_through
from simulation.quality import quality_of
from simulation.scenarios import SCENARIOS, Scenario
from tests import second_company
from tests.analytics.tables import known, matured
from tests.second_company.laws import worked_share
from tests.second_company.truth import Split

SCENARIO_NAMES = ("nothing", "mix", "handling", "opposite", "hidden quality")
LEARNED, BEFORE, AFTER = -1, 0, 1
LEARNED_DAYS, PERIOD_DAYS = 182, 56
CHANGE = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PERIODS = Periods(
    Period(CHANGE - PERIOD_DAYS * DAY, CHANGE),
    Period(CHANGE, CHANGE + PERIOD_DAYS * DAY),
    Period(CHANGE, CHANGE + PERIOD_DAYS * DAY),
    "",
    "",
    "",
)
ARRIVED = np.array(["2025-10-01", "2026-02-01", "2026-03-10"], dtype="datetime64[us]")
"""A day before both periods, and one in either."""

BETTER = {"Reference": 1.8, "Partner": 1.5, "Social Ads": 0.6, "Cold List": 0.5}
FIRST: Mapping[str, Scenario] = {
    "nothing": SCENARIOS["steady"],
    "mix": SCENARIOS["marketing-shift"],
    "handling": SCENARIOS["sales-slowdown"],
    "opposite": Scenario("opposite", "Better leads arrive, and wait longer.", volume=BETTER, slowdown=8.0),
    "hidden quality": SCENARIOS["hidden-quality"],
}
FIRST_SCHEMA = LeadSchema(  # without fields of which nearly each lead has a value of its own: they are slow to draw
    (
        Field("employees", Kind.NUMERIC),
        Field("pages_viewed", Kind.NUMERIC),
        Field("minutes_on_site", Kind.NUMERIC),
        Field("days_since_webinar", Kind.NUMERIC, missing=("999",)),
        Field("industry", Kind.CATEGORY),
        Field("country", Kind.CATEGORY),
        Field("requested_demo", Kind.FLAG),
        Field("newsletter", Kind.FLAG),
    )
)
SECOND_SCHEMA = LeadSchema(tuple(Field(name, Kind(kind)) for name, kind in second_company.TABLE_FIELDS.items()))


@dataclass(frozen=True)
class Drawn:
    """Two periods as a report would see them: the facts, the reference's word on them, and the change."""

    facts: LeadsAsOf
    judged: ReferencePredictions
    change: Change


@dataclass(frozen=True)
class Population:
    """Leads (n,) of three times: before both periods, the earlier period, the later one.

    Where nothing changed, both periods are drawn from the earlier one's leads, so that the truth is 0 exactly.
    """

    leads: LeadTable
    schema: LeadSchema
    source: pd.Categorical
    time: np.ndarray
    usual: np.ndarray
    chance: np.ndarray
    is_unchanged: bool = False

    def at(self, time: int) -> np.ndarray:
        """Positions of the leads of a time."""
        return np.flatnonzero(self.time == (min(time, BEFORE) if self.is_unchanged else time))

    @property
    def truth(self) -> Split:
        before, after = self.at(BEFORE), self.at(AFTER)
        total = float(self.chance[after].mean() - self.chance[before].mean())
        mix = float(self.usual[after].mean() - self.usual[before].mean())
        return Split(total, mix, total - mix)

    def draw(self, rng: np.random.Generator, n: int, learned: int, by: tuple[tuple[str, ...], ...] = ()) -> Drawn:
        """`n` leads of each period, judged by a model made of `learned` still earlier ones, or out of fold."""
        facts, leads = self.leads_of(rng, n, learned)
        first, rest = np.arange(learned), np.arange(learned, len(facts))
        choice = Reference(None, PERIODS.before.start, "")
        judge, earlier = (ParsedLeads(rows, leads.take(rows)) for rows in (rest, first))
        judged = predict_tables(facts, PERIODS, choice, judge, earlier, self.schema, rng)
        return self.judged(facts, judged, by)

    def leads_of(self, rng: np.random.Generator, n: int, learned: int) -> tuple[LeadsAsOf, LeadTable]:
        """Facts of leads drawn by lot, the still earlier ones first, and their fields."""
        sizes = {LEARNED: learned, BEFORE: n, AFTER: n}
        rows = [rng.choice(self.at(time), size) for time, size in sizes.items()]
        return self.facts_of(np.concatenate(rows), np.repeat([*sizes], [*sizes.values()]), rng)

    def facts_of(self, rows: np.ndarray, time: np.ndarray, rng: np.random.Generator) -> tuple[LeadsAsOf, LeadTable]:
        """Facts of the leads at these rows, as if of these times, their outcomes drawn anew."""
        won = rng.random(len(rows)) < self.chance[rows]
        leads = matured(len(rows), arrived_at=ARRIVED[time + 1], source=self.source[rows], won=won)
        return known(leads), self.leads.take(rows)

    def judged(self, facts: LeadsAsOf, judged: ReferencePredictions, by: tuple[tuple[str, ...], ...] = ()) -> Drawn:
        """The change as the report finds it."""
        facts = facts.with_reference(judged.probability)
        return Drawn(facts, judged, compare(facts, PERIODS.before, PERIODS.after, by, fields=judged.fields))


def first_company(scenario: str, leads: int, seed: int = 1) -> Population:
    """Of `simulation/`; the share that nobody works depends on what the fields show."""
    chosen, change = FIRST[scenario], CHANGE.date()
    ends = (change - dt.timedelta(days=LEARNED_DAYS + PERIOD_DAYS), change + dt.timedelta(days=PERIOD_DAYS))
    period = History(ends[0], change, ends[1])
    history = live_through(seed, chosen, period, leads, 90)
    arrivals = history.facts.arrivals
    worked = 1 - _ignored_share(arrivals.source, quality_of(history.facts).heat, chosen)
    table = leads_table(np.random.default_rng(seed), history, period)
    day = (arrivals.at - period.first_second) // 86_400
    usual, chance = history.truth.probability * worked, history.truth.probability_handled
    return _population(table, FIRST_SCHEMA, day, usual, chance, scenario == "nothing")


def company_of_other_laws(scenario: str, leads: int, seed: int = 1) -> Population:
    """Of `tests/second_company`."""
    company = second_company.COMPANIES[scenario]
    tables = second_company.make_tables(company, leads, seed)
    drawn = tables.drawn.leads
    worked = worked_share(company, drawn.origin)
    usual, chance = (
        of(company, drawn) * worked for of in (second_company.arrival_chance, second_company.handled_chance)
    )
    day = drawn.day - (company.change_day - PERIOD_DAYS - LEARNED_DAYS)
    return _population(tables.leads, SECOND_SCHEMA, day, usual, chance, scenario == "nothing")


POPULATIONS = {"first company": first_company, "second company": company_of_other_laws}


def _population(
    table: pd.DataFrame, schema: LeadSchema, day: np.ndarray, usual: np.ndarray, chance: np.ndarray, is_unchanged: bool
) -> Population:
    """The leads by the day since the first that may teach; all others are dropped."""
    time = np.digitize(day, [0, LEARNED_DAYS, LEARNED_DAYS + PERIOD_DAYS, LEARNED_DAYS + 2 * PERIOD_DAYS]) - 2
    kept = np.flatnonzero((time >= LEARNED) & (time <= AFTER))
    table = table.iloc[kept]
    own = with_roles(schema)
    roles = {role: pd.Categorical(table[role]) for role in ("source", "campaign")}
    ids = pd.DataFrame({"lead_id": table["lead_id"].to_numpy(), "arrived_at": ARRIVED[0], **roles})
    names = [field.name for field in schema.fields]
    sent = table[names].astype(object).where(table[names].notna(), None).to_dict("records")
    leads = parse_stored(ids, StoredLeads(np.arange(len(kept)), sent), own)
    return Population(leads, own, roles["source"], time[kept], usual[kept], chance[kept], is_unchanged)
