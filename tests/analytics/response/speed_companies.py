"""Companies of both generators whose leads are compared by a score that was learned from earlier leads.

The score is that of the report's stand-in, a ridge regression on the fields in steps: like any model it has seen some
leads only. The earlier half of the history teaches, the later half is compared; what speed truly does there is known.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import expit, logit

from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.fields import in_roles, with_roles
from analytics.leads_as_of.groups import Period
from analytics.reference.binned_fields import Steps
from analytics.reference.cross_fitted import BinnedLogistic
from analytics.response.speed import SpeedEffect, effect_of_speed
from analytics.response.waits import Waiting
from analytics.response.working_hours import WorkingHours
from features.lead_table import LeadTable, parse_leads
from features.schema import Field, LeadSchema
from features.values import Kind
from simulation.company import Simulation, simulate
from simulation.scenarios import SCENARIOS, Sales
from stats.estimates import Estimate
from tests.second_company import COMPANIES, TABLE_FIELDS, make_tables, speed_of_leads
from tests.second_company.company import Picking
from tests.second_company.laws import Leads

FIFTHS, FREQUENT = (0.2, 0.4, 0.6, 0.8), 20
OVERLAP = 0.1
ROLES = {"source": Kind.CATEGORY, "campaign": Kind.CATEGORY}
NEVER = {"days_since_webinar": ("999",)}
SIMULATED_FIELDS = {
    **dict.fromkeys(
        ("employees", "annual_revenue", "pages_viewed", "minutes_on_site", "days_since_webinar"), Kind.NUMERIC
    ),
    **dict.fromkeys(("industry", "country"), Kind.CATEGORY),
    **dict.fromkeys(("requested_demo", "newsletter"), Kind.FLAG),
    "job_title": Kind.TEXT,
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "first_visit_at": Kind.DATETIME,
}


@dataclass(frozen=True)
class Compared:
    """A company's later leads: their waits, all leads' fields in steps, and what is true of those that were compared.

    `effect` is what a call within `limit` truly does on average, `missed` how many wins it would have brought.
    """

    waiting: Waiting
    fields: csr_array
    limit: dt.timedelta
    effect: float
    missed: float

    def by_score(self) -> SpeedEffect:
        return effect_of_speed(self.waiting, self.limit)

    def by_fields(self) -> SpeedEffect:
        return effect_of_speed(self.waiting, self.limit, self.fields)

    def oracle(self, found: SpeedEffect) -> SpeedEffect:
        """What would be found were the effect known without error, the plain difference being as it is."""
        return replace(found, adjusted=Estimate(self.effect, self.effect, self.effect, found.adjusted.n))


Speed = Literal["works", "does nothing"]
Company = Callable[[int, int, Speed], Compared]
"""Made from a seed, the number of leads that are compared, and what speed does."""


def second_company(seed: int, leads: int, speed: Speed, picking: Picking = "score") -> Compared:
    company = COMPANIES["speed works" if speed == "works" else "nothing"]
    company = replace(company, picking=picking)
    made = make_tables(company, int(2.1 * leads), seed)
    as_of = dt.datetime.combine(company.start, dt.time(0), dt.UTC) + dt.timedelta(days=600)
    facts = read_leads_as_of(made.leads, made.contacts, made.outcomes, None, None, as_of, company.horizon_days)
    kinds = {name: Kind(kind) for name, kind in TABLE_FIELDS.items()} | ROLES
    limit, middle = dt.timedelta(hours=8), as_of - dt.timedelta(days=600 - 280)
    waiting, fields = _scored(facts, made.leads, _schema(kinds), middle, WorkingHours())
    rows = waiting.leads.index.to_numpy()
    drawn = Leads(*(getattr(made.drawn.leads, name)[rows] for name in Leads.__dataclass_fields__))
    truth = speed_of_leads(company, drawn, limit.total_seconds() / 3600)
    kept = waiting.tried & (truth.soon > OVERLAP) & (truth.soon < 1 - OVERLAP)
    return Compared(waiting, fields, limit, float(truth.effect[kept].mean()), float(truth.missed[kept].sum()))


def simulated_company(seed: int, leads: int, speed: Speed) -> Compared:
    scenario = replace(SCENARIOS["speed-does-nothing"], sales=Sales(speed_effect=0.4 if speed == "works" else 0.0))
    made = simulate(int(2.4 * leads), seed=seed, scenario=scenario, until=dt.date(2026, 6, 1))
    as_of = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    facts = read_leads_as_of(made.leads, made.contacts, made.outcomes, None, None, as_of, made.horizon_days)
    hours = WorkingHours.parse("Mon-Fri 09:00-18:00")
    middle = as_of - dt.timedelta(days=540 - 225)
    limit = dt.timedelta(hours=2)
    waiting, fields = _scored(facts, made.leads, _schema(SIMULATED_FIELDS | ROLES), middle, hours)
    effect, missed = true_effect(made, waiting, limit, seed) if speed == "works" else (0.0, 0.0)
    return Compared(waiting, fields, limit, effect, missed)


def true_effect(made: Simulation, waiting: Waiting, limit: dt.timedelta, seed: int) -> tuple[float, float]:
    """Mean chance to win after the wait of a lead of like score that was tried soon, less that of one tried later.

    And how many more of those tried later had won so. Leads of one of 40 bands of the true chance are alike.
    """
    tried = np.flatnonzero(waiting.leads["matured"].to_numpy() & waiting.tried)
    truth = made.truth.iloc[waiting.leads.index.to_numpy()[tried]]
    handled = logit(truth["probability_handled"] / truth["in_time"]).to_numpy() - truth["speed_effect"].to_numpy()
    wait, soon = truth["wait_hours"].to_numpy(), waiting.to_attempt[tried] <= limit.total_seconds()
    band = pd.qcut(truth["probability"], 40, labels=False).to_numpy()
    rng = np.random.default_rng(seed)
    gained = np.zeros(len(tried))
    for one in range(40):
        alike = np.flatnonzero(band == one)
        if not OVERLAP < soon[alike].mean() < 1 - OVERLAP:
            gained[alike] = np.nan
            continue
        for sign, side in ((1, soon[alike]), (-1, ~soon[alike])):
            for _ in range(4):
                drawn = rng.choice(wait[alike][side], len(alike))
                added = -made.scenario.sales.speed_effect * np.log2(drawn / made.scenario.sales.usual_wait)
                gained[alike] += sign * expit(handled[alike] + added) / 4
    gained *= truth["in_time"].to_numpy()
    return float(np.nanmean(gained)), float(np.nansum(gained[~soon]))


def _schema(kinds: dict[str, Kind]) -> LeadSchema:
    fields = tuple(Field(name, kind, missing=NEVER.get(name, ())) for name, kind in kinds.items())
    return LeadSchema(fields, id="lead_id", created_at="created_at", source="source", campaign="campaign")


def _scored(
    facts: LeadsAsOf, raw: pd.DataFrame, schema: LeadSchema, middle: dt.datetime, hours: WorkingHours
) -> tuple[Waiting, csr_array]:
    """The waits of the leads that arrived from the middle on, with scores, and all leads' fields in steps.

    As in the report, a score may know the times that fields hold, and the steps do not.
    """
    table: LeadTable = parse_leads(raw, schema)
    matured, worked = (facts.leads[name].to_numpy() for name in ("matured", "worked"))
    late = Period(middle, facts.as_of).holds(facts.leads)
    learned, judged = np.flatnonzero(matured & worked & ~late), np.flatnonzero(matured & late)
    model = BinnedLogistic.fit(table.take(learned), facts.leads["won"].to_numpy()[learned], schema)
    probability = np.full(len(facts), np.nan)
    probability[judged] = model.probability(table.take(judged))
    scored = replace(facts, leads=facts.leads.assign(probability=probability))
    own = with_roles(schema)
    plain = in_roles(table, own)
    steps = Steps.fit(plain.take(judged), own, FIFTHS, FREQUENT)[0].of(plain)
    last = scored.leads["arrived_at"].iloc[judged].max().to_pydatetime().replace(tzinfo=dt.UTC)
    compared = Period(middle, last + dt.timedelta(seconds=1))
    return Waiting.of(scored, hours, period=compared), steps
