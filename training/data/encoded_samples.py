"""Samples with the encoder that was fitted on the same leads."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.encoders.feature_encoder import FeatureEncoder
from features.schema import LeadSchema
from training.data.dataset import Dataset
from training.data.samples import Samples


@dataclass(frozen=True)
class EncodedSamples:
    """A fitted encoder, the rows (n,) of the dataset that it was fitted on, and the samples they make."""

    encoder: FeatureEncoder
    rows: NDArray[np.intp]
    samples: Samples

    @classmethod
    def from_rows(cls, dataset: Dataset, rows: NDArray[np.intp], schema: LeadSchema) -> Self:
        """Fit an encoder on these rows (n,) of a dataset, and encode them."""
        leads = dataset.leads.take(rows)
        encoder = FeatureEncoder.fit(leads, schema)
        samples = Samples(
            columns=encoder.columns,
            X=encoder.encode(leads),
            y=dataset.won[rows],
            sample_weight=dataset.sample_weight[rows],
            observed_share=dataset.observed_share[rows],
        )
        return cls(encoder, rows, samples)

    def take(self, places: NDArray[np.intp]) -> Self:
        """Some of the samples (m,), still encoded by the encoder of all."""
        return replace(self, rows=self.rows[places], samples=self.samples.take(places))
