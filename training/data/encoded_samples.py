"""Samples with the encoder that was fitted on the same leads."""

from dataclasses import dataclass, replace
from typing import Self

from features.encoders.feature_encoder import FeatureEncoder
from features.schema import LeadSchema
from stats.types import Rows
from training.data.dataset import Dataset
from training.data.samples import Samples


@dataclass(frozen=True)
class EncodedSamples:
    """A fitted encoder, rows (n,) of a dataset that it was fitted on, alone or among others, and their samples."""

    encoder: FeatureEncoder
    rows: Rows
    samples: Samples

    @classmethod
    def from_rows(cls, dataset: Dataset, rows: Rows, schema: LeadSchema, encoder: FeatureEncoder | None = None) -> Self:
        """Encode these rows (n,) of a dataset, by an encoder that is fitted on them where none is given."""
        leads = dataset.leads.take(rows)
        encoder = encoder or FeatureEncoder.fit(leads, schema)
        samples = Samples(
            columns=encoder.columns,
            X=encoder.encode(leads),
            y=dataset.won[rows],
            sample_weight=dataset.sample_weight[rows],
            observed_share=dataset.observed_share[rows],
        )
        return cls(encoder, rows, samples)

    def take(self, places: Rows) -> Self:
        """Some of the samples (m,), still encoded by the encoder of all."""
        return replace(self, rows=self.rows[places], samples=self.samples.take(places))
