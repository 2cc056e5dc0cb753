"""A small real model of generated leads with a field of every kind, and a source of models kept by hand."""

from dataclasses import replace
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import parse_leads
from features.schema import Field, LeadSchema
from features.values import Kind, Known
from stats.calibration import fit_sigmoid
from training.model import ScoringModel
from training.models.additive import Additive, Term
from training.models.grades import GradeScale
from training.models.merged_trees import Trees
from training.models.venn_abers import VennAbersInterval

LEADS = 400

SCHEMA = LeadSchema(
    fields=(
        Field("age", Kind.NUMERIC, missing=("999",)),
        Field("job title", Kind.CATEGORY),
        Field("newsletter", Kind.FLAG),
        Field("last_visit", Kind.DATETIME),
        Field("message", Kind.TEXT),
        Field("e-mail", Kind.EMAIL),
        Field("phone", Kind.PHONE),
        Field("utm_source", Kind.CATEGORY),
        Field("calls", Kind.NUMERIC, known=Known.LATER),
    ),
    id="id",
    created_at="created",
    source="utm_source",
    campaign="utm_campaign",
)

LEAD: dict[str, Any] = {
    "lead_id": "L-1",
    "created_at": "2026-03-02T09:30:00Z",
    "source": "search",
    "campaign": "brand",
    "fields": {
        "age": 41,
        "job title": "Director",
        "newsletter": True,
        "last_visit": "2026-02-27T18:00:00+01:00",
        "message": "Please send a quote for ten seats",
        "e-mail": "ann@example.com",
        "phone": "+44 20 7946 0018",
    },
}
"""A lead as a CRM sends it, all fields filled."""


def history() -> pd.DataFrame:
    """Raw leads; directors from search who leave a message are won more often."""
    rng = np.random.default_rng(7)
    created = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(rng.uniform(0, 200, LEADS), "D")
    frame = pd.DataFrame(
        {
            "id": [f"H-{number}" for number in range(LEADS)],
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "age": rng.integers(18, 80, LEADS),
            "job title": rng.choice(["director", "clerk", "engineer"], LEADS),
            "newsletter": rng.choice(["yes", "no"], LEADS),
            "last_visit": (created - pd.to_timedelta(rng.uniform(0, 30, LEADS), "D")).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "message": rng.choice(["please send a quote", "call me", "just looking around"], LEADS),
            "e-mail": rng.choice(["a@gmail.com", "b@firm.example", "c@firm.de"], LEADS),
            "phone": rng.choice(["+44 20 7946 0018", "+49 30 901820", "+1 202 555 0142"], LEADS),
            "utm_source": rng.choice(["search", "social", "partner"], LEADS),
            "utm_campaign": rng.choice(["brand", "spring"], LEADS),
            "calls": rng.integers(0, 9, LEADS),
        }
    )
    return frame.mask(rng.random(frame.shape) < 0.05).assign(id=frame["id"], created=frame["created"])


def train_model() -> ScoringModel:
    """The same model each time, version "1"."""
    raw = history()
    leads = parse_leads(raw, SCHEMA)
    encoder = FeatureEncoder.fit(leads, SCHEMA)
    X = encoder.encode(leads)
    appeal = 1.2 * (raw["job title"] == "director") + 0.9 * (raw["utm_source"] == "search") - 1.5
    won = (np.random.default_rng(8).random(LEADS) < 1 / (1 + np.exp(-appeal.to_numpy(float)))).astype(float)
    categories = [at for at, column in enumerate(encoder.columns) if column.levels]
    settings = {
        "objective": "binary",
        "num_leaves": 7,
        "verbose": -1,
        "num_threads": 1,
        "deterministic": True,
    }
    booster = lgb.train(settings, lgb.Dataset(X, won, categorical_feature=categories), 20)
    trees = Trees.merge([booster], [1.0])
    additive = Additive(0.0, (Term(0, (20.0, 40.0, 70.0), (-0.2, 0.0, 0.3), 0.1),)).centre_on(X)
    raw_scores = additive.raw_score(X) + trees.raw_score(X)
    calibration = fit_sigmoid(raw_scores, won, np.ones(LEADS))
    scale, interval = GradeScale.fit(calibration.probability(raw_scores)), VennAbersInterval.fit(raw_scores, won)
    return ScoringModel("trees", encoder, additive, trees, calibration, scale, interval, 90, version="1")


def shifted(model: ScoringModel, version: str, log_odds: float) -> ScoringModel:
    """Another version, whose probabilities are all higher by so many log-odds."""
    calibration = replace(model.calibration, shift=model.calibration.shift + log_odds)
    return replace(model, version=version, calibration=calibration)


class Models:
    """A `ModelSource` whose champion the test names; a version may hold an error instead of a model."""

    def __init__(self, *models: ScoringModel) -> None:
        self.versions: dict[str, ScoringModel | Exception] = {model.version: model for model in models}
        self.champion: str | None = models[0].version if models else None
        self.trouble: Exception | None = None

    def champion_version(self) -> str | None:
        if self.trouble:
            raise self.trouble
        return self.champion

    def load(self, which: str) -> ScoringModel:
        found = self.versions[which]
        if isinstance(found, Exception):
            raise found
        return found


class Trained:
    """A `ModelSource` that other processes can be given: each trains the model itself."""

    def champion_version(self) -> str:
        return "1"

    def load(self, which: str) -> ScoringModel:
        return replace(train_model(), version=which)


FIELD_NAMES = {field.name for field in SCHEMA.arrival_fields} - {"utm_source"}
"""What stands in a lead's `fields`: the source has a place of its own."""
