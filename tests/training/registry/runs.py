"""A small but whole training run on generated leads with a field of every kind."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from features.config import read_config
from features.encoders.feature_encoder import FeatureEncoder
from features.lead_table import LeadTable, parse_leads
from stats.calibration import fit_sigmoid
from training.checks.refused_fields import RefusedField
from training.data.dataset import Dataset
from training.data.samples import Samples
from training.data.split import Split
from training.evaluation.evaluate import CandidateRun, evaluate
from training.evaluation.promotion_gate import NO_CHAMPION, Decision
from training.labels.states import State
from training.model import ScoringModel
from training.models.additive import Additive, Term
from training.models.boosting import BoosterSpec, fit_booster
from training.models.grades import GradeScale
from training.models.merged_trees import Trees
from training.models.venn_abers import VennAbersInterval
from training.training_run import TrainingRun

LEADS, TESTED = 400, 200

CONFIG = """\
[leads]
table = "postgresql://sales:hunter2@db.example/crm?sslpassword=hunter3"
query = "SELECT * FROM leads"
id = "id"
created_at = "created"
source = "utm_source"

[outcome]
column = "won"
won = ["1"]

[fields.age]
kind = "numeric"
[fields.code]
kind = "category"
[fields.newsletter]
kind = "flag"
[fields.last_visit]
kind = "datetime"
[fields.message]
kind = "text"
[fields."e-mail"]
kind = "email"
[fields.phone]
kind = "phone"
[fields.utm_source]
kind = "category"
[fields.calls]  # looks as if it were filled after the outcome
kind = "numeric"
known = "later"
# AUC alone 0.98
"""


def raw_leads() -> pd.DataFrame:
    """As `pandas.read_csv` would bring them: codes and ages are whole numbers."""
    rng = np.random.default_rng(7)
    created = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.sort(rng.uniform(0, 120, LEADS)), "D")
    seen = created - pd.to_timedelta(rng.uniform(0, 30, LEADS), "D")
    return pd.DataFrame(
        {
            "id": [f"H-{number}" for number in range(LEADS)],
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "age": rng.integers(18, 80, LEADS),
            "code": rng.choice([3, 7, 11], LEADS),
            "newsletter": rng.choice(["yes", "no"], LEADS),
            "last_visit": seen.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "message": rng.choice(["please send a quote", "call me", "just looking around"], LEADS),
            "e-mail": [f"person{number}@{rng.choice(['gmail.com', 'firm.de'])}" for number in range(LEADS)],
            "phone": [f"+44 20 7946 {number:04d}" for number in range(LEADS)],
            "utm_source": rng.choice(["search", "social", None], LEADS),
            "calls": rng.integers(0, 9, LEADS),
        },
        index=pd.RangeIndex(1, LEADS + 1),
    )


def small_run(folder: Path, shift: float = 0.0) -> TrainingRun:
    """Ten trees beside an additive part; `shift` makes another model of it."""
    folder.mkdir(exist_ok=True)
    (folder / "scoring.toml").write_text(CONFIG, encoding="utf-8")
    schema = read_config(folder / "scoring.toml").lead_schema
    raw = raw_leads()
    leads = parse_leads(raw, schema)
    appeal = 1.5 * (raw["code"] == 7) + 1.0 * (raw["utm_source"] == "search") - 1.2
    won = (np.random.default_rng(8).random(LEADS) < expit(appeal.to_numpy(float))).astype(float)
    model = _model(FeatureEncoder.fit(leads, schema), leads, won)
    model = replace(model, calibration=replace(model.calibration, shift=shift))
    tested = np.arange(LEADS - TESTED, LEADS)
    promised = model.score_table(leads, reasons=0)["probability"].to_numpy()[tested]
    rates = np.full(TESTED, won.mean())
    return TrainingRun(
        project="bank",
        config_path=folder / "scoring.toml",
        table=read_config(folder / "scoring.toml").leads.table,
        seed=7,
        budget_s=5.0,
        order="created_at",
        dataset=_dataset(leads, won),
        split=Split(np.arange(LEADS - TESTED), tested),
        candidates=(
            CandidateRun("trees", {"num_leaves": 7}, _judged("trees", promised, won, leads, tested), 0.5),
            CandidateRun("base rate", {}, _judged("base rate", rates, won, leads, tested), 0.1),
        ),
        chosen="trees",
        decision=Decision(beats_base_rate=True, promoted=True, reasons=("trees beats base rate", NO_CHAMPION)),
        model=model,
        importance={field.name: 1.0 / place for place, field in enumerate(schema.arrival_fields, 1)},
        refused=(RefusedField("calls", with_it=0.2, without=0.31),),
        trials=3,
        seconds=1.5,
        notes=("2 outcomes name a lead that is not in the leads table",),
    )


def _model(encoder: FeatureEncoder, leads: LeadTable, won: np.ndarray) -> ScoringModel:
    X = encoder.encode(leads)
    samples = Samples(encoder.columns, X, won, np.ones(len(won)))
    names = [column.name for column in encoder.columns]
    spec = BoosterSpec("trees", {"num_leaves": 7}, ((names[0], names[1]), (names[1], names[-1])))
    fitted = fit_booster(spec, 10, samples, 7)
    trees = Trees.merge([fitted.booster], [0.8], fitted.crosses)
    additive = Additive(0.1, (Term(0, (20.0, 40.0, 70.0), (-0.2, 0.0, 0.3), 0.1),)).centre_on(X)
    raw = additive.raw_score(X) + trees.raw_score(X)
    calibration = fit_sigmoid(raw, won, np.ones(len(won)))
    scale, interval = GradeScale.fit(calibration.probability(raw)), VennAbersInterval.fit(raw, won)
    return ScoringModel("trees", encoder, additive, trees, calibration, scale, interval, 90)


def _dataset(leads: LeadTable, won: np.ndarray) -> Dataset:
    return Dataset(
        leads=leads,
        won=won,
        sample_weight=np.ones(len(won)),
        open=np.zeros(len(won), dtype=bool),
        observed_share=np.ones(len(won)),
        age=np.full(len(won), 90.0),
        delay=np.full(len(won), np.nan),
        young=leads.take(np.arange(0)),
        counts={State.WON: int(won.sum()), State.LOST: int((1 - won).sum()), State.OPEN: 12, State.NOT_WORKED: 3},
        as_of=datetime(2026, 9, 1, tzinfo=UTC),
        horizon_days=90,
        content_hash="c0ffee" * 10 + "beef",
    )


def _judged(name: str, probability: np.ndarray, won: np.ndarray, leads: LeadTable, rows: np.ndarray):
    return evaluate(name, probability, won[rows], leads.take(rows), 7)
