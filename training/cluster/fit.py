"""What a training run asks of a cluster: the encoder of all leads, and boosters that are fitted on all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from lightgbm import Booster

from features.config import ScoringConfig
from features.encoders.feature_encoder import FeatureEncoder
from features.lead_rows import LeadRows
from stats.types import Rows, Vector
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
from training.models.crosses import Pair
from training.models.ensemble import Ensemble, EnsembleSpec, Job, assemble, list_jobs
from training.models.logistic import fit_logistic


@dataclass(frozen=True)
class TrainingCluster:
    """A cluster that reads the leads table and fits on all of it.

    A fit may take `fit_timeout_s`, then it is begun again; `note` is told why.
    """

    session: Session
    fit_timeout_s: float
    note: Callable[[str], None]

    def read_lead_rows(self, config: ScoringConfig) -> LeadRows:
        """The leads table of a scoring.toml, whose fields stay on the cluster."""
        partitions = list_partitions(config.locate(config.leads.table))
        return read_lead_rows(config, PartitionedTable(self.session, partitions, config.schema_))

    def fit_encoder(self, dataset: Dataset) -> FeatureEncoder:
        """The encoder of all leads of a dataset."""
        spread = _Spread.of(dataset)
        return spread_encoder.fit_encoder(spread.table, dataset, spread.parts)

    def fit_ensemble(self, spec: EnsembleSpec, sample: EncodedSamples, dataset: Dataset, seed: int) -> Ensemble:
        """The ensemble whose boosters are fitted on all leads of a dataset, and its logistic regression on a sample."""
        jobs = list_jobs(spec, seed)
        boosters = self._fit_boosters(jobs, sample.encoder, dataset) if jobs else {}
        weighted = sample.samples.with_recency_weights(spec.half_life)
        logistic = fit_logistic(weighted) if spec.logistic_weight else Additive(0.0)
        return assemble(spec, logistic, boosters, seed)

    def _fit_boosters(
        self, jobs: Mapping[Job, BoosterSpec], encoder: FeatureEncoder, dataset: Dataset
    ) -> dict[Job, FittedBooster]:
        half_life = next(iter(jobs)).half_life
        fit = _EnsembleFit(self.session, _Spread.of(dataset), encoder, dataset, half_life)
        fitted = {}
        try:
            for job, spec in jobs.items():
                begin = partial(_BoosterFit, fit, spec, job)
                booster = run_with_restarts(begin, self.fit_timeout_s, self.note)
                fitted[job] = FittedBooster(booster, fit.crosses.crosses if fit.crosses and spec.pairs else None)
        finally:
            fit.forget()
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

    def __init__(
        self, session: Session, spread: _Spread, encoder: FeatureEncoder, dataset: Dataset, half_life: float | None
    ) -> None:
        self.session, self.spread, self.encoder = session, spread, encoder
        no_columns = np.empty((len(dataset), 0))
        labelled = Samples((), no_columns, dataset.won, dataset.sample_weight)
        self.labelled = labelled.with_recency_weights(half_life)
        self.crosses: SpreadCrosses | None = None
        self._spread_samples: SpreadSamples | None = None

    def samples(self) -> SpreadSamples:
        if self._spread_samples is None:
            y, weight = self._in_order(self.labelled.y), self._in_order(self.labelled.fit_weight)
            self._spread_samples = SpreadSamples(self.session, self.spread.parts, self.encoder, y, weight)
        return self._spread_samples

    def ordered_rates(self, pairs: Sequence[Pair], seed: int) -> Vector | None:
        if not pairs:
            return None
        if self.crosses is None:
            spread = self.spread
            self.crosses = SpreadCrosses.fit(spread.table, spread.parts, spread.order, self.encoder, self.labelled, pairs)
        return self._in_order(self.crosses.ordered_rates(seed))

    def _in_order(self, values: Vector) -> Vector:
        return values[self.spread.order]

    def forget(self) -> None:
        if self._spread_samples is not None:
            self._spread_samples.close()
            self._spread_samples = None

    def abandon(self) -> None:
        if self._spread_samples is not None:
            self._spread_samples.abandon()
            self._spread_samples = None


@dataclass(frozen=True)
class _BoosterFit:
    """One attempt at a booster."""

    ensemble: _EnsembleFit
    spec: BoosterSpec
    job: Job

    def run(self) -> Booster:
        rates = self.ensemble.ordered_rates(self.spec.pairs, self.job.seed)
        return self.ensemble.samples().fit(self.spec, self.job.rounds, self.job.seed, rates)

    def lost_workers(self) -> list[str]:
        return self.ensemble.lost_workers()

    def abandon(self) -> None:
        self.ensemble.abandon()
