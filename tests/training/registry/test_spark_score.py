"""`examples/spark_score.py`: what it asks of leads and models, and that it scores as `leads score` does."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from mlflow.models.model import ModelInfo

from benchmarks.spark import SparkRun, largest_difference, write_leads
from examples import spark_score
from tests.conftest import ROOT
from tests.running import exit_code
from tests.training.registry.runs import raw_leads
from training.registry import Location, Registry
from training.registry.names import NAME

LEADS = int(os.environ.get("LEADS_SPARK_LEADS", "60000"))
"""As many are scored; `python -m benchmarks.spark` scores five million."""


@pytest.fixture
def tracking(stocked: Location, monkeypatch: pytest.MonkeyPatch) -> str:
    """The registry, as a shell names it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", stocked.tracking_uri)
    return stocked.tracking_uri


@pytest.fixture
def model(tracking: str) -> ModelInfo:
    return spark_score.fetch_model(f"models:/{NAME}/2")[1]


def test_the_scores_have_the_columns_that_are_asked_for_and_no_other() -> None:
    plain = "lead_id string, probability double, grade string, percentile double, model_version string"

    assert spark_score.result_type(0, confidence=False) == plain
    assert (
        spark_score.result_type(2, confidence=True) == f"{plain}, reason_1 string, reason_2 string, confidence string"
    )


def test_the_model_reads_its_own_columns_in_its_own_order(model: ModelInfo) -> None:
    types = {"calls": "array<int>", "age": "decimal(4,1)", "id": "bigint", "e-mail": "string", "created": "timestamp"}

    assert spark_score.choose_columns(model, types) == ["id", "created", "age", "e-mail"]


def test_a_table_without_ids_or_arrival_times_and_nested_fields_are_refused_by_name(model: ModelInfo) -> None:
    with pytest.raises(spark_score.Refused, match="no column 'id', 'created', which the model needs"):
        spark_score.choose_columns(model, {"age": "double"})
    with pytest.raises(spark_score.Refused, match="one text, number, time or true/false; 'age' is array<int>"):
        spark_score.choose_columns(model, {"id": "string", "created": "date", "age": "array<int>"})


def test_a_model_without_ids_and_one_that_is_not_there_are_refused(tracking: str) -> None:
    with pytest.raises(spark_score.Refused, match="have no ids"):
        spark_score.name_each_once(pd.DataFrame(), None)
    with pytest.raises(spark_score.Refused, match=f"no model at models:/{NAME}/99: "):
        spark_score.fetch_model(f"models:/{NAME}/99")


def test_a_model_of_another_maker_is_refused(tracking: str, tmp_path: Path) -> None:
    folder, _ = spark_score.fetch_model(f"models:/{NAME}/2")
    other = shutil.copytree(folder, tmp_path / "other")
    described = (other / "MLmodel").read_text("utf-8")
    (other / "MLmodel").write_text(described.replace("  lead_id: id\n", ""), "utf-8")

    with pytest.raises(spark_score.Refused, match="was not made for Spark by leads train"):
        spark_score.fetch_model(str(other))


def test_what_the_model_says_of_the_leads_is_told_without_sparks_stack() -> None:
    spoken = "job aborted\nmlflow.exceptions.MlflowException: column 'age': is not a number (row 3)\n\tat org.apache"

    assert spark_score.explain(spoken).startswith("column 'age': is not a number (row 3), as rows are counted")
    assert spark_score.explain("[PATH_NOT_FOUND] no such path\n  at java") == "[PATH_NOT_FOUND] no such path"


def test_options_that_are_not_there_and_a_lack_of_pyspark_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="2"):
        spark_score.main(["leads", "scores", "--reasons", "11"])
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)

    assert spark_score.main(["leads", "scores"]) == 1
    assert capsys.readouterr().err.endswith('error: PySpark is not installed: pip install "lead-scoring[spark]"\n')


def typed_leads() -> pa.Table:
    """Leads as a lake has them: times with a zone and without, true and false, whole numbers with gaps."""
    raw = raw_leads()
    times = {name: pd.to_datetime(raw[name]).dt.tz_localize(None) for name in ("created", "last_visit")}
    age, code = raw["age"].astype("Int64").mask(raw["age"] < 30), raw["code"].astype(float).mask(raw["age"] > 70)
    frame = raw.assign(age=age, code=code, newsletter=raw["newsletter"] == "yes", **times)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    place = table.column_names.index("created")
    return table.set_column(place, "created", table["created"].cast(pa.timestamp("us", "UTC")))


@pytest.fixture
def company(stocked: Location, tmp_path: Path) -> Iterator[SparkRun]:
    """Leads in typed Parquet, also without a value, and a champion."""
    pytest.importorskip("pyspark", reason="PySpark is not installed: make spark")
    if shutil.which("java") is None:
        pytest.skip("there is no Java, which Spark needs")
    Registry(stocked).client.set_registered_model_alias(NAME, "champion", "2")
    write_leads(typed_leads(), LEADS, tmp_path / "leads" / "part-0.parquet")
    environment = os.environ | {"MLFLOW_TRACKING_URI": stocked.tracking_uri, "PYTHONPATH": str(ROOT)}
    yield SparkRun(tmp_path, environment, ("--reasons", "10", "--confidence"))
    Registry(stocked).client.delete_registered_model_alias(NAME, "champion")


@pytest.mark.slow
def test_four_executors_score_as_leads_score_does_though_one_is_killed(
    company: SparkRun, tracking: str, tmp_path: Path
) -> None:
    words = ["score", "leads/part-0.parquet", "scored.parquet", "--reasons", "10", "--confidence"]
    assert exit_code(words, tmp_path) == 0

    company.run(kill_one=True)

    log = company.log.read_text()
    assert "Lost executor" in log
    assert f"\n{LEADS:,} leads scored: scores\n" in log
    assert largest_difference(tmp_path / "scored.parquet", tmp_path / "scores") <= 1e-9
    expected, found = (
        pd.read_parquet(tmp_path / name).drop(columns="probability").set_index("lead_id").sort_index()
        for name in ("scored.parquet", "scores")
    )
    pd.testing.assert_frame_equal(found.astype(object), expected.fillna("").astype(object), check_exact=True)
    assert found["reason_10"].eq("").all()  # there are nine fields


@pytest.mark.slow
def test_leads_that_cannot_be_scored_leave_no_scores(company: SparkRun, tmp_path: Path) -> None:
    path = tmp_path / "leads" / "part-0.parquet"
    leads = typed_leads().slice(0, 50)
    ages = ["forty" if row == 7 else "40" for row in range(50)]
    write_leads(leads.set_column(leads.column_names.index("age"), "age", pa.array(ages)), 50, path)

    with pytest.raises(SystemExit, match=r"error: column 'age': is not a number \(row \d\)"):
        SparkRun(tmp_path, company.environment, (), "local[1]").run(kill_one=False)
    assert not (tmp_path / "scores" / "_SUCCESS").exists()
    assert not [*tmp_path.glob("scores/*.parquet")]
