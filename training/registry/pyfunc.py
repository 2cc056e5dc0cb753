"""The registered model as an MLflow pyfunc, for where this project is not installed.

MLflow loads this module from the copy of the code that lies beside the model (`training.registry.staging`).
It needs nothing but LightGBM and what comes with MLflow.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException

from features.errors import TableRefused
from features.lead_table import LeadTable, parse_leads
from training.model import REASONS, ScoringModel
from training.registry.self_check import verify

UNREGISTERED = "unregistered"

_VERSION = re.compile(r"^model_version:\s*['\"]?([^'\"\s]+)", re.MULTILINE)


class LeadScorer:
    """What `mlflow.pyfunc.load_model` wraps."""

    def __init__(self, model: ScoringModel) -> None:
        self.model = model

    def predict(self, leads: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Score flat leads: id, roles and fields under the company's column names, one row a lead.

        A column that is not there is missing for every lead; only the arrival time is required, where the
        company has one. `params` may hold `reasons`, how many of them each lead gets, and `confidence`, true for a last
        column that says whether enough is known of leads like it. A reason that a lead has not is "", as Spark would
        make the text "None" of nothing.

        Raises:
            MlflowException: a bad request, with every value that is not of its field's kind.
        """
        reasons = int((params or {}).get("reasons", REASONS))
        if reasons < 0:
            raise MlflowException.invalid_parameter_value("reasons must be 0 or more")
        try:
            confidence = bool((params or {}).get("confidence", False))
            scored = self.model.score_table(self._parse(leads), reasons, confidence=confidence)
        except TableRefused as refused:
            raise MlflowException.invalid_parameter_value(str(refused)) from refused
        given = [f"reason_{number}" for number in range(1, reasons + 1)]
        scored[given] = scored[given].fillna("")
        return scored

    def _parse(self, leads: pd.DataFrame) -> LeadTable:
        schema = self.model.schema
        if schema.id not in leads:
            schema = replace(schema, id=None)
        optional = [schema.source, schema.campaign, *(field.name for field in schema.arrival_fields)]
        absent = {name: None for name in optional if name and name not in leads and name != schema.created_at}
        flat = leads.set_axis(pd.RangeIndex(1, len(leads) + 1)).assign(**absent)
        return parse_leads(flat, schema)


def _load_pyfunc(data_path: str) -> LeadScorer:
    """MLflow's entry: `data_path` is the folder that `ScoringModel.save` wrote."""
    folder = Path(data_path)
    model = ScoringModel.load(folder, _registered_version(folder))
    verify(model, folder)
    return LeadScorer(model)


def _registered_version(folder: Path) -> str:
    """The version, which MLflow notes beside MLmodel whenever it follows a models:/ address."""
    try:
        note = (folder.parents[1] / "registered_model_meta").read_text(encoding="utf-8")
    except OSError:
        return UNREGISTERED
    found = _VERSION.search(note)
    return found[1] if found else UNREGISTERED
