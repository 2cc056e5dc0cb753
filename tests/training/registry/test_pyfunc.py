import importlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature, get_model_info, set_signature

from tests.training.registry.runs import raw_leads
from training.registry import Location, Registry
from training.registry.quiet import quiet
from training.training_run import TrainingRun

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel


@pytest.fixture(scope="module")
def pyfunc(stocked: Location) -> "PyFuncModel":
    with quiet(), pytest.MonkeyPatch.context() as environment:
        environment.setenv("MLFLOW_TRACKING_URI", stocked.tracking_uri)
        return importlib.import_module("mlflow.pyfunc").load_model("models:/lead-scoring/2")


@pytest.fixture
def leads() -> pd.DataFrame:
    return raw_leads().head(60)


def probabilities(registry: Registry, run: TrainingRun) -> pd.DataFrame:
    return registry.load("2").score_table(run.dataset.leads.take(np.arange(60)))


def test_pyfunc_and_the_model_give_the_same_rows(
    pyfunc: "PyFuncModel", leads: pd.DataFrame, registry: Registry, run: TrainingRun
) -> None:
    expected, found = probabilities(registry, run), pyfunc.predict(leads)
    assert np.abs(found["probability"] - expected["probability"]).max() <= 1e-12
    pd.testing.assert_frame_equal(found.drop(columns="probability"), expected.drop(columns="probability"))
    assert set(found["model_version"]) == {"2"}


def test_types_as_csv_json_and_sql_bring_them_make_no_difference(pyfunc: "PyFuncModel", leads: pd.DataFrame) -> None:
    as_numbers = pyfunc.predict(leads)["probability"]
    as_text = leads.astype(object).map(lambda value: None if value is None or value != value else str(value))
    as_floats = leads.assign(code=leads["code"].astype(float), age=leads["age"].astype("Int64"))
    as_times = leads.assign(created=pd.to_datetime(leads["created"]))
    for other in (as_text, as_floats, as_times):
        assert (pyfunc.predict(other)["probability"] == as_numbers).all()


def test_a_missing_column_is_missing_for_every_lead(pyfunc: "PyFuncModel", leads: pd.DataFrame) -> None:
    emptied = leads.assign(age=None, message=None, utm_source=None)
    dropped = leads.drop(columns=["age", "message", "utm_source"])
    assert (pyfunc.predict(dropped)["probability"] == pyfunc.predict(emptied)["probability"]).all()


def test_leads_without_ids_are_numbered(pyfunc: "PyFuncModel", leads: pd.DataFrame) -> None:
    assert pyfunc.predict(leads.drop(columns="id"))["lead_id"].tolist()[:3] == ["1", "2", "3"]


def test_the_number_of_reasons_can_be_asked_for(pyfunc: "PyFuncModel", leads: pd.DataFrame) -> None:
    assert list(pyfunc.predict(leads, params={"reasons": 1}).columns)[5:] == ["reason_1"]
    assert "reason_1" not in pyfunc.predict(leads, params={"reasons": 0})
    with pytest.raises(MlflowException, match="0 or more"):
        pyfunc.predict(leads, params={"reasons": -1})


def test_a_reason_that_a_lead_has_not_is_empty_text(pyfunc: "PyFuncModel", leads: pd.DataFrame) -> None:
    scored = pyfunc.predict(leads, params={"reasons": 10})

    assert set(scored["reason_10"]) == {""}  # there are nine fields
    assert not scored.isna().any(axis=None)


def test_the_typed_signature_can_take_the_signature_s_place(
    leads: pd.DataFrame, stocked: Location, tmp_path: Path
) -> None:
    folder = shutil.copytree(next(stocked.artifacts.rglob("MLmodel")).parent, tmp_path / "model")
    load = importlib.import_module("mlflow.pyfunc").load_model
    expected = load(str(folder)).predict(leads)
    set_signature(str(folder), ModelSignature.from_dict(get_model_info(str(folder)).metadata["typed_signature"]))
    typed = load(str(folder))
    texts = leads.drop(columns="calls").astype("str").assign(age=leads["age"].astype(float))

    pd.testing.assert_frame_equal(typed.predict(texts), expected)
    with pytest.raises(MlflowException, match="Incompatible input types for column code"):
        typed.predict(texts.assign(code=leads["code"]))


def test_values_of_the_wrong_kind_are_named_by_column_and_row_and_never_shown(
    pyfunc: "PyFuncModel", leads: pd.DataFrame
) -> None:
    bad = leads.assign(age=leads["age"].astype(object))
    bad.iloc[2, bad.columns.get_loc("age")] = "forty"
    with pytest.raises(MlflowException, match=r"column 'age': is not a number \(row 3\)") as refusal:
        pyfunc.predict(bad)
    assert "forty" not in str(refusal.value)
    assert refusal.value.error_code == "INVALID_PARAMETER_VALUE"


def test_the_arrival_time_is_required(pyfunc: "PyFuncModel", leads: pd.DataFrame) -> None:
    with pytest.raises(MlflowException, match="created"):
        pyfunc.predict(leads.drop(columns="created"))


def test_the_input_example_is_accepted(pyfunc: "PyFuncModel") -> None:
    assert len(pyfunc.predict(pyfunc.input_example)) == 5


def test_the_code_beside_the_model_is_its_own_though_this_project_is_imported(pyfunc: "PyFuncModel") -> None:
    assert "training.model" in sys.modules
    assert type(pyfunc._model_impl).__module__.startswith("lead_scoring_")
