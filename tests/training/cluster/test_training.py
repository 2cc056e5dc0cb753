"""A run whose fields stay on a cluster is the run of one machine, but for the boosters that are fitted there."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from features.config import ScoringConfig
from features.history import History, read_history
from tests.training.cluster.tables import ThisProcess, make_config, make_leads, remote_history, write_partitions
from training.cluster.fit import TrainingCluster
from training.data.dataset import Dataset
from training.data.encoded_samples import EncodedSamples
from training.model import ScoringModel
from training.models.ensemble import Ensemble, EnsembleSpec
from training.pipeline import Settings, train
from training.training_run import TrainingRun


@dataclass(frozen=True)
class FitsHere(TrainingCluster):
    """Fits on all leads as one machine does."""

    def fit_ensemble(self, dataset: Dataset, spec: EnsembleSpec, sample: EncodedSamples, seed: int) -> Ensemble:
        rows = np.arange(len(dataset))
        everything = EncodedSamples.from_rows(dataset, rows, sample.encoder.schema, sample.encoder)
        return spec.fit(everything.samples, seed)


def run(
    config: ScoringConfig, history: History, budget_s: float, cluster: TrainingCluster | None = None
) -> TrainingRun:
    settings = Settings(as_of=None, budget_s=budget_s, seed=7, trials=1)
    return train(config, history, settings, None, lambda: 0.0, lambda *_: None, cluster)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table")
    table = make_leads(1_200)
    table.to_parquet(folder / "whole.parquet", index=False)
    write_partitions(table, folder / "parts", rows_a_group=200)
    return folder


def saved(model: ScoringModel, folder: Path) -> list[bytes]:
    model.save(folder)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def test_the_model_is_that_of_one_machine(folder: Path, tmp_path: Path) -> None:
    parts = make_config(folder, "parts")
    cluster = FitsHere(ThisProcess(), 60.0, print)
    there = run(parts, remote_history(parts), 60.0, cluster)
    whole = make_config(folder, "whole.parquet")
    here = run(whole, read_history(whole), 60.0)
    assert saved(there.model, tmp_path / "there") == saved(here.model, tmp_path / "here")
    assert there.evaluation.metrics == here.evaluation.metrics
    assert there.refused == here.refused
    assert [note for note in there.notes if "cluster" not in note] == [*here.notes]
    assert "search, calibration and gate used all leads" in " ".join(there.notes)


def test_what_is_searched_on_a_sample_is_told_and_the_rest_is_of_all_leads(folder: Path) -> None:
    config = make_config(folder, "parts")
    made = run(config, remote_history(config), 0.1, FitsHere(ThisProcess(), 60.0, print))
    assert len(made.examined) == 1_000 < len(made.dataset)
    assert f"the newest leads, 1,000 of {len(made.dataset):,}" in " ".join(made.notes)
    assert made.examined.leads.lead_id.tolist() == made.dataset.leads.lead_id[-1_000:].tolist()
