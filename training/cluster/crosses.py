"""Crosses of leads that are spread over a cluster.

A lead's rate is that of the leads before it in a random order of all, so the columns that are crossed come to the
client, eight bytes a lead and column; bins, rates and order are those of one machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.encoders.feature_encoder import FeatureEncoder
from stats.types import Matrix, Rows
from training.cluster.encoder import encode_rows
from training.cluster.remote_leads import PartitionedTable, PartOfTable
from training.data.samples import Samples
from training.models.crosses import Crosses, Crossing


@dataclass(frozen=True)
class SpreadCrosses:
    """Fitted crosses of all columns; `samples` hold the crossed columns alone, and `narrow` the crosses of those."""

    crosses: Crosses
    narrow: Crosses
    samples: Samples

    @classmethod
    def fit(
        cls,
        table: PartitionedTable,
        parts: Sequence[PartOfTable],
        order: Rows,
        encoder: FeatureEncoder,
        samples: Samples,
        crosses: Crossing,
    ) -> Self:
        """These crosses; `samples` have labels and weights, `order` (n,) gives them that of the parts."""
        names = {name for cross in crosses for name in cross}
        crossed = np.array([n for n, column in enumerate(encoder.columns) if column.name in names], dtype=np.intp)
        X = np.empty((len(samples), len(crossed)))
        X[order] = np.concatenate([*table.session.map(encode_rows, parts, encoder, crossed)])
        own = replace(samples, columns=[encoder.columns[column] for column in crossed], X=X)
        narrow = Crosses.fit(own, crosses)
        binnings = tuple(replace(binning, column=int(crossed[binning.column])) for binning in narrow.binnings)
        return cls(replace(narrow, binnings=binnings), narrow, own)

    def ordered_rates(self, seed: int) -> Matrix:
        """The rates (n, k) of each lead's crosses by the leads before it, in the order of the samples."""
        return self.narrow.append_ordered(self.samples, seed)[:, self.samples.X.shape[1] :]
