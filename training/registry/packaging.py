"""A ScoringModel as an MLflow model that needs nothing of this project.

No pickle: MLflow's pyfunc is pointed at the native files and at a copy of the code that reads them.
"""

import importlib
import tempfile
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlflow.types.schema import AnyType

from features.schema import LeadSchema
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
    roles = [schema.id, schema.created_at, schema.source, schema.campaign]
    names = dict.fromkeys([name for name in roles if name] + [field.name for field in schema.arrival_fields])
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(AnyType(), name, required=name == schema.created_at)  # type: ignore[no-untyped-call]
        for name in names
    ]
    outputs: list[ColSpec | TensorSpec] = [
        ColSpec(DataType.string, "lead_id"),
        ColSpec(DataType.double, "probability"),
        ColSpec(DataType.string, "grade"),
        ColSpec(DataType.double, "percentile"),
        ColSpec(DataType.string, "model_version"),
        *(ColSpec(DataType.string, f"reason_{number}", required=False) for number in range(1, REASONS + 1)),
        ColSpec(DataType.string, "confidence", required=False),
    ]
    params = ParamSchema(
        [ParamSpec("reasons", DataType.long, REASONS), ParamSpec("confidence", DataType.boolean, default=False)]
    )
    return ModelSignature(Schema(inputs), Schema(outputs), params)
