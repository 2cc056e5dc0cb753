"""The reference model of a report: where it comes from, and its predicted and actual wins in the earlier period."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.leads_as_of import LeadsAsOf
from analytics.periods import Periods
from analytics.reference.predictions import ReferenceKind, ReferencePredictions, are_examples
from stats.estimates import Estimate, exact_count


@dataclass(frozen=True)
class ReferenceUsed:
    """The reference model m(x), which has seen no outcome of the leads that it judges; `says` tells it in words.

    A registered `version`, one `trained` for this report on leads that arrived before both periods, or one made `out
    of fold`, by which each lead is judged by a model of other leads. `learned_from` counts the leads of one made for
    this report. `judged` leads of both periods have a probability by it. `grades` is the least probability of each
    grade. In the earlier period it `expected` so many wins and `won` came; `kept` is won for each expected.
    """

    kind: ReferenceKind
    version: str | None
    says: str
    learned_from: int
    judged: int
    grades: Mapping[str, float]
    expected: float | None
    won: int | None
    kept: Estimate


def summarise_reference(facts: LeadsAsOf, periods: Periods, judged: ReferencePredictions) -> ReferenceUsed:
    """The reference of a report, with predicted and actual wins among the contacted leads of the earlier period."""
    here = ~np.isnan(judged.probability) & are_examples(facts)
    early = here & periods.before.holds(facts.leads)
    expected, won = float(judged.probability[early].sum()), int(facts.leads["won"].to_numpy()[early].sum())
    return ReferenceUsed(
        kind=judged.kind,
        version=judged.version,
        says=judged.says,
        learned_from=judged.learned_from,
        judged=int((~np.isnan(judged.probability)).sum()),
        grades=dict(judged.grades or {}),
        expected=expected if early.any() else None,
        won=won if early.any() else None,
        kept=_kept(won, expected, int(early.sum())),
    )


def _kept(won: int, expected: float, leads: int) -> Estimate:
    if expected <= 0:
        return Estimate.unknown("no lead of the earlier period was judged")
    wins = exact_count(won)
    low, high = ((None if end is None else end / expected) for end in (wins.low, wins.high))
    return Estimate(won / expected, low, high, leads)
