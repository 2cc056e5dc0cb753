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
from training.models.crosses import Cross, Crosses


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
        crosses: tuple[Cross, ...],
    ) -> Self:
        """These crosses; `samples` have labels and weights, `order` (n,) gives them that of the parts."""
        names = {name for cross in crosses for name in cross}
        places = np.array([n for n, column in enumerate(encoder.columns) if column.name in names], dtype=np.intp)
        X = np.empty((len(samples), len(places)))
        X[order] = np.concatenate([*table.session.map(encode_rows, parts, encoder, places)])
        own = replace(samples, columns=[encoder.columns[place] for place in places], X=X)
        narrow = Crosses.fit(own, crosses)
        binnings = tuple(replace(binning, column=int(places[binning.column])) for binning in narrow.binnings)
        return cls(replace(narrow, binnings=binnings), narrow, own)

    def take_first(self, count: int) -> Self:
        """The first so many crosses; a spec that is crossed in threes has the pairs first."""
        return replace(self, crosses=self.crosses.take_first(count), narrow=self.narrow.take_first(count))

    def ordered_rates(self, seed: int) -> Matrix:
        """The rates (n, k) of each lead's crosses by the leads before it, in the order of the samples."""
        return self.narrow.append_ordered(self.samples, seed)[:, self.samples.X.shape[1] :]
