"""Whether the training data support the score of a lead, as a word beside its probability.

A calibrated probability is right on average. It says little of a lead from a source that hardly anybody called, with
values that no training lead had, or with few of the fields that carry the score; such a lead says so, and where it is
its source of which little is known, its interval is as wide as sources differ.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
class TrainingSupport:
    """What a model keeps of its training leads, to say where it extrapolates. Sources are compared without case.

    Attributes:
        novelty_fields: category fields that matter in the score and of which hardly a training lead held a rare value,
            so that the score says nothing of a value never seen.
        field_shares: the share (k,) of the score that each arrival field carries, adding up to 1.
        least_filled_share: a lead whose filled fields carry less than this has too few fields.
        known_sources: those of which enough leads were contacted; None where sources are not known.
        source_widths: by how much, in log-odds, the interval of any other source's lead is widened at least.
        new_source_width: the same for a source that has no width.
    """

    novelty_fields: tuple[str, ...]
    field_shares: tuple[float, ...]
    least_filled_share: float
    known_sources: tuple[str, ...] | None = None
    source_widths: Mapping[str, float] | None = None
    new_source_width: float = 0.0

    def confidence(self, unseen: Collection[str], values: Sequence[Value], source: Value) -> Confidence:
        """The word for one lead: its fields with a value never seen, the values of all its fields, its source."""
        if any(field in self.novelty_fields for field in unseen):
            return Confidence.UNSEEN_VALUES
        if not self._is_known_source(source):
            return Confidence.FEW_LIKE_IT
        filled = sum(share for share, value in zip(self.field_shares, values, strict=True) if value is not None)
        return Confidence.FEW_FIELDS if filled < self.least_filled_share else Confidence.OK

    def widen(self, interval: tuple[float, float], probability: float, source: Value) -> tuple[float, float]:
        """The interval of a lead's probability, at least as wide as its source is uncertain."""
        if self._is_known_source(source):
            return interval
        width = (self.source_widths or {}).get(source_key(source), self.new_source_width)
        middle = logit(probability)
        return min(interval[0], float(expit(middle - width))), max(interval[1], float(expit(middle + width)))

    def confidence_of_table(
        self, leads: LeadTable, schema: LeadSchema, unseen: Mapping[str, Mask]
    ) -> NDArray[np.object_]:
        """The word for each of n leads; `unseen` says for fields which leads (n,) hold a value never seen."""
        filled = np.zeros(len(leads))
        for field, share in zip(schema.arrival_fields, self.field_shares, strict=True):
            filled += share * (leads.fields[field.name].codes != MISSING)
        words = np.full(len(leads), Confidence.OK.value, dtype=object)  # of text, the width would cut longer words off
        words[filled < self.least_filled_share] = Confidence.FEW_FIELDS.value
        if self.known_sources is not None and leads.source is not None:
            known = np.array([self._is_known_source(value) for value in (*leads.source.values, None)])
            words[~known[leads.source.codes]] = Confidence.FEW_LIKE_IT.value
        elif not self._is_known_source(None):
            words[:] = Confidence.FEW_LIKE_IT.value
        for name in unseen.keys() & set(self.novelty_fields):
            words[unseen[name]] = Confidence.UNSEEN_VALUES.value
        return words

    def _is_known_source(self, source: Value) -> bool:
        return self.known_sources is None or source_key(source) in self.known_sources

    def to_json(self) -> dict[str, Any]:
        """Under the keys that model.json has always had."""
        return {
            "telling": self.novelty_fields,
            "weights": self.field_shares,
            "least_filled": self.least_filled_share,
            "sources": self.known_sources,
            "widths": self.source_widths,
            "widest": self.new_source_width,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        sources = state["sources"]
        return cls(
            novelty_fields=tuple(state["telling"]),
            field_shares=tuple(state["weights"]),
            least_filled_share=state["least_filled"],
            known_sources=None if sources is None else tuple(sources),
            source_widths=state.get("widths"),
            new_source_width=state.get("widest", 0.0),
        )


def source_key(source: Value) -> str:
    """A source as it is compared; empty where a lead has none."""
    return "" if source is None else str(source).casefold()


def is_never_seen(encoder: Category, leads: LeadTable) -> Mask:
    """Which leads (n,) hold a value of a category field that no training lead held."""
    column = leads.fields[encoder.field]
    unknown = np.array([not encoder.has_seen(value) for value in (*column.values, None)])
    return np.asarray(unknown[column.codes], dtype=bool)
