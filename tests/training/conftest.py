"""A small but whole training run, for whatever shows or stores one."""

import pytest

from tests.training.registry.runs import small_run
from training.training_run import TrainingRun


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    return small_run(tmp_path_factory.mktemp("config"))
