"""What changed among the arriving leads, for the report."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analytics.drift import FieldDrift, Value, drift
from features.values import Kind
from stats.estimates import Estimate


@dataclass(frozen=True)
class Arriving:
    """The fields of leads of both periods and of the newest ones, for drift; `reason` where there are none.

    `weights` are the fields' parts in the score, where they are known.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    kinds: Mapping[str, Kind]
    weights: Mapping[str, float] | None = None
    reason: str = ""


@dataclass(frozen=True)
class DriftRow:
    """How one field of the arriving leads changed; those that touch the score most come first.

    `size` is a population stability index beyond chance, `noise` what chance alone reaches in one of twenty cases,
    `moved` the share of leads with another value than before; `weight` the field's part in the score where that is
    known. `most` is the value whose share changed most.
    """

    field: str
    kind: str
    size: float
    noise: float
    moved: float
    p_value: float
    changed: bool
    weight: float | None
    touches: float
    most: Value
    missing_before: Estimate
    missing_after: Estimate


@dataclass(frozen=True)
class DriftSection:
    """What changed among the arriving leads, the newest weeks against both periods, and whether to retrain.

    `before` and `after` are leads compared; `reason` says why nothing is known, where that is so.
    """

    before: int
    after: int
    fields: tuple[DriftRow, ...]
    retrain: bool
    reasons: tuple[str, ...]
    reason: str


def drift_section(arriving: Arriving, seed: int) -> DriftSection:
    """What changed among the arriving leads."""
    reason = arriving.reason
    if not reason and not (len(arriving.before) and len(arriving.after)):
        reason = "there are not leads of both times to compare"
    if reason:
        return DriftSection(len(arriving.before), len(arriving.after), (), retrain=False, reasons=(), reason=reason)
    found = drift(arriving.before, arriving.after, arriving.kinds, seed, arriving.weights)
    rows = tuple(map(_field, found.fields))
    return DriftSection(found.before, found.after, rows, found.retrain, found.reasons, "")


def _field(one: FieldDrift) -> DriftRow:
    own = ("field", "changed", "weight", "touches", "most", "missing_before", "missing_after")
    measured = ("size", "noise", "moved", "p_value")
    return DriftRow(
        kind=str(one.kind),
        **{name: getattr(one, name) for name in own},
        **{name: getattr(one.found, name) for name in measured},
    )
