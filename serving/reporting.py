"""The weekly report of a store: settings, models and a store in, a `Report` out.

It is as of the start of today (UTC): whoever asks on the same day gets the same numbers, from the page, the API and
the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json
from sqlalchemy import Connection

from analytics.facts import Facts, read_facts
from analytics.facts.fields import StoredLeads, frame_of, parse_stored, with_roles
from analytics.periods import NEWEST, Ask, Periods, choose_periods
from analytics.reference.choice import KnownModel, Reference, choose_reference
from analytics.reference.judging import Judged, drawn, judged_by, judged_here, to_judge, to_learn_from
from analytics.report import Company, Report, build_report
from analytics.report.change import SEED
from analytics.report.drift import Arriving
from analytics.statistics.same_score import tells_apart
from features.schema import LeadSchema
from serving.scorer import ModelSource
from serving.settings import Settings
from serving.store import Store
from serving.store.reporting import arrivals, one_state, read_fields, read_tables
from training.model import ScoringModel
from training.registry import ModelVersion, NoModel, Registry
from training.registry.overview import overview

Rows = NDArray[np.intp]

HORIZON_DAYS = 90
"""Where no model is registered that has one."""
TEACHING = timedelta(days=182)
"""How long before both periods a lead may have arrived to teach a model that is made for the report."""
MOST_ARRIVING = 50_000
"""Leads of each side whose fields are compared for drift."""


@dataclass(frozen=True)
class Models:
    """What the registry says: the champion, its fields' parts in the score, and when each version learned."""

    champion: ScoringModel | None
    importance: Mapping[str, float]
    known: tuple[KnownModel, ...]

    @property
    def horizon_days(self) -> int:
        return self.champion.horizon_days if self.champion else HORIZON_DAYS


def models_of(source: ModelSource) -> Models:
    """Look at a source of models; only a registry tells of versions beside the champion."""
    champion = _champion(source)
    if not isinstance(source, Registry) or champion is None:
        return Models(champion, {}, ())
    registered = overview(source).champion
    importance = registered.importance if registered else {}
    return Models(champion, importance, tuple(_known(version) for version in source.versions()))


def make_report(store: Store, source: ModelSource, settings: Settings, now: datetime, ask: Ask = NEWEST) -> Report:
    """The report as of the start of the day.

    Raises:
        PeriodsRefused: for periods that cannot be compared.
        StoreUnavailable: where the database cannot be reached.
    """
    as_of = _midnight(now.astimezone(UTC).date())
    return store.read_now(_Making(source, models_of(source), settings, as_of, ask).report)


@dataclass(frozen=True)
class _Making:
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
        choice = choose_reference(self.models.known, periods.before, periods.after, self.models.horizon_days)
        since = periods.both.start - (timedelta(0) if choice.version else TEACHING)
        everything = not days or since.date() <= min(days)
        horizon_days = self.models.horizon_days
        tables = read_tables(connection, None if everything else since, self.as_of, horizon_days)
        facts = read_facts(
            tables.leads, tables.contacts, tables.outcomes, tables.spend, tables.scores, self.as_of, horizon_days
        )
        both = _stored(connection, facts, to_judge(facts, periods, rng))
        judged = self._judged(connection, facts, periods, choice, both, rng)
        rules = self.settings.queue_rules
        company = Company(rules.hours, rules.promises, self.settings.currency)
        return build_report(facts, periods, judged, self._arriving(connection, facts, periods, both, rng), company)

    def _judged(
        self,
        connection: Connection,
        facts: Facts,
        periods: Periods,
        choice: Reference,
        both: StoredLeads,
        rng: np.random.Generator,
    ) -> Judged:
        if choice.version is not None:
            model = self.source.load(choice.version)
            m = model.probability(parse_stored(facts.leads, both, model.schema))
            if tells_apart(m):
                grades = {grade: least for grade, least in model.ranking.least().items() if least is not None}
                return judged_by(facts, both.rows, m, choice.version, choice.says, grades)
        earlier = _stored(connection, facts, to_learn_from(facts, periods, rng))
        schema = self.models.champion.schema if self.models.champion else None
        return judged_here(facts, periods, choice, both, earlier, schema, rng)

    def _arriving(
        self, connection: Connection, facts: Facts, periods: Periods, both: StoredLeads, rng: np.random.Generator
    ) -> Arriving:
        """The fields of both periods' leads and of the newest, by the champion's schema."""
        champion = self.models.champion
        schema = champion.schema if champion else with_roles(LeadSchema(()))
        newest = _stored(
            connection, facts, drawn(np.flatnonzero(periods.lately.holds(facts.leads)), MOST_ARRIVING, rng)
        )
        chosen = np.zeros(len(facts), dtype=bool)
        chosen[drawn(both.rows, MOST_ARRIVING, rng)] = True
        (before, kinds), (after, _) = (
            frame_of(parse_stored(facts.leads, stored, schema), schema) for stored in (both.among(chosen), newest)
        )
        return Arriving(before, after, kinds, self.models.importance or None)


def json_of(report: Report) -> bytes:
    """The report as JSON, the same for the API and the command line."""
    return to_json(report, inf_nan_mode="null")


def _champion(source: ModelSource) -> ScoringModel | None:
    try:
        version = source.champion_version()
        return None if version is None else source.load(version)
    except NoModel:
        return None


def _known(version: ModelVersion) -> KnownModel:
    """Any lead that had arrived by the as-of date may have taught; without one, by the day it was made."""
    horizon_days = int(version.tags.get("horizon_days", HORIZON_DAYS))
    as_of = _midnight(date.fromisoformat(version.as_of)) if version.as_of else version.created_at
    return KnownModel(version.version, horizon_days, as_of)


def _stored(connection: Connection, facts: Facts, rows: Rows) -> StoredLeads:
    """The fields of these rows; a lead that was erased meanwhile has none."""
    lead_ids = facts.leads["lead_id"].to_numpy()[rows].tolist()
    sent = dict(read_fields(connection, lead_ids))
    return StoredLeads(rows, [sent.get(lead_id, {}) for lead_id in lead_ids])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
