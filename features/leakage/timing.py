"""Fields given away by time: their dates lie after the arrival, or they grow with the lead's age."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy import stats

from features.schema_inference import column_names
from features.schema_inference.columns import ColumnProfile
from features.schema_inference.date_formats import clock_slack
from features.schema_inference.outcome import MIN_SIDE
from features.values import Kind
from stats.types import Times, Vector


def find_suspicious_timing(profile: ColumnProfile, arrived: Times | None, seen: Times | None) -> Iterator[str]:
    """Why a field's timing is suspicious; `arrived` and `seen` are (n,), None where there are no dates."""
    if arrived is None:
        return
    if seen is not None and not column_names.is_planned(profile.name):
        yield from _check_after_arrival(seen, arrived)
    if profile.kind is Kind.NUMERIC:
        yield from _check_growth(profile, arrived)


def _check_after_arrival(seen: Times, arrived: Times) -> Iterator[str]:
    known = ~np.isnat(seen) & ~np.isnat(arrived)
    if known.sum() < MIN_SIDE:
        return
    later = float((seen[known] - arrived[known] > clock_slack(arrived[known])).mean())
    if later >= 0.2:
        yield f"{later:.0%} of its dates lie after the arrival"


def _check_growth(profile: ColumnProfile, arrived: Times) -> Iterator[str]:
    numbers = profile.by_row
    known = ~np.isnan(numbers) & ~np.isnat(arrived)
    numbers = numbers[known]
    if known.sum() < 10 * MIN_SIDE or len(np.unique(numbers)) < 3:
        return
    age = (arrived[known].max() - arrived[known]) / np.timedelta64(1, "D")
    if age.max() == 0:
        return
    if abs(float(np.corrcoef(numbers, age)[0, 1])) > 0.999:
        yield "it is the lead's age on the day of the export"
    elif _is_count(numbers) and (rho := _count_grows(numbers, age, named=column_names.is_counter(profile.name))):
        yield f"it grows with the lead's age (rank correlation {rho:.2f})"


def _is_count(numbers: Vector) -> bool:
    return bool((numbers >= 0).all() and (numbers == np.floor(numbers)).all())


def _count_grows(numbers: Vector, age: Vector, *, named: bool) -> float:
    """The rank correlation with age of a count that starts near nothing and keeps growing; 0 otherwise."""
    rho = float(stats.spearmanr(numbers, age).statistic)
    fifths = [float(part.mean()) for part in np.array_split(numbers[np.argsort(age, kind="stable")], 5)]
    starts_low = fifths[0] <= 0.35 * fifths[-1]
    keeps_growing = all(earlier < later for earlier, later in pairwise(fifths))
    return rho if rho >= (0.35 if named else 0.5) and starts_low and keeps_growing else 0.0
