"""The profile of a table of leads: counts, fill rates, frequent values and quantiles, and no lead's own data.

A model keeps the profile of its training leads, so that other leads can be compared with it later. Of values only
those are named that enough leads share for an encoder to keep them; of numbers the smallest and the largest
hundredth stay out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from features.arrays import Times, Vector
from features.encoders import ENCODERS
from features.lead_table import MISSING, LeadTable, ParsedColumn
from features.schema import LeadSchema
from features.values import Kind

SHARES = (0.01, *(twentieth / 20 for twentieth in range(1, 20)), 0.99)
"""The shares of leads below each of a profile's quantiles."""


@dataclass(frozen=True)
class FieldProfile:
    """One field of some leads, `filled` of which have it.

    `levels` says how many hold each frequent value, `features.encoders.POOL` standing for all the others: of a
    category or flag the value itself, of an e-mail its domain's class, of a phone its country. `quantiles` are those
    at `SHARES`: of a number itself, of a time in days before arrival, of a text in different words.
    """

    kind: Kind
    leads: int
    filled: int
    levels: Mapping[str, int] = field(default_factory=dict)
    quantiles: tuple[float, ...] = ()

    @classmethod
    def of(cls, kind: Kind, column: ParsedColumn, created_at: Times | None) -> Self:
        """The profile of a parsed column (n,) of leads that arrived at `created_at` (n,)."""
        encoder = ENCODERS[kind].fit("", column)
        values = encoder.profile_values(column, created_at)
        values = values[~np.isnan(values)]
        filled = int((column.codes != MISSING).sum())
        if names := encoder.profile_levels:
            counts = np.bincount(values.astype(np.intp), minlength=len(names)).tolist()
            levels = {name: count for name, count in zip(names, counts, strict=True) if count}
            return cls(kind, len(column), filled, levels)
        quantiles = np.quantile(values, SHARES, method="inverted_cdf").tolist() if len(values) else ()
        return cls(kind, len(column), filled, quantiles=tuple(quantiles))

    @property
    def fill_rate(self) -> float:
        """The share of the leads that have the field."""
        return self.filled / self.leads if self.leads else 0.0

    def share_of(self, level: str) -> float:
        """The share that a value has of the leads that have any."""
        return self.levels.get(level, 0) / max(self.filled, 1)

    def moved(self, other: Self) -> float:
        """How far apart two profiles are, among the leads that have the field: 0 for alike, 1 for nothing in common.

        For levels the share of leads that would have to change (total variation); for numbers the largest difference
        between the shares below any value (Kolmogorov-Smirnov), to about a twentieth. Chance is not taken off.
        """
        if not self.filled or not other.filled:
            return 0.0
        if self.levels or other.levels:
            names = {*self.levels, *other.levels}
            return sum(abs(self.share_of(name) - other.share_of(name)) for name in names) / 2
        at = np.unique([*self.quantiles, *other.quantiles])
        apart = np.abs(self._below(at) - other._below(at))
        return float(apart.max()) if len(apart) else 0.0

    def _below(self, values: Vector) -> Vector:
        """The share of leads at or below each value (k,)."""
        if not self.quantiles:
            return np.zeros(len(values))
        return np.array([0.0, *SHARES[:-1], 1.0])[np.searchsorted(self.quantiles, values, side="right")]

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        return cls(**{**state, "kind": Kind(state["kind"]), "quantiles": tuple(state["quantiles"])})


@dataclass(frozen=True)
class Profile:
    """A table of leads: how many, how many arrived in each month (YYYY-MM), its sources, and each arrival field."""

    leads: int
    months: Mapping[str, int]
    source: FieldProfile | None
    fields: Mapping[str, FieldProfile]

    @classmethod
    def of(cls, leads: LeadTable, schema: LeadSchema) -> Self:
        """The profile of a table of leads."""
        created_at = leads.created_at
        fields = {
            one.name: FieldProfile.of(one.kind, leads.fields[one.name], created_at) for one in schema.arrival_fields
        }
        source = None if leads.source is None else FieldProfile.of(Kind.CATEGORY, leads.source, created_at)
        months = {} if created_at is None else _count_months(created_at)
        return cls(len(leads), months, source, fields)

    def to_json(self) -> dict[str, Any]:
        """Plain data that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        source = state["source"]
        fields = {name: FieldProfile.from_json(one) for name, one in state["fields"].items()}
        return cls(state["leads"], state["months"], source and FieldProfile.from_json(source), fields)


def _count_months(created_at: Times) -> dict[str, int]:
    dated = created_at[~np.isnat(created_at)]
    months, leads = np.unique(dated.astype("datetime64[M]"), return_counts=True)
    return dict(zip(months.astype(str).tolist(), leads.tolist(), strict=True))
