"""The reference model's word on the leads of both periods, and how it was come by.

A registered version that learned from neither period judges; else a model that is made for the report, from leads
that arrived before both, or out of fold (`stand_in`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.facts import Facts
from analytics.facts.field_steps import FieldSteps
from analytics.facts.fields import StoredLeads, parse_stored, with_roles
from analytics.periods import Periods
from analytics.reference.choice import Reference
from analytics.reference.stand_in import StandIn, enough_to_learn, fields_in_steps, out_of_fold
from features.schema import LeadSchema

Vector = NDArray[np.float64]
Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]

MOST_JUDGED = 200_000
"""Leads of both periods whose fields are read; of more, as many are drawn by lot."""
MOST_LEARNED = 60_000
GRADES = {"A": 0.9, "B": 0.7, "C": 0.4}
"""From which part of the earlier period's leads on a grade begins, as trained models have it."""


class ReferenceKind(StrEnum):
    """Where the probabilities come from that divide mix from handling."""

    VERSION = "version"
    TRAINED = "trained"
    OUT_OF_FOLD = "out of fold"
    NONE = "none"


@dataclass(frozen=True)
class Judged:
    """The probability of each lead (n,) of the facts, NaN where it was not judged; `says` tells whose it is.

    `fields` are those of the leads that were judged, for comparing like with like.
    """

    probability: Vector
    kind: ReferenceKind
    says: str
    version: str | None = None
    learned_from: int = 0
    grades: Mapping[str, float] | None = None
    fields: FieldSteps | None = None


def to_judge(facts: Facts, periods: Periods, rng: np.random.Generator) -> Rows:
    """The matured leads of both periods, rising; of too many, some by lot."""
    here = periods.before.holds(facts.leads) | periods.after.holds(facts.leads)
    return drawn(np.flatnonzero(here & facts.leads["matured"].to_numpy()), MOST_JUDGED, rng)


def to_learn_from(facts: Facts, periods: Periods, rng: np.random.Generator) -> Rows:
    """Leads that arrived before both periods and can teach, rising; none where they are too few."""
    earlier = (facts.leads["arrived_at"] < pd.Timestamp(periods.both.start).tz_localize(None)).to_numpy()
    rows = drawn(np.flatnonzero(earlier & teaches(facts)), MOST_LEARNED, rng)
    return rows if enough_to_learn(facts.leads["won"].to_numpy()[rows]) else rows[:0]


def teaches(facts: Facts) -> Bools:
    """Matured leads (n,) that were worked."""
    return facts.leads["matured"].to_numpy() & facts.leads["worked"].to_numpy()


def drawn(rows: Rows, most: int, rng: np.random.Generator) -> Rows:
    """At most so many of these rows, rising."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def judged_by(
    facts: Facts,
    rows: Rows,
    m: Vector,
    version: str,
    says: str,
    grades: Mapping[str, float],
    fields: FieldSteps | None = None,
) -> Judged:
    """What a registered version says, `m` (k,) being its probabilities of the leads `rows` (k,)."""
    return Judged(_spread(len(facts), rows, m), ReferenceKind.VERSION, says, version, grades=grades, fields=fields)


def judged_here(
    facts: Facts,
    periods: Periods,
    choice: Reference,
    judged: StoredLeads,
    earlier: StoredLeads,
    schema: LeadSchema | None,
    rng: np.random.Generator,
) -> Judged:
    """Make a model for the report: of the `earlier` leads where there are any, else out of fold.

    Without a schema nobody knows which fields are known on arrival, so only source and campaign are used.
    """
    own = with_roles(schema or LeadSchema(()))
    won, nobody = facts.leads["won"].to_numpy(), np.full(len(facts), np.nan)
    what = "" if schema else " It uses source and campaign alone: no model is registered that says what else is known."
    if not len(judged):
        return Judged(nobody, ReferenceKind.NONE, "There are no matured leads to judge.")
    table = parse_stored(facts.leads, judged, own)
    fields = FieldSteps(judged.rows, fields_in_steps(table, own))
    if len(earlier):
        model = StandIn.fit(parse_stored(facts.leads, earlier, own), won[earlier.rows], own)
        m, kind, learned = model.probability(table), ReferenceKind.TRAINED, len(earlier)
        says = (
            f"A model made for this report judges both periods; it learned from {learned:,} leads that arrived before "
            f"{choice.train_before:%Y-%m-%d}."
        )
    else:
        may_teach = teaches(facts)[judged.rows]
        learned = int(may_teach.sum())
        if not enough_to_learn(won[judged.rows][may_teach]):
            few = f"{learned:,} matured leads are too few to make a reference model of, or too few of them won."
            return Judged(nobody, ReferenceKind.NONE, few, fields=fields)
        m, kind = out_of_fold(table, won[judged.rows], may_teach, own, rng), ReferenceKind.OUT_OF_FOLD
        says = (
            "Each lead is judged by a model of other leads of these two periods (out of fold), as there are too few "
            "earlier ones to learn from."
        )
    probability = _spread(len(facts), judged.rows, m)
    early = probability[periods.before.holds(facts.leads)]
    grades = _grades(early[~np.isnan(early)])
    return Judged(probability, kind, says + what, learned_from=learned, grades=grades, fields=fields)


def _spread(leads: int, rows: Rows, m: Vector) -> Vector:
    probability = np.full(leads, np.nan)
    probability[rows] = m
    return probability


def _grades(m: Vector) -> dict[str, float]:
    if not len(m):
        return {}
    return {grade: float(np.quantile(m, part)) for grade, part in GRADES.items()} | {"D": 0.0}
