"""The MLflow model: its signatures."""

from mlflow.types import DataType

from training.registry.packaging import make_signature, make_typed_signature
from training.training_run import TrainingRun


def test_only_the_arrival_time_is_required_by_the_signature(run: TrainingRun) -> None:
    inputs = make_signature(run.model.schema).inputs
    assert inputs.required_input_names() == ["created"]
    assert inputs.input_names()[:3] == ["id", "created", "utm_source"]
    assert "calls" not in inputs.input_names()


def test_the_typed_signature_has_doubles_for_numbers_and_text_for_all_else(run: TrainingRun) -> None:
    signature = make_typed_signature(run.model.schema)
    types = dict(zip(signature.inputs.input_names(), signature.inputs.input_types(), strict=True))

    assert {name for name, kind in types.items() if kind is DataType.double} == {"age"}
    assert {kind for name, kind in types.items() if name != "age"} == {DataType.string}
    assert signature.inputs.required_input_names() == ["created"]
    assert signature.outputs.input_names()[-2:] == ["reason_2", "reason_3"]
