"""Scores a folder of Parquet into a folder of Parquet on Spark, with the registered MLflow model as it is.

    spark-submit --master spark://host:7077 spark_score.py leads/ scores/ --model models:/lead-scoring@champion

The input has the columns of the leads table, as `leads score` takes them; the output has the columns that `leads score`
writes, in no order, and is whole or not there. MLFLOW_TRACKING_URI says where the registry is. Nothing of this project
need be installed on the cluster, as the model carries its own code: docs/spark.md says what must be.
"""

import argparse
import os
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.models.model import ModelInfo
    from pyspark.sql import DataFrame, SparkSession

MODEL = "models:/lead-scoring@champion"
SCORES = "lead_id string, probability double, grade string, percentile double, model_version string"
SPARK = {
    "spark.sql.session.timeZone": "UTC",  # Spark hands times over without their zone, and the model takes such as UTC
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
}
NESTED = re.compile(r"array|map|struct|binary|variant|interval")
_SAID_BY_THE_MODEL = re.compile(r"MlflowException: (.+)")


class Refused(Exception):
    """What cannot be scored, and why."""


def main(words: Sequence[str] | None = None) -> int:
    """What the shell is told: 0, 1 for leads or a model that cannot be used, 2 for options that are not there."""
    asked = parse_options(words)
    try:
        print(score(asked))
    except Refused as refused:
        print(f"error: {refused}", file=sys.stderr)
        return 1
    return 0


def parse_options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Score a folder of Parquet into a folder of Parquet on Spark.",
        epilog="Example: spark-submit --master local[4] spark_score.py leads/ scores/ --reasons 0",
    )
    parser.add_argument("input", help="Parquet with the columns of the leads table: a folder, or what Spark reads")
    parser.add_argument("output", help="a folder that is not there yet")
    parser.add_argument("--model", default=MODEL, help=f"MLflow's address of the model, or a folder (default {MODEL})")
    parser.add_argument("--reasons", type=int, default=3, choices=range(11), metavar="0-10", help="reasons a lead")
    parser.add_argument("--confidence", action="store_true", help="add whether enough is known of leads like it")
    parser.add_argument(
        "--env-manager",
        default="local",
        choices=("local", "virtualenv", "uv", "conda"),
        help="local: the executors have the packages; the others make an environment for each, from a package index",
    )
    return parser.parse_args(words)


def score(asked: argparse.Namespace) -> str:
    """Score all leads or none; returns a sentence that says how many.

    Raises:
        Refused: for leads, a model or a place that cannot be used.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise Refused('PySpark is not installed: pip install "lead-scoring[spark]"') from None
    folder, model = fetch_model(asked.model)
    spark = SparkSession.builder.appName("leads score").getOrCreate()
    for name, value in SPARK.items():
        spark.conf.set(name, value)
    try:
        leads = spark.read.parquet(asked.input)
        columns = choose_columns(model, dict(leads.dtypes))
        leads, count = name_each_once(leads, model.metadata["lead_id"])
        write_scores(spark, folder, leads.select(*map(quote, columns)), asked)
    except PySparkException as error:
        raise Refused(explain(error)) from error
    return f"{count:,} leads scored: {asked.output}"


def silence() -> None:
    """Keep to ourselves what MLflow and PySpark say of versions and progress: the model checks itself when loaded."""
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)


def fetch_model(address: str) -> tuple[str, "ModelInfo"]:
    """The folder of a model, fetched once, so that one version scores all leads; and what MLflow knows of it."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException
    from mlflow.models import get_model_info

    try:
        folder = download_artifacts(address)
        model = get_model_info(folder)
    except (MlflowException, OSError) as error:
        raise Refused(f"no model at {address}: {str(error).splitlines()[0]}") from error
    if "lead_id" not in (model.metadata or {}):
        raise Refused(f"the model at {address} was not made for Spark by leads train; train one anew")
    return folder, model


def choose_columns(model: "ModelInfo", types: Mapping[str, str]) -> list[str]:
    """The columns of a table, by their Spark types, that the model reads; what else it could read is missing."""
    inputs = model.signature.inputs
    needed = [name for name in (model.metadata["lead_id"], *inputs.required_input_names()) if name]
    if missing := [name for name in needed if name not in types]:
        raise Refused(f"the leads have no column {', '.join(map(repr, missing))}, which the model needs")
    columns = [name for name in inputs.input_names() if name in types]
    if nested := [f"{name!r} is {types[name]}" for name in columns if NESTED.match(types[name])]:
        raise Refused(f"a field is one text, number, time or true/false; {', '.join(nested)}")
    return columns


def name_each_once(leads: "DataFrame", lead_id: str | None) -> tuple["DataFrame", int]:
    """The leads without rows that equal another of the same id, and how many they are.

    Raises:
        Refused: where there are none, or an id stands on rows that differ.
    """
    if lead_id is None:
        raise Refused("the model's leads have no ids, and Spark keeps no order of rows: name one in [leads] id")
    count, repeated = _count(leads, lead_id)
    if repeated:
        leads = leads.dropDuplicates()
        count, repeated = _count(leads, lead_id)
    if not count:
        raise Refused("there are no leads in the input")
    if repeated:
        raise Refused(f"{repeated:,} ids stand on several rows that differ; an id names one lead")
    return leads, count


def _count(leads: "DataFrame", lead_id: str) -> tuple[int, int]:
    """How many leads there are, and how many ids stand on several rows."""
    from pyspark.sql.functions import col, count_if, trim
    from pyspark.sql.functions import sum as total

    by_id = leads.groupBy(trim(col(quote(lead_id)).cast("string"))).count()
    rows = by_id.agg(total("count"), count_if(col("count") > 1)).first()
    return int(rows[0] or 0), int(rows[1] or 0)


def write_scores(spark: "SparkSession", folder: str, leads: "DataFrame", asked: argparse.Namespace) -> None:
    """Score the columns that the model reads and write what comes out."""
    import mlflow.pyfunc
    from pyspark.sql.functions import struct

    predict = mlflow.pyfunc.spark_udf(
        spark,
        folder,
        result_type=result_type(asked.reasons, confidence=asked.confidence),
        env_manager=asked.env_manager,
        params={"reasons": asked.reasons, "confidence": asked.confidence},
    )
    scores = leads.select(predict(struct(*map(quote, leads.columns))).alias("score"))
    scores.select("score.*").write.mode("errorifexists").parquet(asked.output)


def result_type(reasons: int, *, confidence: bool) -> str:
    """The columns of the scores and their types, as Spark's DDL: those asked for, as the signature has more."""
    asked = [f"reason_{number}" for number in range(1, reasons + 1)] + ["confidence"] * confidence
    return ", ".join([SCORES, *(f"{name} string" for name in asked)])


def quote(name: str) -> str:
    """A column's name, whatever characters it has, as Spark's expressions take it."""
    return "`" + name.replace("`", "``") + "`"


def explain(error: Any) -> str:
    """What the model said of the leads, or else the first line of what Spark says."""
    text = str(error)
    said = _SAID_BY_THE_MODEL.search(text)
    return f"{said[1]}, as rows are counted within a batch of Spark's" if said else text.splitlines()[0]


if __name__ == "__main__":
    silence()
    sys.exit(main())
