"""A ScoringModel as an MLflow model that needs nothing of this project.

No pickle: MLflow's pyfunc is pointed at the native files and at a copy of the code that reads them.
"""

import importlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlflow.types.schema import AnyType

from features.schema import LeadSchema
from features.values import Kind
from training.model import REASONS, ScoringModel
from training.registry.integrity import digest
from training.registry.names import NATIVE
from training.registry.quiet import quiet
from training.registry.self_check import write_selfcheck
from training.registry.staging import stage_code

ENTRY = "training.registry.pyfunc"
NEEDED = ("mlflow", "lightgbm", "numpy", "pandas", "scikit-learn", "scipy")


def package(model: ScoringModel, examples: pd.DataFrame, identity: Model, folder: Path) -> str:
    """Write the MLflow model into `folder`, which is not there yet; returns the native files' digest."""
    with tempfile.TemporaryDirectory() as scratch:
        native = Path(scratch) / Path(NATIVE).name
        model.save(native)
        write_selfcheck(model, examples, native)
        code = stage_code(ENTRY, Path(scratch))
        _save(
            folder,
            loader_module=f"{code}.{ENTRY}",
            data_path=str(native),
            code_paths=[str(Path(scratch) / code)],
            mlflow_model=identity,
            signature=make_signature(model.schema),
            metadata={"lead_id": model.schema.id, "typed_signature": make_typed_signature(model.schema).to_dict()},
            input_example=(examples, {"reasons": REASONS}),
            pip_requirements=[f"{name}=={version(name)}" for name in NEEDED],
        )
        return digest(native)


def _save(folder: Path, **parts: object) -> None:
    """MLflow's own. It is slow to import, and warns when it is, so it is imported when it is needed."""
    with quiet():
        importlib.import_module("mlflow.pyfunc").save_model(folder, **parts)


def make_signature(schema: LeadSchema) -> ModelSignature:
    """Every column but the arrival time is optional, and of any type.

    MLflow refuses whole numbers in a column of doubles and numbers in a column of strings, and a CSV brings
    both; what a field really accepts is checked, and said, by the model.
    """
    types = dict.fromkeys(_names(schema), AnyType())  # type: ignore[no-untyped-call]
    return _sign(types, schema, (*_scores(), ColSpec(DataType.string, "confidence", required=False)))


def make_typed_signature(schema: LeadSchema) -> ModelSignature:
    """Numbers are doubles and all else is text, for platforms that refuse columns of any type, as Snowflake does.

    It is noted in the model's metadata, as a model has one signature; docs/spark.md says how to put it in place.
    """
    numbers = {field.name for field in schema.arrival_fields if field.kind is Kind.NUMERIC}
    types = {name: DataType.double if name in numbers else DataType.string for name in _names(schema)}
    return _sign(types, schema, _scores())


def _names(schema: LeadSchema) -> list[str]:
    roles = [schema.id, schema.created_at, schema.source, schema.campaign]
    return [*dict.fromkeys([name for name in roles if name] + [field.name for field in schema.arrival_fields])]


def _scores() -> Iterator[ColSpec]:
    """The columns that a model answers with unless it is asked for others."""
    yield ColSpec(DataType.string, "lead_id")
    yield ColSpec(DataType.double, "probability")
    yield ColSpec(DataType.string, "grade")
    yield ColSpec(DataType.double, "percentile")
    yield ColSpec(DataType.string, "model_version")
    for number in range(1, REASONS + 1):
        yield ColSpec(DataType.string, f"reason_{number}", required=False)


def _sign(types: Mapping[str, DataType | AnyType], schema: LeadSchema, outputs: Iterable[ColSpec]) -> ModelSignature:
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(kind, name, required=name == schema.created_at) for name, kind in types.items()
    ]
    params = ParamSchema(
        [ParamSpec("reasons", DataType.long, REASONS), ParamSpec("confidence", DataType.boolean, default=False)]
    )
    return ModelSignature(Schema(inputs), Schema([*outputs]), params)
