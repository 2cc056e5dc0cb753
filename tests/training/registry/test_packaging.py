"""The MLflow model: its signature."""

from typing import TYPE_CHECKING

from training.registry.packaging import make_signature
from training.training_run import TrainingRun

if TYPE_CHECKING:
    pass


def test_only_the_arrival_time_is_required_by_the_signature(run: TrainingRun) -> None:
    inputs = make_signature(run.model.schema).inputs
    assert inputs.required_input_names() == ["created"]
    assert inputs.input_names()[:3] == ["id", "created", "utm_source"]
    assert "calls" not in inputs.input_names()
