"""Encoders of leads that are spread over a cluster: workers count values, and the counts add up exactly."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from features.encoders.feature_encoder import FeatureEncoder
from features.encoders.field_encoder import Counts
from features.lead_table import parse_leads
from features.schema import LeadSchema
from stats.types import Matrix
from training.cluster.remote_leads import PartitionedTable, PartOfTable, frames_of
from training.data.dataset import Dataset


def fit_encoder(table: PartitionedTable, dataset: Dataset, parts: Sequence[PartOfTable]) -> FeatureEncoder:
    """The encoder of all leads of a dataset, which are these parts of the table: the same as on one machine."""
    counts = add_counts(table.session.map(count_values, parts, table.schema))
    return FeatureEncoder.from_counts(table.schema, counts, len(dataset))


def count_values(part: PartOfTable, schema: LeadSchema) -> list[Counts]:
    """The counts of some rows of a partition, on a worker."""
    return add_counts(
        FeatureEncoder.count(parse_leads(frame, schema, unique=False), schema) for frame in frames_of(part, schema)
    )


def add_counts(parts: Iterable[Sequence[Counts]]) -> list[Counts]:
    """The sums of the counts of all parts, for each arrival field."""
    total: list[Counts] = []
    for part in parts:
        if not total:
            total = list(part)
            continue
        for fields, more in zip(total, part, strict=True):
            for counter, counted in zip(fields, more, strict=True):
                counter.update(counted)
    return total


def encode_rows(part: PartOfTable, encoder: FeatureEncoder, columns: NDArray[np.intp] | None = None) -> Matrix:
    """The matrix (m, d) of some rows of a partition, on a worker, or some of its columns."""
    taken = slice(None) if columns is None else columns
    encoded = [
        encoder.encode(parse_leads(frame, encoder.schema, unique=False))[:, taken]
        for frame in frames_of(part, encoder.schema)
    ]
    return np.concatenate(encoded)
