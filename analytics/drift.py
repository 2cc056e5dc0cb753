"""How the fields of arriving leads changed from one period to another, and whether to retrain.

A numeric field is compared by tenths of both periods together, a category, flag or e-mail domain by its values, the
rare ones taken together; a missing value is a value. Of texts, phones and times only it is compared whether they are
given. A change is called one if it is beyond what chance explains anywhere on the page (Holm 1979).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from features.values import Kind, same_text
from stats.divergence import LEAST_DIVISIONS, Divergence, divergence
from stats.estimates import Estimate, exact_share, holm
from stats.types import Codes

LEVEL = 0.05
TENTHS = np.arange(1, 10) / 10
MOST_VALUES, SIGNIFICANT = 30, 6
MOST_LEADS = 200_000
OTHERS, GIVEN = "other values", "given"
SMALL, LARGE = 0.1, 0.25  # the usual marks of the population stability index (Siddiqi 2006)


@dataclass(frozen=True)
class Value:
    """One value of a field, or range of values, None for missing; its share of the leads before and after."""

    name: str | None
    before: float
    after: float


@dataclass(frozen=True)
class _Compared:
    """How one field changed; `most` is the value whose share changed most."""

    found: Divergence
    most: Value
    missing_before: Estimate
    missing_after: Estimate


@dataclass(frozen=True)
class FieldDrift:
    """A field of the arriving leads and how it changed; `changed` if beyond noise.

    `size` is a population stability index beyond chance, `noise` what chance alone reaches in one of twenty cases,
    `moved` the share of leads with another value than before; `weight` the field's part in the score where that is
    given, `touches` size times weight. `most` is the value whose share changed most.
    """

    field: str
    kind: str
    size: float = dataclasses.field(metadata={"metric": "drift"})
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
class Drift:
    """The fields, those first that touch the score most, and whether to retrain, with the reasons either way.

    `before` and `after` are leads compared; `reason` says why nothing is known, where that is so.
    """

    before: int
    after: int
    fields: tuple[FieldDrift, ...]
    retrain: bool
    reasons: tuple[str, ...]
    reason: str = ""

    @property
    def changed(self) -> tuple[FieldDrift, ...]:
        return tuple(field for field in self.fields if field.changed)


@dataclass(frozen=True)
class Arriving:
    """The fields of leads of both periods and of the newest ones; `reason` where there are none.

    `weights` are the fields' parts in the score, where they are known.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    kinds: Mapping[str, Kind]
    weights: Mapping[str, float] | None = None
    reason: str = ""

    def drift(self, seed: int) -> Drift:
        """What changed among the arriving leads, the newest against both periods."""
        reason = self.reason
        if not reason and not (len(self.before) and len(self.after)):
            reason = "there are not leads of both times to compare"
        if reason:
            return Drift(len(self.before), len(self.after), (), retrain=False, reasons=(), reason=reason)
        return drift(self.before, self.after, self.kinds, seed, self.weights)


def drift(
    before: pd.DataFrame,
    after: pd.DataFrame,
    kinds: Mapping[str, Kind],
    seed: int,
    weights: Mapping[str, float] | None = None,
) -> Drift:
    """Compare the leads of two periods, one row a lead, field by field.

    `weights` are the fields' parts in the score, such as their mean absolute contributions; only their proportions
    count. Of more than 200,000 leads, as many are drawn.
    """
    rng = np.random.default_rng(seed)
    early, late = (_drawn(leads, rng) for leads in (before, after))
    divisions = max(LEAST_DIVISIONS, round(2 * len(kinds) / LEVEL))
    parts = _parts(kinds, weights)
    compared = [
        _compared(kind, _column(early, name), _column(late, name), rng, divisions) for name, kind in kinds.items()
    ]
    changed = holm([one.found.p_value for one in compared], LEVEL)
    fields = [
        _field_drift(name, kind, one, parts[name], changed=beyond)
        for (name, kind), one, beyond in zip(kinds.items(), compared, changed, strict=True)
    ]
    ordered = tuple(sorted(fields, key=lambda one: (not one.changed, -one.touches)))
    return Drift(len(before), len(after), ordered, *_verdict(ordered, weights is not None))


def _field_drift(name: str, kind: Kind, one: _Compared, weight: float | None, *, changed: bool) -> FieldDrift:
    found = one.found
    return FieldDrift(
        name,
        str(kind),
        found.size,
        found.noise,
        found.moved,
        found.p_value,
        changed,
        weight,
        found.size * (1.0 if weight is None else weight),
        one.most,
        one.missing_before,
        one.missing_after,
    )


def _drawn(leads: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return leads if len(leads) <= MOST_LEADS else leads.iloc[rng.choice(len(leads), MOST_LEADS, replace=False)]


def _column(leads: pd.DataFrame, name: str) -> pd.Series:
    """A field that a period does not have is missing throughout."""
    return leads[name] if name in leads else pd.Series(np.nan, index=leads.index)


def _parts(kinds: Mapping[str, Kind], weights: Mapping[str, float] | None) -> dict[str, float | None]:
    if weights is None:
        return dict.fromkeys(kinds)
    total = sum(weights.get(name, 0.0) for name in kinds) or 1.0
    return {name: weights.get(name, 0.0) / total for name in kinds}


def _compared(kind: Kind, before: pd.Series, after: pd.Series, rng: np.random.Generator, divisions: int) -> _Compared:
    both = pd.concat([before, after], ignore_index=True)
    codes, names = _numeric(both) if kind is Kind.NUMERIC else _values(_keys(both, kind))
    early, late = (
        np.bincount(part + 1, minlength=len(names) + 1) for part in (codes[: len(before)], codes[len(before) :])
    )
    early_share, late_share = early / max(int(early.sum()), 1), late / max(int(late.sum()), 1)
    most = int(np.abs(late_share - early_share).argmax())
    return _Compared(
        found=divergence(early, late, rng, divisions),
        most=Value((None, *names)[most], float(early_share[most]), float(late_share[most])),
        missing_before=exact_share(int(early[0]), int(early.sum())),
        missing_after=exact_share(int(late[0]), int(late.sum())),
    )


def _numeric(column: pd.Series) -> tuple[Codes, list[str]]:
    """The tenth of each number (n,), -1 for none, and the names of the tenths."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    if len(known) == 0:
        return np.full(len(numbers), -1), []
    ends = np.unique([*np.quantile(known, TENTHS, method="inverted_cdf"), known.max()])
    written = [np.format_float_positional(end, SIGNIFICANT, fractional=False, trim="-") for end in ends]
    names = [f"up to {written[0]}", *(f"over {low} up to {high}" for low, high in pairwise(written))]
    return np.where(np.isnan(numbers), -1, np.searchsorted(ends, numbers, side="left")), names


def _keys(column: pd.Series, kind: Kind) -> pd.Series:
    """What is compared of a value that is no number."""
    if kind in (Kind.CATEGORY, Kind.FLAG):
        return column
    if kind is Kind.EMAIL:
        return column.map(lambda address: str(address).rpartition("@")[2], na_action="ignore")
    return column.notna().map({True: GIVEN, False: None})


def _values(column: pd.Series) -> tuple[Codes, list[str]]:
    """The value of each lead (n,), -1 for none, and the names of the values, the most frequent first."""
    written, spellings = pd.factorize(column)
    distinct, number = np.unique([same_text(value) for value in spellings], return_inverse=True)
    raw = np.append(number, -1)[written]
    order = np.argsort(-np.bincount(raw[raw >= 0], minlength=len(distinct)), kind="stable")
    rank = np.empty(len(distinct) + 1, dtype=np.intp)
    rank[order], rank[-1] = np.minimum(np.arange(len(distinct)), MOST_VALUES), -1
    names = [str(distinct[place]) for place in order[:MOST_VALUES]]
    return rank[raw], names + [OTHERS] * (len(distinct) > MOST_VALUES)


def _verdict(fields: tuple[FieldDrift, ...], weighted: bool) -> tuple[bool, tuple[str, ...]]:
    """Whether to retrain: by the weighted size of the changes, or by the largest where no weights are known."""
    changed = [field for field in fields if field.changed]
    if not changed:
        return False, ("No field changed clearly.",)
    sizes = [field.touches for field in changed]
    size, mark = (sum(sizes), SMALL) if weighted else (max(sizes), LARGE)
    what = "Weighted by the fields' parts in the score, the changes come to" if weighted else "The largest change is"
    names = ", ".join(field.field for field in changed)
    retrain = size >= mark
    return retrain, (
        f"Changed clearly: {names}.",
        f"{what} {size:.2f}, and from {mark:g} a new model is worth training."
        if retrain
        else f"{what} {size:.2f}, less than the {mark:g} from which a new model is worth training.",
        "Other leads are not yet a wrong score: predicted and actual customers show whether it is.",
    )
