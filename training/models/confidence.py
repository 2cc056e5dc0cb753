"""How much stands behind a lead's score: what the training leads were like in, a word beside the probability out.

A calibrated probability is right on average. It says little of a lead from a source that hardly anybody called, with
values that no training lead had, or with few of the fields that carry the score; such a lead says so, and where it is
its source of which little is known, its interval is as wide as sources differ.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from features.encoders import Category
from features.lead import Value
from features.lead_table import MISSING, LeadTable
from features.schema import LeadSchema

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Confidence(StrEnum):
    """Whether enough is known of leads like this one."""

    OK = "ok"
    FEW_LIKE_IT = "few like it"
    UNSEEN_VALUES = "unseen values"
    FEW_FIELDS = "few fields"


@dataclass(frozen=True)
class Evidence:
    """What a model keeps of its training leads to tell what it knows little of.

    `telling` are the category fields that weigh in the score and of which hardly a training lead held a rare value, so
    that one never seen says nothing. `weights` (k,) are what each arrival field carries of the score, adding up to 1;
    a lead whose filled fields carry less than `least_filled` knows too little. `sources` are those of which enough
    leads were worked, None where sources are not known; any other has its interval widened in log-odds by its `width`,
    or by `widest` where it has none. Sources are compared without case.
    """

    telling: tuple[str, ...]
    weights: tuple[float, ...]
    least_filled: float
    sources: tuple[str, ...] | None = None
    widths: Mapping[str, float] | None = None
    widest: float = 0.0

    def confidence(self, unseen: Collection[str], values: Sequence[Value], source: Value) -> Confidence:
        """The word for one lead: its fields that hold a value never seen, the values of all its fields, its source."""
        if any(field in self.telling for field in unseen):
            return Confidence.UNSEEN_VALUES
        if not self._knows_source(source):
            return Confidence.FEW_LIKE_IT
        filled = sum(weight for weight, value in zip(self.weights, values, strict=True) if value is not None)
        return Confidence.FEW_FIELDS if filled < self.least_filled else Confidence.OK

    def widen(self, interval: tuple[float, float], probability: float, source: Value) -> tuple[float, float]:
        """The interval of a lead's probability, at least as wide as little is known of its source."""
        if self._knows_source(source):
            return interval
        width = (self.widths or {}).get(source_key(source), self.widest)
        middle = logit(probability)
        return min(interval[0], float(expit(middle - width))), max(interval[1], float(expit(middle + width)))

    def of_table(self, leads: LeadTable, schema: LeadSchema, unseen: Mapping[str, Mask]) -> NDArray[np.object_]:
        """The word for each of n leads; `unseen` says for fields which leads (n,) hold a value never seen."""
        filled = np.zeros(len(leads))
        for field, weight in zip(schema.arrival_fields, self.weights, strict=True):
            filled += weight * (leads.fields[field.name].codes != MISSING)
        words = np.full(len(leads), Confidence.OK.value, dtype=object)  # of text, the width would cut longer words off
        words[filled < self.least_filled] = Confidence.FEW_FIELDS.value
        if self.sources is not None and leads.source is not None:
            known = np.array([self._knows_source(value) for value in (*leads.source.values, None)])
            words[~known[leads.source.codes]] = Confidence.FEW_LIKE_IT.value
        elif not self._knows_source(None):
            words[:] = Confidence.FEW_LIKE_IT.value
        for name in unseen.keys() & set(self.telling):
            words[unseen[name]] = Confidence.UNSEEN_VALUES.value
        return words

    def _knows_source(self, source: Value) -> bool:
        return self.sources is None or source_key(source) in self.sources

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        tuples = {name: tuple(state[name]) for name in ("telling", "weights")}
        sources = None if state["sources"] is None else tuple(state["sources"])
        return cls(**{**state, **tuples, "sources": sources})


def source_key(source: Value) -> str:
    """A source as it is compared; empty where a lead has none."""
    return "" if source is None else str(source).casefold()


def of_unseen(unseen: Collection[str]) -> Confidence:
    """The word for a lead of a model that kept no evidence: only its unseen values are known."""
    return Confidence.UNSEEN_VALUES if unseen else Confidence.OK


def never_seen(encoder: Category, leads: LeadTable) -> Mask:
    """Which leads (n,) hold a value of a category field that no training lead held."""
    column = leads.fields[encoder.field]
    unknown = np.array([not encoder.has_seen(value) for value in (*column.values, None)])
    return np.asarray(unknown[column.codes], dtype=bool)
