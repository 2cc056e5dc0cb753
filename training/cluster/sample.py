"""The sample on which a run with a cluster searches and calibrates, and what such a run needs a cluster to do."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from features.encoders.feature_encoder import FeatureEncoder
from training.data.dataset import Dataset
from training.data.encoded_samples import EncodedSamples
from training.models.ensemble import Ensemble, EnsembleSpec
from training.search.time_budget import RowBudget


class Cluster(Protocol):
    """Workers that hold the fields of all leads of a dataset."""

    def fit_encoder(self, dataset: Dataset) -> FeatureEncoder:
        """The encoder of all leads."""

    def fit_ensemble(self, dataset: Dataset, spec: EnsembleSpec, sample: EncodedSamples, seed: int) -> Ensemble:
        """The ensemble whose boosters are fitted on all leads, and its logistic regression on a sample of them."""


def take_sample(dataset: Dataset, rows: RowBudget) -> Dataset:
    """The examples that one machine would fit on, and as many of the young leads, drawn at random."""
    young = np.random.default_rng(rows.seed).permutation(len(dataset.young))[: rows.most_fitted]
    sample = dataset.take(rows.cut_for_fit(np.arange(len(dataset))))
    return replace(sample, young=dataset.young.take(np.sort(young)))


def note_sample(sample: Dataset, dataset: Dataset, spec: EnsembleSpec | None, order: str) -> str:
    """What was fitted on a sample of a dataset, and what on all of it."""
    which = "all leads"
    if len(sample) < len(dataset):
        part = "a random part of the leads" if order == "none" else "the newest leads"
        which = f"{part}, {len(sample):,} of {len(dataset):,} (a larger budget takes more)"
    counted = f"all {len(dataset):,} leads were labelled and their values counted on the cluster"
    if spec is None or not spec.members:
        return f"{counted}; the model itself was fitted, calibrated and judged on {which}"
    own = "; so was the logistic regression in it" if spec.logistic_weight else ""
    return (
        f"{counted}, and the trees fitted on all of them, by several workers, so that another run differs in the last "
        f"digits; search, calibration and gate used {which}{own}"
    )
