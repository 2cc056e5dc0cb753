"""Conversion from lead to customer within the horizon, one row a group.

Counted over every lead that arrived and matured, worked or not; the share that nobody tried stands beside it. For
leads too young to tell, the *expected* conversion is what their stored scores promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.leads_as_of import LeadsAsOf
from analytics.leads_as_of.groups import Name, Period, group
from features.contact_log import LEAST_WINS
from stats.estimates import Estimate, beta_interval, exact_share, shrunk_shares

YOUNG = "no lead is older than the horizon"
UNRECORDED = Estimate.unknown("contacts are not recorded")
UNHEARD = Estimate.unknown("no contact says whether it connected")


@dataclass(frozen=True)
class Conversion:
    """One group's conversion.

    `rate` is that of its matured leads, with the exact interval; `shrunk` is drawn toward the whole. `never_tried`
    is the share of the matured leads without any contact. Of the `young` leads, `won_so_far` have won already, and
    `expected` is the share that will by their scores; `unscored` have none and are left out of it.
    """

    name: Name
    arrived: int
    matured: int
    won: int
    rate: Estimate = field(metadata={"metric": "conversion"})
    shrunk: Estimate = field(metadata={"metric": "conversion"})
    never_tried: Estimate = field(metadata={"metric": "never_tried"})
    young: int
    won_so_far: int
    expected: Estimate = field(metadata={"metric": "expected_conversion"})
    unscored: int


@dataclass(frozen=True)
class Conversions:
    """Every group of leads by the columns `by`, in the order of their names.

    `model_error` is how far promises have missed beyond chance, as a share of what was promised; None where no
    scored lead has matured, and then the intervals of what is expected cover chance alone.
    """

    by: tuple[str, ...]
    rows: tuple[Conversion, ...]
    model_error: float | None


def conversion(facts: LeadsAsOf, period: Period | None = None, by: Sequence[str] = ()) -> Conversions:
    """Conversion of the leads that arrived in the period, by source, campaign, grade, week or any of the columns.

    Without `by` there is one row for all. The interval of what is expected holds the share that will have won:
    the chance in every single lead (Poisson-binomial), and the model's own error as its matured promises show it.
    Both are put into a beta distribution with their variance.
    """
    leads = facts.leads if period is None else facts.leads[period.holds(facts.leads)]
    groups = group(leads, by)
    matured, won = leads["matured"].to_numpy(), leads["won"].to_numpy()
    counts = {
        "arrived": groups.count(),
        "matured": groups.count(matured),
        "won": groups.count(matured & won),
        "untried": groups.count(matured & (leads["attempts"] == 0).to_numpy()),
        "young": groups.count(~matured),
        "won_so_far": groups.count(~matured & won),
        "unscored": groups.count(~matured & leads["probability"].isna().to_numpy()),
    }
    apart = len(groups.names) > 1
    shrunk = shrunk_shares(counts["won"], counts["matured"]) if apart else []
    error = model_error(facts.leads, by)
    expected = _expected(leads, groups.code, len(groups.names), error or 0.0, facts.horizon_days)
    unlogged, rows = why_untried_is_unknown(facts), []
    for row, name in enumerate(groups.names):
        own = {key: int(values[row]) for key, values in counts.items()}
        untried = own.pop("untried")
        rate = exact_share(own["won"], own["matured"], YOUNG)
        rows.append(
            Conversion(
                name,
                rate=rate,
                shrunk=shrunk[row] if apart and rate.known else rate,
                never_tried=unlogged or exact_share(untried, own["matured"], YOUNG),
                expected=expected[row],
                **own,
            )
        )
    return Conversions(tuple(by), tuple(rows), error)


def why_untried_is_unknown(facts: LeadsAsOf) -> Estimate | None:
    """Nothing can be said of leads that were never tried where calls are not recorded, or not all; None else."""
    log = facts.contact_log
    if not facts.contacts_known:
        return UNRECORDED
    if log is None or log.note is None or log.wins < LEAST_WINS:
        return None
    return Estimate.unknown(
        f"{log.wins_logged:,} of {log.wins:,} wins have a contact on record: not all calls are logged"
    )


def model_error(leads: pd.DataFrame, by: Sequence[str] = ()) -> float | None:
    """How far promised wins miss the delivered beyond chance, as a share of what was promised; None if never tested.

    Over weekly cohorts of matured, scored leads (of each group): the mean square of delivered less promised, less
    what chance explains, over the mean square of what was promised. It holds a lasting error and one that comes and
    goes alike, also what handling and leads that nobody tried took from the promise.
    """
    leads = leads[leads["matured"].to_numpy() & leads["probability"].notna().to_numpy()]
    p, won = leads["probability"].to_numpy(), leads["won"].to_numpy()
    if not p.any():
        return None
    cohorts = group(leads, [*by, *({"week"} - set(by))])
    missed, promised = cohorts.count(won - p), cohorts.count(p)
    chance = cohorts.count(p * (1 - p))
    return float(np.sqrt(max(0.0, (missed**2 - chance).sum() / (promised**2).sum())))


def no_forecast(horizon_days: int) -> Estimate:
    """What is expected where there are no leads to expect it of."""
    return Estimate.unknown(f"no scored leads under {horizon_days} days old")


def _expected(
    leads: pd.DataFrame, code: NDArray[np.intp], groups: int, error: float, horizon_days: int
) -> list[Estimate]:
    """The share of each group's young, scored leads that will have won."""
    here = ~leads["matured"].to_numpy() & leads["probability"].notna().to_numpy()
    p, code = leads["probability"].to_numpy()[here], code[here]
    n = np.bincount(code, minlength=groups)
    promised = np.bincount(code, p, minlength=groups)
    variance = np.bincount(code, p * (1 - p), minlength=groups) + (error * promised) ** 2
    already = np.bincount(code, leads["won"].to_numpy()[here], minlength=groups)
    some = np.maximum(n, 1)
    mean = promised / some
    low, high = beta_interval(mean, np.minimum(variance / some**2, 0.99 * mean * (1 - mean)))
    low, high = np.floor(low * n) / some, np.ceil(high * n) / some  # wins come whole
    low, high = np.maximum(low, already / some), np.maximum(high, already / some)
    return [
        Estimate(float(mean[row]), float(low[row]), float(high[row]), int(n[row]))
        if n[row]
        else no_forecast(horizon_days)
        for row in range(groups)
    ]
