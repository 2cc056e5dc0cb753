"""The matured leads of two periods, as the two sides of a comparison."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Period
from analytics.mix.parts import smoothed_variance
from stats.estimates import Estimate, normal
from stats.types import Mask, Vector


@dataclass(frozen=True)
class Sides:
    """The n leads that can be compared: their `rows` (n,) in the facts, and whether each is of the later period.

    `left_out` counts leads of either period that are too young, or lack what was needed. `why_not` says why there is
    nothing to compare; it is empty where there is.
    """

    leads: pd.DataFrame
    rows: NDArray[np.intp]
    later: Mask
    left_out: int

    @property
    def won(self) -> Vector:
        return self.leads["won"].to_numpy(dtype=np.float64)

    @property
    def why_not(self) -> str:
        for period, leads in (("earlier", ~self.later), ("later", self.later)):
            if not leads.any():
                return f"no lead of the {period} period is older than the horizon"
        return ""


def two_sides(facts: LeadsAsOf, before: Period, after: Period, needed: str | None = None) -> Sides:
    """The matured leads of two periods; those that lack the column `needed` are left out.

    Raises:
        ValueError: for a lead that stands in both periods.
    """
    earlier, later = before.holds(facts.leads), after.holds(facts.leads)
    if (earlier & later).any():
        raise ValueError("the periods overlap: a lead cannot stand on both sides of a comparison")
    here = (earlier | later) & facts.leads["matured"].to_numpy(dtype=bool)
    if needed is not None:
        here &= facts.leads[needed].notna().to_numpy()
    return Sides(facts.leads[here], np.flatnonzero(here), later[here], int((earlier | later).sum() - here.sum()))


def change_of_share(y: Vector, later: Mask) -> Estimate:
    """The change of the share of ones, with the variance of each side at one more win and one more loss."""
    won, n = np.array([[y[side].sum(), side.sum()] for side in (~later, later)]).T
    return normal(np.diff(won / n)[0], (smoothed_variance(won, n) / n).sum(), len(y))
