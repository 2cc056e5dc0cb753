"""Which of a change and its parts are clear, so that of pages where nothing changed 5 % call anything so.

Of these 5 % (`PAGE_LEVEL`) the headline has four (`HEADLINE_LEVEL`), and one is left for the point about predicted and
actual customers (`LEFT_LEVEL`). The change of conversion and its two parts are tested in two steps. First whether
anything changed: mix and handling together (Wald, two degrees of freedom), at the 4 % level. Only if that is so, each
of the three by its own interval. That is the closed test of the three (Marcus, Peritz and Gabriel 1976): if two of them
are 0 so is the third, so that beyond the first step at most one of the three is truly 0, and no more need be asked of
it.
"""

from enum import StrEnum

import numpy as np
from scipy.stats import chi2

from stats.estimates import Estimate, p_value, spread

PAGE_LEVEL = 0.05
HEADLINE_LEVEL = 0.04
LEFT_LEVEL = PAGE_LEVEL - HEADLINE_LEVEL
JOINT_REACH = 3.1998
"""Standard errors of a change that passes both steps in four of five cases: the root of the non-centrality 10.239 at
which a chi-squared number of two degrees of freedom exceeds its 96 % point with 80 %."""
MOST_ALIKE = 0.99


class Verdict(StrEnum):
    """The verdict on a change: clear, beyond its own interval only, or neither."""

    CLEAR = "clear"
    BORDERLINE = "borderline"
    NO_CLEAR_CHANGE = "no clear change"
    UNKNOWN = "not known"


def verdict(part: Estimate, p_value: float) -> Verdict:
    """Of the change or one of its parts; `p_value` is that of no change at all."""
    if not part.known:
        return Verdict.UNKNOWN
    if part.covers(0.0):
        return Verdict.NO_CLEAR_CHANGE
    return Verdict.CLEAR if p_value <= HEADLINE_LEVEL else Verdict.BORDERLINE


def is_clear(part: Estimate, p_value: float) -> bool:
    """Whether a change, or one of its parts, is clear."""
    return verdict(part, p_value) is Verdict.CLEAR


def p_value_together(total: Estimate, mix: Estimate | None = None, handling: Estimate | None = None) -> float:
    """Of the change with both its parts, their covariance following from the three variances; or of it alone."""
    if mix is None or handling is None or mix.value is None or handling.value is None:
        return p_value(total)
    one, other = spread(mix), spread(handling)
    if not one > 0 or not other > 0:
        return p_value(total)
    alike = (spread(total) ** 2 - one**2 - other**2) / (2 * one * other)
    alike = float(np.clip(alike, -MOST_ALIKE, MOST_ALIKE))
    a, b = mix.value / one, handling.value / other
    return float(chi2.sf((a**2 - 2 * alike * a * b + b**2) / (1 - alike**2), 2))
