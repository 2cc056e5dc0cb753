"""Build the weekly `Report` of a store, by its settings and models.

It is as of the start of today (UTC): whoever asks on the same day gets the same numbers, from the page, the API and
the command line.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

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
    choose_predicted,
    choose_training,
    draw_rows,
    place_predictions,
    predict_by_own_model,
)
from analytics.report import Company, Report, build_report
from analytics.report.build import SEED
from features.contact_log import ContactLog
from features.lead_table import LeadTable
from features.schema import LeadSchema
from serving.operations.read_trend import read_trend
from serving.scoring.champion import DEFAULT_HORIZON_DAYS, ModelSource
from serving.settings import Settings
from serving.store import Connection, Store
from serving.store.calibration_cohort import read_contact_log
from serving.store.conversions import read_sent
from serving.store.report_tables import NO_EVENTS, Events, arrivals, one_state, read_events, read_fields, read_leads
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
    return store.read_now(_ReportBuilder(source, read_models(source), settings, as_of, ask).report)


@dataclass(frozen=True)
class _ReportBuilder:
    """One report on its way."""

    source: ModelSource
    models: Models
    settings: Settings
    as_of: datetime
    ask: Ask

    def report(self, connection: Connection) -> Report:
        one_state(connection)
        rng = np.random.default_rng(SEED)
        days = arrivals(connection, self.as_of)
        periods = choose_periods(days, self.as_of, self.models.horizon_days, self.ask)
        choice, model = find_reference(self.models, self.source, periods)
        first = periods.both.start - (timedelta(0) if model else TEACHING)
        since = first if days and first.date() > min(days) else None
        leads = read_leads(connection, since, self.as_of)
        alone = self._read_facts(leads, NO_EVENTS, None)
        both = _read_stored(connection, alone, choose_predicted(alone, periods, rng))
        lately = draw_rows(np.flatnonzero(periods.lately.holds(alone.leads)), MOST_ARRIVING, rng)
        newest = _read_stored(connection, alone, lately)
        with ThreadPoolExecutor(1) as beside:  # the database looks up what became of the leads while these are read
            events = beside.submit(self._read_events, connection, leads["lead_id"], since)
            schema = model.schema if model else self.models.schema
            parsed = parse_stored(alone.leads, both, schema)
            m = model.probability(parsed) if model else None
            arriving = self._read_arriving(alone, both, newest, parsed if schema == self.models.schema else None, rng)
        facts = self._read_facts(leads, *events.result())
        if model and m is not None:
            grades = {
                grade: least for grade, least in model.grade_scale.least_probabilities().items() if least is not None
            }
            judged = place_predictions(
                facts, ParsedLeads(both.rows, parsed), m, model.version, choice.says, grades, model.schema
            )
        else:
            earlier = _read_stored(connection, facts, choose_training(facts, periods, rng))
            own = self.models.champion.schema if self.models.champion else None
            judged = predict_by_own_model(facts, periods, choice, both, earlier, own, rng)
        rules = self.settings.queue_rules
        company = Company(rules.hours, rules.response_targets, self.settings.currency)
        made = build_report(facts, periods, judged, arriving, company)
        horizon_days = self.models.horizon_days
        trend = read_trend(connection, days, self.models.schema, self.as_of, horizon_days, rng)
        return replace(made, sent=read_sent(connection, periods.both.start, self.as_of), trend=trend)

    def _read_events(
        self, connection: Connection, lead_ids: pd.Series, since: datetime | None
    ) -> tuple[Events, ContactLog | None]:
        """What became of these leads, and what the contacts of all leads tell."""
        log = read_contact_log(connection, self.as_of, self.models.horizon_days)
        return read_events(connection, lead_ids, since, self.models.horizon_days), log

    def _read_facts(self, leads: pd.DataFrame, events: Events, log: ContactLog | None) -> LeadsAsOf:
        happened = (events.contacts, events.outcomes, events.spend, events.scores)
        return read_leads_as_of(leads, *happened, self.as_of, self.models.horizon_days, log)

    def _read_arriving(
        self,
        facts: LeadsAsOf,
        both: StoredLeads,
        newest: StoredLeads,
        parsed: LeadTable | None,
        rng: np.random.Generator,
    ) -> Arriving:
        """The fields of both periods' leads and of the newest, by the champion's schema, as `both` may be parsed."""
        schema, places = self.models.schema, draw_rows(np.arange(len(both)), MOST_ARRIVING, rng)
        earlier = parsed.take(places) if parsed else parse_stored(facts.leads, both.take(places), schema)
        tables = (earlier, parse_stored(facts.leads, newest, schema))
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
