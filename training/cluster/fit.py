"""Fits on a cluster: the encoder of all leads, and boosters that are trained on all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from lightgbm import Booster

from features.config import ScoringConfig
from features.encoders.feature_encoder import FeatureEncoder
from features.lead_rows import LeadRows
from stats.types import Matrix, Rows, Vector
from training.cluster import encoder as spread_encoder
from training.cluster.crosses import SpreadCrosses
from training.cluster.partitions import list_partitions
from training.cluster.read_leads import read_lead_rows
from training.cluster.remote_leads import PartitionedTable, PartOfTable, RemoteFields
from training.cluster.restarts import run_with_restarts
from training.cluster.session import Session
from training.cluster.spread_samples import SpreadSamples
from training.data.dataset import Dataset
from training.data.encoded_samples import EncodedSamples
from training.data.samples import Samples
from training.models.additive import Additive
from training.models.boosting import BoosterSpec, FittedBooster
from training.models.crosses import Cross
from training.models.ensemble import Ensemble, EnsembleSpec, Job, assemble, list_jobs
from training.models.logistic import fit_logistic


@dataclass(frozen=True)
class TrainingCluster:
    """A cluster that reads the leads table and fits on all of it.

    A fit may take `fit_timeout_s`, then it is begun again; `note` is called with the reason.
    """

    session: Session
    fit_timeout_s: float
    note: Callable[[str], None]

    def read_lead_rows(self, config: ScoringConfig) -> LeadRows:
        """The leads table of a scoring.toml, whose fields stay on the cluster."""
        partitions = list_partitions(config.locate(config.leads.table))
        return read_lead_rows(config, PartitionedTable(self.session, partitions, config.lead_schema))

    def fit_encoder(self, dataset: Dataset) -> FeatureEncoder:
        """The encoder of all leads of a dataset."""
        spread = _Spread.of(dataset)
        return spread_encoder.fit_encoder(spread.table, dataset, spread.parts)

    def fit_ensemble(self, dataset: Dataset, spec: EnsembleSpec, sample: EncodedSamples, seed: int) -> Ensemble:
        """The ensemble whose boosters are fitted on all leads of a dataset, and its logistic regression on a sample."""
        jobs = list_jobs(spec, seed)
        boosters = self._fit_boosters(jobs, sample.encoder, dataset) if jobs else {}
        weighted = sample.samples.with_recency_weights(spec.half_life)
        logistic = fit_logistic(weighted) if spec.logistic_weight else Additive(0.0)
        return assemble(spec, logistic, boosters, seed)

    def _fit_boosters(
        self, jobs: Mapping[Job, BoosterSpec], encoder: FeatureEncoder, dataset: Dataset
    ) -> dict[Job, FittedBooster]:
        fit = _EnsembleFit(self.session, encoder, dataset, next(iter(jobs)).half_life)
        widest = max((spec.crosses for spec in jobs.values()), key=len)
        fitted_crosses = fit.cross(widest) if widest else None
        fitted = {}
        try:
            for job, spec in jobs.items():
                crosses = fitted_crosses.take_first(len(spec.crosses)) if fitted_crosses and spec.crosses else None
                rates = fit.in_order(crosses.ordered_rates(job.seed)) if crosses else None
                begin = partial(_BoosterFit, fit, spec, job, rates)
                booster = run_with_restarts(begin, self.fit_timeout_s, self.note)
                fitted[job] = FittedBooster(booster, crosses.crosses if crosses else None)
        finally:
            fit.close()
        return fitted


@dataclass(frozen=True)
class _Spread:
    """Where the leads (n,) of a dataset are: their table, the parts of it, and the `order` (n,) of the parts."""

    table: PartitionedTable
    parts: Sequence[PartOfTable]
    order: Rows

    @classmethod
    def of(cls, dataset: Dataset) -> "_Spread":
        fields = dataset.leads.fields
        assert isinstance(fields, RemoteFields)  # noqa: S101 - read by `read_lead_rows`
        order = np.argsort(fields.rows, kind="stable")
        return cls(fields.table, fields.table.split(fields.rows[order]), order)


class _EnsembleFit:
    """What the boosters of one ensemble have in common; the samples are spread anew after a failure."""

    def __init__(self, session: Session, encoder: FeatureEncoder, dataset: Dataset, half_life: float | None) -> None:
        self._session, self._encoder, self._spread = session, encoder, _Spread.of(dataset)
        labelled = Samples((), np.empty((len(dataset), 0)), dataset.won, dataset.sample_weight)
        self._labelled = labelled.with_recency_weights(half_life)
        self.samples: SpreadSamples | None = None

    def cross(self, crosses: tuple[Cross, ...]) -> SpreadCrosses:
        """These crosses, fitted."""
        spread = self._spread
        order = (spread.table, spread.parts, spread.order)
        return SpreadCrosses.fit(*order, self._encoder, self._labelled, crosses)

    def spread_samples(self) -> SpreadSamples:
        """The samples on the workers that are there now."""
        y, weight = self.in_order(self._labelled.y), self.in_order(self._labelled.fit_weight)
        return SpreadSamples(self._session, self._spread.parts, self._encoder, y, weight)

    def in_order(self, values: Vector) -> Vector:
        """The values (n,) or (n, k) of all leads, in the order of the parts."""
        return values[self._spread.order]

    def close(self) -> None:
        if self.samples is not None:
            self.samples.close()


class _BoosterFit:
    """One attempt at a booster; the samples of a successful one serve the next booster."""

    def __init__(self, ensemble: _EnsembleFit, spec: BoosterSpec, job: Job, rates: Matrix | None) -> None:
        self._ensemble, self._spec, self._job, self._rates = ensemble, spec, job, rates
        self._samples = ensemble.samples
        self._is_abandoned = False

    def run(self) -> Booster:
        self._samples = self._samples or self._ensemble.spread_samples()
        booster = self._samples.fit(self._spec, self._job.rounds, self._job.seed, self._rates)
        if not self._is_abandoned:
            self._ensemble.samples = self._samples
        return booster

    def lost_workers(self) -> list[str]:
        return self._samples.lost_workers() if self._samples else []

    def abandon(self) -> None:
        self._is_abandoned = True
        self._ensemble.samples = None
        if self._samples:
            self._samples.abandon()
