"""What changed among the arriving leads, for the report."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analytics.drift import FieldDrift, drift
from features.values import Kind


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
class DriftSection:
    """What changed among the arriving leads, the newest weeks against both periods, and whether to retrain.

    `before` and `after` are leads compared; fields that touch the score most come first.
    `reason` says why nothing is known, where that is so.
    """

    before: int
    after: int
    fields: tuple[FieldDrift, ...]
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
    return DriftSection(found.before, found.after, found.fields, found.retrain, found.reasons, "")
