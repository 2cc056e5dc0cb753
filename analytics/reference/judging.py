"""The reference model's word on the leads of both periods, and how it was come by.

A registered version that learned from neither period judges; else a model that is made for the report, from leads
that arrived before both, or out of fold (`stand_in`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analytics.facts import Facts
from analytics.facts.fields import StoredLeads, in_roles, parse_stored, with_roles
from analytics.periods import Periods
from analytics.reference.choice import Reference
from analytics.reference.stand_in import FREQUENT, LEAST_WINS, StandIn, enough_to_learn, out_of_fold
from analytics.reference.steps import Steps
from features.lead_table import LeadTable
from features.schema import LeadSchema

Vector = NDArray[np.float64]
Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]

MOST_JUDGED = 200_000
"""Leads of both periods whose fields are read; of more, as many are drawn by lot."""
MOST_LEARNED = 60_000
LEAST_OUT_OF_FOLD = 250
"""Leads of the earlier period that judge each other, and the later ones."""
FIFTHS = (0.2, 0.4, 0.6, 0.8)
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

    `fields` (n, steps) are the steps in which the judged leads' fields are, by which m is corrected; other rows are
    empty.
    """

    probability: Vector
    kind: ReferenceKind
    says: str
    version: str | None = None
    learned_from: int = 0
    grades: Mapping[str, float] | None = None
    fields: csr_array | None = None


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
    leads: LeadTable | None = None,
    schema: LeadSchema | None = None,
) -> Judged:
    """What a registered version says, `m` (k,) being its probabilities of the leads `rows` (k,).

    `leads` (k,) are these leads as parsed by the version's `schema`.
    """
    fields = None if leads is None or schema is None else _fields(len(facts), rows, leads, schema)
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
    tables = (parse_stored(facts.leads, stored, own) for stored in (judged, earlier))
    made = judge_tables(facts, periods, choice, judged.rows, earlier.rows, *tables, own, rng)
    what = "" if schema else " It uses source and campaign alone: no model is registered that says what else is known."
    return made if made.kind is ReferenceKind.NONE else replace(made, says=made.says + what)


def judge_tables(
    facts: Facts,
    periods: Periods,
    choice: Reference,
    rows: Rows,
    earlier_rows: Rows,
    leads: LeadTable,
    earlier: LeadTable,
    schema: LeadSchema,
    rng: np.random.Generator,
) -> Judged:
    """The same for leads that are parsed: those to be judged, at `rows` of the facts, and the `earlier` ones."""
    won = facts.leads["won"].to_numpy()
    if not len(rows):
        return _nobody(facts, "There are no matured leads to judge.")
    if len(earlier_rows):
        m, kind, learned = (
            StandIn.fit(earlier, won[earlier_rows], schema).probability(leads),
            ReferenceKind.TRAINED,
            len(earlier),
        )
        says = (
            f"A model made for this report judges both periods; it learned from {learned:,} leads that arrived before "
            f"{choice.train_before:%Y-%m-%d}."
        )
    else:
        may_teach = (teaches(facts) & periods.before.holds(facts.leads))[rows]
        learned = int(may_teach.sum())
        if not enough_to_learn(won[rows][may_teach], LEAST_OUT_OF_FOLD):
            wins = int(won[rows][may_teach].sum())
            return _nobody(
                facts,
                f"{choice.says} For that there are too few leads: {learned:,} matured ones of the earlier period, of "
                f"which {wins:,} won; it takes {LEAST_OUT_OF_FOLD}, and {LEAST_WINS} won.",
            )
        m, kind = out_of_fold(leads, won[rows], may_teach, schema, rng), ReferenceKind.OUT_OF_FOLD
        says = (
            "Each lead is judged by a model of other leads of the earlier period (out of fold), as there are too few "
            "still earlier ones to learn from."
        )
    probability = _spread(len(facts), rows, m)
    early = probability[periods.before.holds(facts.leads)]
    grades, fields = _grades(early[~np.isnan(early)]), _fields(len(facts), rows, leads, schema)
    return Judged(probability, kind, says, learned_from=learned, grades=grades, fields=fields)


def _nobody(facts: Facts, says: str) -> Judged:
    return Judged(np.full(len(facts), np.nan), ReferenceKind.NONE, says)


def _spread(leads: int, rows: Rows, m: Vector) -> Vector:
    probability = np.full(leads, np.nan)
    probability[rows] = m
    return probability


def _fields(leads: int, rows: Rows, judged: LeadTable, schema: LeadSchema) -> csr_array:
    """The fields of the judged leads in steps, at their rows; never their times, which would tell the periods apart."""
    own = with_roles(schema)
    steps = Steps.fit(in_roles(judged, own), own, FIFTHS, FREQUENT).of(in_roles(judged, own))
    place = csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(leads, len(rows)))
    return csr_array(place @ steps)


def _grades(m: Vector) -> dict[str, float]:
    if not len(m):
        return {}
    return {grade: float(np.quantile(m, part)) for grade, part in GRADES.items()} | {"D": 0.0}
