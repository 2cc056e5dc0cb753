"""The training examples of a fit, spread over the workers of a cluster, and the boosters that lightgbm.dask fits."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import dask.array as da
import numpy as np
from dask.delayed import delayed
from distributed import Future, wait
from lightgbm import Booster, DaskLGBMRegressor, register_logger

from features.encoders.feature_encoder import FeatureEncoder
from stats.types import Matrix, Rows, Vector
from training.cluster.encoder import encode_rows
from training.cluster.remote_leads import PartOfTable
from training.cluster.session import Session
from training.models.boosting import BoosterSpec

SILENT = logging.getLogger("lightgbm.silent")
SILENT.disabled = True
"""lightgbm.dask prints which ports it looks for, and warns of the default of a parameter."""
TRAIN_PART = "_train_part"
"""What lightgbm.dask runs on each worker."""
FREE_S = 60
"""Seconds that a worker may take to start anew."""


class SpreadSamples:
    """X, y and weights of all leads, an equal share on each worker; a connection of their own holds them.

    The rows of every partition are dealt out to the workers in turn: the bins of a column are found by one worker, so
    its share has to be like all the rest, whatever the partitions go by.
    """

    def __init__(
        self, session: Session, parts: Sequence[PartOfTable], encoder: FeatureEncoder, y: Vector, weight: Vector
    ) -> None:
        self._watch, self._columns = session, encoder.columns
        self._own = session.open_another()
        self.workers = sorted(session.workers)
        self._rows = deal_rows([len(rows) for _, rows in parts], len(self.workers))
        (self._encoder,) = self._own.share(encoder)  # held as long as workers may have to encode again
        matrices = [self._own.submit(encode_rows, part, self._encoder) for part in parts]
        self._sources = matrices.copy()  # what is not held is forgotten, at times before the scheduler knows its use
        self._X: list[Future[Any]] = []
        for turn, worker in enumerate(self.workers):
            starts = first_rows(turn, len(parts), len(self.workers))
            hands = [
                self._own.submit(_take_every, X, int(start), len(self.workers))
                for X, start in zip(matrices, starts, strict=True)
            ]
            self._sources += hands
            self._X.append(self._own.submit(np.concatenate, hands, workers=[worker]))
        self._y, self._weight = self._spread(y), self._spread(weight)

    def fit(self, spec: BoosterSpec, rounds: int, seed: int, crossed: Matrix | None) -> Booster:
        """A booster of so many rounds; `crossed` (n, k) are more columns, in the order of the parts."""
        register_logger(SILENT)
        with self._own.client.as_current():
            wait(self._X)
            self._sources.clear()
            return self._fit(spec, rounds, seed, crossed)

    def _fit(self, spec: BoosterSpec, rounds: int, seed: int, crossed: Matrix | None) -> Booster:
        X, width = self._X, len(self._columns)
        if crossed is not None:
            width += crossed.shape[1]
            spread = self._spread(crossed)
            X = [
                self._own.submit(_append_columns, one, more, workers=[worker])
                for one, more, worker in zip(X, spread, self.workers, strict=True)
            ]
        parameters: dict[str, Any] = spec.parameters_for(sum(map(len, self._rows)), seed)
        del parameters["num_threads"]  # as many as a worker has
        model = DaskLGBMRegressor(client=self._own.client, n_estimators=rounds, **parameters)
        model.fit(
            self._join(X, (width,)),
            self._join(self._y),
            sample_weight=self._join(self._weight),
            categorical_feature=[number for number, column in enumerate(self._columns) if column.levels],
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
            with suppress(ValueError, TimeoutError):  # without a nanny a worker stays in the fit
                self._watch.client.restart_workers(busy, timeout=FREE_S, raise_for_error=False)
        self._watch.wait_for_workers(len(self.workers))

    def close(self) -> None:
        """Let the workers forget the samples."""
        self._own.client.close()

    def _spread(self, values: Vector | Matrix) -> "list[Future[Any]]":
        """The values (n,) or (n, k) of all leads, beside those leads."""
        return [
            self._own.submit(_keep, values[rows], workers=[worker])
            for rows, worker in zip(self._rows, self.workers, strict=True)
        ]

    def _join(self, futures: "Sequence[Future[Any]]", width: tuple[int, ...] = ()) -> da.Array:
        """One array of the shares of all workers, which stay where they are."""
        shares = [
            da.from_delayed(delayed(future), (len(rows), *width), dtype=np.float64)
            for future, rows in zip(futures, self._rows, strict=True)
        ]
        return da.concatenate(shares)


def first_rows(turn: int, parts: int, workers: int) -> Rows:
    """The first row (parts,) of each part that goes to a worker; every `workers`-th after it does too."""
    return (turn - np.arange(parts)) % workers


def deal_rows(sizes: Sequence[int], workers: int) -> list[Rows]:
    """For each worker the rows, counted through all parts of these sizes, that are dealt out to it."""
    ends = np.cumsum(sizes)
    dealt = []
    for turn in range(workers):
        starts = ends - sizes + first_rows(turn, len(sizes), workers)
        hands = [np.arange(start, end, workers) for start, end in zip(starts, ends, strict=True)]
        dealt.append(np.concatenate(hands).astype(np.intp))
    return dealt


def _take_every(X: Matrix, start: int, step: int) -> Matrix:
    return X[start::step].copy()


def _keep(values: Vector | Matrix) -> Vector | Matrix:
    return values


def _append_columns(X: Matrix, more: Matrix) -> Matrix:
    return np.hstack([X, more])
