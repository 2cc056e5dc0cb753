"""The training examples of a fit, spread over the workers of a cluster, and the boosters that lightgbm.dask fits."""

from collections.abc import Sequence
from contextlib import suppress

import dask
import dask.array as da
import numpy as np
from distributed import Client, Future
from lightgbm import Booster, DaskLGBMRegressor

from features.encoders.feature_encoder import FeatureEncoder
from stats.types import Matrix, Vector
from training.cluster.encoder import encode_rows
from training.cluster.remote_leads import PartOfTable
from training.cluster.session import CONNECT_S, Session
from training.models.boosting import BoosterSpec

TRAIN_PART = "_train_part"
"""What lightgbm.dask runs on each worker."""
FREE_S = 60
"""Seconds that a worker may take to start anew."""


class SpreadSamples:
    """X by partition, as workers encode it, with y and weights beside it; a connection of its own holds them.

    Partitions are dealt out to the workers in turn, so that each holds leads of all times: the bins of a column are
    found by one worker.
    """

    def __init__(
        self, session: Session, parts: Sequence[PartOfTable], encoder: FeatureEncoder, y: Vector, weight: Vector
    ) -> None:
        self._watch, self._columns = session, encoder.columns
        self._own = Session(
            session.scheduler, Client(session.client.scheduler.address, timeout=CONNECT_S, set_as_default=False)
        )
        self._sizes = [len(rows) for _, rows in parts]
        workers = sorted(session.workers)
        self.workers = workers[: len(parts)]
        self._places = [workers[number % len(workers)] for number in range(len(parts))]
        (shared,) = self._own.share(encoder)
        self._X = [
            self._own.submit(encode_rows, part, shared, workers=[place])
            for part, place in zip(parts, self._places, strict=True)
        ]
        self._y, self._weight = self._spread(y), self._spread(weight)

    def fit(self, spec: BoosterSpec, rounds: int, seed: int, crossed: Matrix | None) -> Booster:
        """A booster of so many rounds; `crossed` (n, k) are more columns, in the order of the parts."""
        X, width = self._X, len(self._columns)
        if crossed is not None:
            width += crossed.shape[1]
            X = [
                self._own.submit(_append_columns, one, more, workers=[place])
                for one, more, place in zip(X, self._spread(crossed), self._places, strict=True)
            ]
        parameters = spec.parameters_for(sum(self._sizes), seed)
        del parameters["num_threads"]  # as many as a worker has
        model = DaskLGBMRegressor(client=self._own.client, n_estimators=rounds, **parameters)
        categories = [number for number, column in enumerate(self._columns) if column.levels]
        model.fit(
            self._join(X, (width,)),
            self._join(self._y),
            sample_weight=self._join(self._weight),
            categorical_feature=categories,
        )
        return model.booster_

    def lost_workers(self) -> list[str]:
        """The addresses of the workers that hold samples and are gone."""
        return sorted(set(self.workers) - set(self._watch.workers))

    def abandon(self) -> None:
        """Give up what was begun: workers that are still in a fit can only be started anew."""
        busy = [
            worker
            for worker, keys in self._watch.client.processing().items()
            if worker in self.workers and any(TRAIN_PART in str(key) for key in keys)
        ]
        self.close()
        if busy:
            with suppress(ValueError):  # without a nanny a worker stays in the fit, and takes no more work
                self._watch.client.restart_workers(busy, timeout=FREE_S, raise_for_error=False)
        self._watch.client.wait_for_workers(1, timeout=FREE_S)

    def close(self) -> None:
        """Let the workers forget the samples."""
        self._own.client.close()

    def _spread(self, values: Vector | Matrix) -> list[Future]:
        """The values (n,) or (n, k) of each part, beside its leads."""
        pieces = np.split(values, np.cumsum(self._sizes)[:-1])
        return [
            self._own.submit(_keep, piece, workers=[place]) for piece, place in zip(pieces, self._places, strict=True)
        ]

    def _join(self, futures: Sequence[Future], width: tuple[int, ...] = ()) -> da.Array:
        """One array of the pieces of all parts, which stay where they are."""
        pieces = [
            da.from_delayed(dask.delayed(future), (size, *width), dtype=np.float64)
            for future, size in zip(futures, self._sizes, strict=True)
        ]
        return da.concatenate(pieces)


def _keep(values: Vector | Matrix) -> Vector | Matrix:
    return values


def _append_columns(X: Matrix, more: Matrix) -> Matrix:
    return np.hstack([X, more])
