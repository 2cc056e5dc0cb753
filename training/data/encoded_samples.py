"""Leads as a fitted encoder sees them: the encoder learns from the very leads that the model will learn from."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.encoders.feature_encoder import FeatureEncoder
from features.schema import LeadSchema
from training.data.samples import Lessons
from training.labels.states import Dataset


@dataclass(frozen=True)
class Learned:
    """An encoder, the rows of the dataset (n,) it was fitted on, and the lessons they make."""

    encoder: FeatureEncoder
    rows: NDArray[np.intp]
    lessons: Lessons

    @classmethod
    def from_rows(cls, dataset: Dataset, rows: NDArray[np.intp], schema: LeadSchema) -> Self:
        leads = dataset.leads.take(rows)
        encoder = FeatureEncoder.fit(leads, schema)
        lessons = Lessons(
            encoder.columns, encoder.encode(leads), dataset.won[rows], dataset.weight[rows], dataset.known[rows]
        )
        return cls(encoder, rows, lessons)

    def take(self, places: NDArray[np.intp]) -> Self:
        """Some of the lessons (m,), as the same encoder sees them."""
        return replace(self, rows=self.rows[places], lessons=self.lessons.take(places))
