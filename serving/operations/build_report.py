"""Build the weekly `Report` of a store, by its settings and models.

It is as of the start of today (UTC): whoever asks on the same day gets the same numbers, from the page, the API and
the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic_core import to_json

from analytics.drift import Arriving
from analytics.leads_as_of import LeadsAsOf, read_leads_as_of
from analytics.leads_as_of.fields import StoredLeads, frame_of, parse_stored, with_roles
from analytics.periods import NEWEST, Ask, Periods, choose_periods
from analytics.reference.choose import KnownModel, Reference, choose_reference
from analytics.reference.predictions import (
    ParsedLeads,
    ReferencePredictions,
    choose_predicted,
    choose_training,
    draw_rows,
    place_predictions,
    predict_by_own_model,
)
from analytics.report import Company, Report, build_report
from analytics.report.build import SEED
from features.lead_table import LeadTable
from features.schema import LeadSchema
from serving.operations.read_trend import read_trend
from serving.scoring.champion import DEFAULT_HORIZON_DAYS, ModelSource
from serving.settings import Settings
from serving.store import Connection, Store
from serving.store.asked_beside import AskedBeside
from serving.store.calibration_cohort import LoggedContacts, read_logged_contacts
from serving.store.conversions import read_sent
from serving.store.report_tables import NO_EVENTS, Events, arrivals, read_events, read_fields, read_leads
from stats.adjusted import tells_apart
from training.model import ScoringModel
from training.registry import ModelVersion, NoModel, Registry
from training.registry.overview import read_overview

Rows = NDArray[np.intp]

TEACHING = timedelta(days=182)
"""How long before both periods a lead may have arrived to teach a model that is made for the report."""
MOST_ARRIVING = 20_000
"""Leads of each side whose fields are compared for drift: chance then moves them by a hundredth of what matters."""


@dataclass(frozen=True)
class Models:
    """What the registry says: the champion, its fields' parts in the score, and when each version learned."""

    champion: ScoringModel | None
    importance: Mapping[str, float]
    known: tuple[KnownModel, ...]

    @property
    def horizon_days(self) -> int:
        return self.champion.horizon_days if self.champion else DEFAULT_HORIZON_DAYS

    @property
    def schema(self) -> LeadSchema:
        """The champion's; without one nobody knows which fields are known on arrival but source and campaign."""
        return self.champion.schema if self.champion else with_roles(LeadSchema(()))


def read_models(source: ModelSource) -> Models:
    """Look at a source of models; only a registry tells of versions beside the champion."""
    champion = _load_champion(source)
    if not isinstance(source, Registry) or champion is None:
        return Models(champion, {}, ())
    registered = read_overview(source).champion
    importance = registered.importance if registered else {}
    return Models(champion, importance, tuple(_known_model(version) for version in source.versions()))


def make_report(store: Store, source: ModelSource, settings: Settings, now: datetime, ask: Ask = NEWEST) -> Report:
    """The report as of the start of the day.

    Raises:
        PeriodsRefused: for periods that cannot be compared.
        StoreUnavailable: where the database cannot be reached.
    """
    as_of = _midnight(now.astimezone(UTC).date())
    with store.asking_beside() as database, store.asking_beside() as history:
        return _ReportBuilder(source, settings, as_of, ask, database, history).report()


@dataclass(frozen=True)
class _Read:
    """The leads of a report as they arrived: all columns but their fields, and the fields of those that need them.

    `both` are the leads of both periods, `newest` the latest ones.
    """

    leads: pd.DataFrame
    arrived: LeadsAsOf
    both: StoredLeads
    newest: StoredLeads


@dataclass(frozen=True)
class _ReportBuilder:
    """One report on its way.

    It takes two connections, as a database answers each with one core. `history` tells what is counted over years,
    which may be as of a moment later than the rest: all of it was known before `as_of`.
    """

    source: ModelSource
    settings: Settings
    as_of: datetime
    ask: Ask
    database: AskedBeside
    history: AskedBeside

    @cached_property
    def models(self) -> Models:
        return read_models(self.source)

    def report(self) -> Report:
        rng = np.random.default_rng(SEED)
        of_trend = np.random.default_rng(SEED)  # its own: it draws in another thread
        arrived = self.database.ask(arrivals, self.as_of)
        logged = self.history.ask(read_logged_contacts, self.as_of)
        horizon_days = self.models.horizon_days
        days = arrived.result()
        periods = choose_periods(days, self.as_of, horizon_days, self.ask)
        trend = self.history.ask(read_trend, days, self.models.schema, self.as_of, horizon_days, of_trend)
        choice, model = find_reference(self.models, self.source, periods)
        first = periods.both.start - (timedelta(0) if model else TEACHING)
        since = first if days and first.date() > min(days) else None
        read = self._read(periods, since, rng)
        events = self.database.ask(read_events, read.leads["lead_id"], since, horizon_days)
        sent = self.database.ask(read_sent, periods.both.start, self.as_of)
        schema = model.schema if model else self.models.schema
        parsed = parse_stored(read.arrived.leads, read.both, schema)
        arriving = self._read_arriving(read, parsed if schema == self.models.schema else None, rng)
        judged = self._judge(model, read.arrived, ParsedLeads(read.both.rows, parsed), choice.says) if model else None
        facts = self._read_facts(read.leads, events.result(), logged.result())
        if judged is None:
            earlier = self.database.ask(_read_stored, facts, choose_training(facts, periods, rng)).result()
            own = self.models.champion.schema if self.models.champion else None
            judged = predict_by_own_model(facts, periods, choice, read.both, earlier, own, rng)
        rules = self.settings.queue_rules
        company = Company(rules.hours, rules.response_targets, self.settings.currency)
        made = build_report(facts, periods, judged, arriving, company)
        return replace(made, sent=sent.result(), trend=trend.result())

    def _read(self, periods: Periods, since: datetime | None, rng: np.random.Generator) -> _Read:
        leads = self.database.ask(read_leads, since, self.as_of).result()
        arrived = self._read_facts(leads, NO_EVENTS, None)
        both = self.database.ask(_read_stored, arrived, choose_predicted(arrived, periods, rng))
        lately = draw_rows(np.flatnonzero(periods.lately.holds(arrived.leads)), MOST_ARRIVING, rng)
        newest = self.database.ask(_read_stored, arrived, lately)
        return _Read(leads, arrived, both.result(), newest.result())

    def _judge(self, model: ScoringModel, facts: LeadsAsOf, leads: ParsedLeads, says: str) -> ReferencePredictions:
        """What a registered model says of these leads of both periods."""
        scale = model.grade_scale.least_probabilities()
        grades = {grade: least for grade, least in scale.items() if least is not None}
        m = model.probability(leads.leads)
        return place_predictions(facts, leads, m, model.version, says, grades, model.schema)

    def _read_facts(self, leads: pd.DataFrame, events: Events, logged: LoggedContacts | None) -> LeadsAsOf:
        horizon_days = self.models.horizon_days
        log = None if logged is None else logged.log(horizon_days)
        happened = (events.contacts, events.outcomes, events.spend, events.scores)
        return read_leads_as_of(leads, *happened, self.as_of, horizon_days, log)

    def _read_arriving(self, read: _Read, parsed: LeadTable | None, rng: np.random.Generator) -> Arriving:
        """The fields of both periods' leads and of the newest, by the champion's schema, as `both` may be parsed."""
        schema, places = self.models.schema, draw_rows(np.arange(len(read.both)), MOST_ARRIVING, rng)
        leads = read.arrived.leads
        earlier = parsed.take(places) if parsed else parse_stored(leads, read.both.take(places), schema)
        tables = (earlier, parse_stored(leads, read.newest, schema))
        (before, kinds), (after, _) = (frame_of(table, schema) for table in tables)
        return Arriving(before, after, kinds, self.models.importance or None)


def find_reference(models: Models, source: ModelSource, periods: Periods) -> tuple[Reference, ScoringModel | None]:
    """What judges both periods, and its model where it is registered; those that tell no lead from another do not."""
    known, champion = models.known, models.champion
    while True:
        choice = choose_reference(known, periods.before, periods.after, models.horizon_days)
        if choice.version is None:
            return choice, None
        model = champion if champion and champion.version == choice.version else source.load(choice.version)
        if tells_apart(np.array(model.grade_scale.probabilities)):
            return choice, model
        known = tuple(replace(one, tells_apart=one.tells_apart and one.version != choice.version) for one in known)


def json_of(report: Report) -> bytes:
    """The report as JSON, the same for the API and the command line."""
    return to_json(report, inf_nan_mode="null")


def _load_champion(source: ModelSource) -> ScoringModel | None:
    try:
        version = source.champion_version()
        return None if version is None else source.load(version)
    except NoModel:
        return None


def _known_model(version: ModelVersion) -> KnownModel:
    """Any lead that had arrived by the as-of date may have taught; without one, by the day it was made."""
    horizon_days = int(version.tags.get("horizon_days", DEFAULT_HORIZON_DAYS))
    as_of = _midnight(date.fromisoformat(version.as_of)) if version.as_of else version.created_at
    return KnownModel(version.version, horizon_days, as_of)


def _read_stored(connection: Connection, facts: LeadsAsOf, rows: Rows) -> StoredLeads:
    """The fields of these rows; a lead that was erased meanwhile has none."""
    lead_ids = facts.leads["lead_id"].to_numpy()[rows].tolist()
    sent = dict(read_fields(connection, lead_ids))
    return StoredLeads(rows, [sent.get(lead_id, {}) for lead_id in lead_ids])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
