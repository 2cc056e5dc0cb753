"""Small histories made in memory: leads whose chance of winning is planted, and the scoring.toml that fits them."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from features.config import ScoringConfig, check_config
from features.encoders.feature_encoder import FeatureEncoder
from features.history import NEVER, History
from features.lead_table import parse_leads
from training.data.dataset import Dataset, make_dataset
from training.data.encoded_samples import EncodedSamples
from training.data.samples import Samples

FIRST_DAY = np.datetime64("2025-01-01T00:00:00", "us")
SECOND, DAY = np.timedelta64(1_000_000, "us"), np.timedelta64(86_400_000_000, "us")


def config(order: str = "created_at", horizon_days: int = 30, **training: object) -> ScoringConfig:
    content: dict[str, object] = {
        "leads": {"table": "leads.csv", "id": "id", "created_at": "created", "source": "source", "order": order},
        "outcome": {"column": "won", "won": ["1"], "at": "won_at", "horizon_days": horizon_days},
        "fields": {
            "age": {"kind": "numeric"},
            "job": {"kind": "category"},
            "title": {"kind": "category"},
            "newsletter": {"kind": "flag"},
            "source": {"kind": "category"},
        },
        "training": training,
    }
    return check_config(content, Path("lead-tests/scoring.toml"))


def raw_leads(leads: int, seed: int = 0, days: float = 400.0) -> pd.DataFrame:
    """Arrivals spread evenly over `days`, in order. Title and job are one fact; a tenth of the ages are missing."""
    rng = np.random.default_rng([seed, 1])
    created = FIRST_DAY + (np.sort(rng.uniform(0, days, leads)) * 86_400).astype(np.int64) * SECOND
    job = rng.choice(["director", "clerk", "engineer", "owner"], leads)
    age = rng.integers(18, 80, leads).astype(object)
    age[rng.random(leads) < 0.1] = None
    return pd.DataFrame(
        {
            "id": [f"L-{seed}-{number}" for number in range(leads)],
            "created": [f"{time}Z" for time in created.astype("datetime64[s]")],
            "age": age,
            "job": job,
            "title": [f"the {name}" for name in job],
            "newsletter": rng.choice(["yes", "no"], leads),
            "source": rng.choice(["search", "social", "partner", "fair"], leads),
        },
        index=pd.RangeIndex(2, leads + 2),
        dtype=object,
    )


def appeal(raw: pd.DataFrame) -> np.ndarray:
    """What the fields truly say, in log-odds, about 0 on average."""
    director, reader, partner = (raw["job"] == "director"), (raw["newsletter"] == "yes"), (raw["source"] == "partner")
    return (2.0 * director + 1.5 * (director & reader) + 1.0 * partner - 1.0).to_numpy(float)


def history(leads: int, seed: int = 0, *, signal: float = 1.0, base: float = -1.0, days: float = 400.0) -> History:
    """`signal` 0 is noise. All that is won is won ten days after arrival; the rest is never closed."""
    raw = raw_leads(leads, seed, days)
    won = np.random.default_rng([seed, 2]).random(leads) < expit(base + signal * appeal(raw))
    table = parse_leads(raw, config().lead_schema)
    assert table.created_at is not None
    closed_at = np.where(won, table.created_at + 10 * DAY, NEVER)
    return History(table, np.where(won, "won", "lost").astype(object), closed_at)


def learned(leads: int, seed: int = 0, **planted: float) -> EncodedSamples:
    """All matured leads of a history, as models see them."""
    dataset = matured(leads, seed, **planted)
    return EncodedSamples.from_rows(dataset, np.arange(len(dataset)), config().lead_schema)


def matured(leads: int, seed: int = 0, **planted: float) -> Dataset:
    return make_dataset(history(leads, seed, **planted), None, 30)


def categories(columns: dict[str, list[object]], won: list[int], source: str) -> tuple[FeatureEncoder, Samples]:
    """Leads of category fields, one of them the source, with an encoder fitted on them."""
    content: dict[str, object] = {
        "leads": {"table": "leads.csv", "source": source},
        "outcome": {"column": "won", "won": ["1"]},
        "fields": {name: {"kind": "category"} for name in columns},
    }
    schema = check_config(content, Path("scoring.toml")).lead_schema
    table = parse_leads(pd.DataFrame(columns, dtype=object), schema)
    encoder = FeatureEncoder.fit(table, schema)
    ones = np.ones(len(won))
    return encoder, Samples(encoder.columns, encoder.encode(table), np.array(won, dtype=float), ones)
