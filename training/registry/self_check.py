"""The self-check of a stored model: it gives a few made-up leads the probabilities they had when it was stored."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from features.errors import TableRefused
from features.lead_table import parse_leads
from training.model import ModelBroken, ScoringModel

FILE = "selfcheck.json"
TOLERANCE = 1e-9
"""In probability: room for another machine's arithmetic, none for another model."""


def write_selfcheck(model: ScoringModel, leads: pd.DataFrame, folder: Path) -> None:
    """Store raw leads, whose values are JSON, with their probabilities."""
    columns = {str(name): column.tolist() for name, column in leads.items()}
    stored = {"leads": columns, "probability": _predict(model, columns).tolist()}
    (folder / FILE).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")


def verify(model: ScoringModel, folder: Path) -> None:
    """Score the stored leads again.

    Raises:
        ModelBroken: where a probability is not what it was, or there is nothing to compare with.
    """
    try:
        stored = json.loads((folder / FILE).read_text(encoding="utf-8"))
        expected = np.array(stored["probability"], dtype=np.float64)
        found = _predict(model, stored["leads"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, TableRefused) as error:
        raise ModelBroken(f"the self-check of the model cannot be run: {error}") from error
    if len(expected) != len(found) or not np.allclose(found, expected, rtol=0, atol=TOLERANCE):
        raise ModelBroken("the model does not give its example leads the probabilities it was stored with")


def _predict(model: ScoringModel, columns: dict[str, list[object]]) -> np.ndarray:
    frame = pd.DataFrame(columns, dtype=object)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return model.score_table(parse_leads(frame, model.schema), reasons=0)["probability"].to_numpy()
