"""The reference model's probabilities for the leads of both periods, and where they come from.

They are those of a registered version that was trained on neither period; else of a model that is fitted for the
report, on leads that arrived before both, or out of fold (`analytics.reference.cross_fitted`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.fields import StoredLeads, in_roles, parse_stored, with_roles
from analytics.mix.change import NO_REFERENCE
from analytics.periods import Periods
from analytics.reference.binned_fields import Steps
from analytics.reference.choose import Reference
from analytics.reference.cross_fitted import FREQUENT, LEAST_WINS, BinnedLogistic, enough_to_learn, out_of_fold
from features.lead_table import LeadTable
from features.schema import LeadSchema
from stats.types import Mask, Rows, Vector

MOST_JUDGED = 200_000
"""Leads of both periods whose fields are read; of more, as many are drawn by lot."""
MOST_LEARNED = 60_000
LEAST_OUT_OF_FOLD = 250
"""Leads of the earlier period below which no model is fitted out of fold."""
FIFTHS = np.arange(1, 5) / 5
GRADES = {"A": 0.9, "B": 0.7, "C": 0.4}
"""From which part of the earlier period's leads on a grade begins, as trained models have it."""


class ReferenceKind(StrEnum):
    """Where the probabilities come from that divide mix from handling."""

    VERSION = "version"
    TRAINED = "trained"
    OUT_OF_FOLD = "out of fold"
    NONE = "none"


@dataclass(frozen=True)
class ReferencePredictions:
    """The probability of each lead (n,) of the facts, NaN where it has none; `says` names the model in a sentence.

    `fields` (n, steps) are the steps in which these leads' fields are, by which m is corrected; other rows are empty.
    `why_none` says as a clause why there is no model.
    """

    probability: Vector
    kind: ReferenceKind
    says: str
    version: str | None = None
    learned_from: int = 0
    grades: Mapping[str, float] | None = None
    fields: csr_array | None = None
    why_none: str = NO_REFERENCE


@dataclass(frozen=True)
class ParsedLeads:
    """Some rows (k,) of the facts, rising, and the leads there by the columns of a schema."""

    rows: Rows
    leads: LeadTable


@dataclass(frozen=True)
class FittedPredictions:
    """Probabilities `m` (k,) by a model that was fitted for the report, and how many leads it was fitted on."""

    m: Vector
    kind: ReferenceKind
    says: str
    learned_from: int


def choose_predicted(facts: LeadsAsOf, periods: Periods, rng: np.random.Generator) -> Rows:
    """The rows of the matured leads of both periods, rising; of too many, a random part."""
    here = periods.before.holds(facts.leads) | periods.after.holds(facts.leads)
    return draw_rows(np.flatnonzero(here & facts.leads["matured"].to_numpy()), MOST_JUDGED, rng)


def choose_training(facts: LeadsAsOf, periods: Periods, rng: np.random.Generator) -> Rows:
    """The rows of the training examples that arrived before both periods, rising; none where they are too few."""
    earlier = (facts.leads["arrived_at"] < pd.Timestamp(periods.both.start).tz_localize(None)).to_numpy()
    rows = draw_rows(np.flatnonzero(earlier & are_examples(facts)), MOST_LEARNED, rng)
    return rows if enough_to_learn(facts.leads["won"].to_numpy()[rows]) else rows[:0]


def are_examples(facts: LeadsAsOf) -> Mask:
    """Matured leads (n,) that were worked."""
    return facts.leads["matured"].to_numpy() & facts.leads["worked"].to_numpy()


def draw_rows(rows: Rows, most: int, rng: np.random.Generator) -> Rows:
    """At most so many of these rows, rising."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def place_predictions(
    facts: LeadsAsOf,
    judged: ParsedLeads,
    m: Vector,
    version: str,
    says: str,
    grades: Mapping[str, float],
    schema: LeadSchema,
) -> ReferencePredictions:
    """The predictions of a registered version: `m` (k,) for the leads `judged`, which are parsed by its schema."""
    fields, probability = _fields(len(facts), judged, schema), _spread(len(facts), judged.rows, m)
    return ReferencePredictions(probability, ReferenceKind.VERSION, says, version, grades=grades, fields=fields)


def predict_by_own_model(
    facts: LeadsAsOf,
    periods: Periods,
    choice: Reference,
    judged: StoredLeads,
    earlier: StoredLeads,
    schema: LeadSchema | None,
    rng: np.random.Generator,
) -> ReferencePredictions:
    """Make a model for the report: of the `earlier` leads where there are any, else out of fold.

    Without a schema nobody knows which fields are known on arrival, so only source and campaign are used.
    """
    own = with_roles(schema or LeadSchema(()))
    both, before = (ParsedLeads(stored.rows, parse_stored(facts.leads, stored, own)) for stored in (judged, earlier))
    made = predict_tables(facts, periods, choice, both, before, own, rng)
    if schema is not None or made.kind is ReferenceKind.NONE:
        return made
    what = "It uses source and campaign alone: no model is registered that says what else is known."
    return replace(made, says=f"{made.says} {what}")


def predict_tables(
    facts: LeadsAsOf,
    periods: Periods,
    choice: Reference,
    judged: ParsedLeads,
    earlier: ParsedLeads,
    schema: LeadSchema,
    rng: np.random.Generator,
) -> ReferencePredictions:
    """The same for leads that are parsed already, by a schema `with_roles`."""
    if not len(judged.rows):
        return _no_predictions(facts, "there are no matured leads to judge")
    won = facts.leads["won"].to_numpy()
    if len(earlier.rows):
        model = BinnedLogistic.fit(earlier.leads, won[earlier.rows], schema)
        says = (
            f"A model made for this report judges both periods; it learned from {len(earlier.rows):,} leads that "
            f"arrived before {choice.train_before:%Y-%m-%d}."
        )
        made = FittedPredictions(model.probability(judged.leads), ReferenceKind.TRAINED, says, len(earlier.rows))
        return _place_fitted(facts, periods, judged, made, schema)
    teaching = (are_examples(facts) & periods.before.holds(facts.leads))[judged.rows]
    own_won = won[judged.rows]
    learned, wins = int(teaching.sum()), int(own_won[teaching].sum())
    if not enough_to_learn(own_won[teaching], LEAST_OUT_OF_FOLD):
        few = (
            f"{learned:,} matured leads of the earlier period, {wins:,} of them won, are too few to make a reference "
            f"model of: it takes {LEAST_OUT_OF_FOLD}, {LEAST_WINS} of them won"
        )
        return _no_predictions(facts, f"{choice.why_none}, and {few}" if choice.why_none else few)
    says = (
        "Each lead is judged by a model of other leads of the earlier period (out of fold), as there are too few still "
        "earlier ones to learn from."
    )
    m = out_of_fold(judged.leads, own_won, teaching, schema, rng)
    return _place_fitted(facts, periods, judged, FittedPredictions(m, ReferenceKind.OUT_OF_FOLD, says, learned), schema)


def _place_fitted(
    facts: LeadsAsOf, periods: Periods, judged: ParsedLeads, made: FittedPredictions, schema: LeadSchema
) -> ReferencePredictions:
    probability = _spread(len(facts), judged.rows, made.m)
    early = probability[periods.before.holds(facts.leads)]
    return ReferencePredictions(
        probability,
        made.kind,
        made.says,
        learned_from=made.learned_from,
        grades=_grades(early[~np.isnan(early)]),
        fields=_fields(len(facts), judged, schema),
    )


def _no_predictions(facts: LeadsAsOf, why: str) -> ReferencePredictions:
    says = f"{why[0].upper()}{why[1:]}."
    return ReferencePredictions(np.full(len(facts), np.nan), ReferenceKind.NONE, says, why_none=why)


def _spread(leads: int, rows: Rows, m: Vector) -> Vector:
    probability = np.full(leads, np.nan)
    probability[rows] = m
    return probability


def _fields(leads: int, judged: ParsedLeads, schema: LeadSchema) -> csr_array:
    """The fields of the judged leads in steps, at their rows; without times, which would give the period away."""
    own, rows = with_roles(schema), judged.rows
    table = in_roles(judged.leads, own)
    _, steps = Steps.fit(table, own, FIFTHS, FREQUENT)
    place = csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(leads, len(rows)))
    return csr_array(place @ steps)


def _grades(m: Vector) -> dict[str, float]:
    if not len(m):
        return {}
    return {grade: float(np.quantile(m, part)) for grade, part in GRADES.items()} | {"D": 0.0}
