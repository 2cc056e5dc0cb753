"""What stands beside ours: the two baselines through our encoder, and what a data scientist would write first."""

from collections.abc import Callable, Mapping
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.accuracy.tables import ID, WON, Table, fields_of
from features.config import check_config
from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import LeadTable, parse_leads
from features.schema import LeadSchema
from stats.types import Vector
from training.data.samples import Samples
from training.models.baselines import CrmBaseline, fit_base_rate


def base_rate(table: Table, seed: int) -> Vector:  # noqa: ARG001 - nothing is drawn
    encoder, samples, X = encode(table)
    return expit(fit_base_rate(encoder, samples).raw_score(X))


def crm_baseline(table: Table, seed: int) -> Vector:  # noqa: ARG001
    encoder, samples, X = encode(table)
    return expit(CrmBaseline.fit(encoder, samples).raw_score(X))


def logistic_regression(table: Table, seed: int) -> Vector:  # noqa: ARG001
    """Standardised numbers, one column for each frequent level, scikit-learn's defaults."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")), (levels, make_column_selector(dtype_exclude="number"))
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=1_000))
    return model.fit(_plain(table.train), _won(table)).predict_proba(_plain(table.test))[:, 1]


def lightgbm_defaults(table: Table, seed: int) -> Vector:
    """LGBMClassifier as it comes, categories as categories."""
    train, test = _plain(table.train), _plain(table.test)
    for name in train.select_dtypes(exclude="number"):
        train[name] = train[name].astype("category")
        test[name] = pd.Categorical(test[name], categories=train[name].cat.categories)
    model = lgb.LGBMClassifier(random_state=seed, n_jobs=2, verbosity=-1)
    return np.asarray(model.fit(train, _won(table)).predict_proba(test))[:, 1]


PEERS: Mapping[str, Callable[[Table, int], Vector]] = {
    "base rate": base_rate,
    "CRM baseline": crm_baseline,
    "logistic regression": logistic_regression,
    "LightGBM defaults": lightgbm_defaults,
}


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    fields = fields_of(frame).copy()
    for name in fields.select_dtypes(exclude="number"):
        fields[name] = fields[name].astype(object).where(fields[name].notna(), "missing").astype(str)
    return fields.astype(dict.fromkeys(fields.select_dtypes("number"), "float64"))


def _won(table: Table) -> Vector:
    return (table.train[WON] == "yes").to_numpy().astype(np.float64)


def encode(table: Table) -> tuple[FeatureEncoder, Samples, NDArray[np.float64]]:
    """Numbers as numbers, all else as categories; a field called source is the source."""
    fields = fields_of(table.train)
    numeric = set(fields.select_dtypes("number"))
    kinds = {name: {"kind": "numeric" if name in numeric else "category"} for name in fields}
    roles = {"source": "source"} if "source" in fields else {}
    content = {
        "leads": {"table": "leads.csv", "id": ID, **roles},
        "outcome": {"column": WON, "won": ["yes"]},
        "fields": kinds,
    }
    schema = check_config(content, Path("scoring.toml")).lead_schema
    train, test = _parsed(table.train, schema), _parsed(table.test, schema)
    encoder = FeatureEncoder.fit(train, schema)
    won = _won(table)
    return encoder, Samples(encoder.columns, encoder.encode(train), won, np.ones(len(won))), encoder.encode(test)


def _parsed(frame: pd.DataFrame, schema: LeadSchema) -> LeadTable:
    columns = frame.drop(columns=[WON], errors="ignore").astype(object)
    return parse_leads(columns.where(columns.notna(), None).set_axis(range(1, len(frame) + 1)), schema)
