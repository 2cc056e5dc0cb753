"""ScoringModel: what training hands to serving. It scores and explains leads, and is stored without a pickle.

The raw score is a sum over columns (`training.models.additive`) and over trees (`training.models.merged_trees`) in
log-odds; a monotone calibration map makes it a probability. Reasons are the fields' exact SHAP values.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.encoders import Category
from features.encoders.feature_encoder import FeatureEncoder
from features.errors import Refused
from features.lead import Lead
from features.lead_table import MISSING, LeadTable
from features.schema import LeadSchema
from stats.calibration import Calibration
from stats.types import Matrix, Vector
from training.models.additive import Additive
from training.models.confidence import Confidence, TrainingSupport, is_never_seen
from training.models.crosses import Crosses
from training.models.grades import GRADES, GradeScale
from training.models.merged_trees import Trees
from training.models.venn_abers import VennAbersInterval
from training.reasons import ReasonWriter
from training.score import (
    MOST_WARNINGS,
    REASONS,
    Reason,
    Score,
    UnseenCounts,
    UnseenValues,
    at_most_ten,
    warn_about_lead,
)
from training.threads import count_cores, map_in_threads

__all__ = [
    "GRADES",
    "MOST_WARNINGS",
    "REASONS",
    "Confidence",
    "ModelBroken",
    "Reason",
    "Score",
    "ScoringModel",
    "UnseenValues",
    "at_most_ten",
]


FORMAT, FORMAT_WITH_PAIRS, FORMAT_WITH_CROSSES = 1, 2, 3
"""A model with crosses has a format of its own: versions before them would score it wrong."""


class ModelBroken(Refused):
    """A stored model that cannot be read, or does not answer as it did when it was stored."""


@dataclass(frozen=True)
class ScoringModel:
    """A calibrated, explained probability that a lead is won within `horizon_days`.

    `support` is None for a model from before it was stored; its confidence goes by unseen values alone.
    """

    candidate: str
    encoder: FeatureEncoder
    additive: Additive
    trees: Trees | None
    calibration: Calibration
    grade_scale: GradeScale
    venn_abers: VennAbersInterval
    horizon_days: int
    version: str = "unregistered"
    support: TrainingSupport | None = None

    @property
    def schema(self) -> LeadSchema:
        return self.encoder.schema

    def raw_score(self, X: Matrix) -> Vector:
        """Log-odds before calibration (n,), for a matrix (n, columns)."""
        raw = self.additive.raw_score(X)
        return raw if self.trees is None else raw + self.trees.raw_score(X)

    def explain(self, X: Matrix) -> tuple[Vector, Matrix]:
        """Raw scores (n,) and SHAP values (n, columns), in log-odds before calibration."""
        raw, shap_values = self.additive.explain(X)
        if self.trees is None:
            return raw, shap_values
        tree_raw, tree_shap_values = self.trees.explain(X)
        return raw + tree_raw, shap_values + tree_shap_values

    @cached_property
    def base_value(self) -> float:
        """The mean raw score of the training leads: a lead's raw score is this plus all its SHAP values."""
        return self.additive.base_value + (0.0 if self.trees is None else self.trees.base_value)

    def probability(self, leads: LeadTable) -> Vector:
        """Calibrated probabilities (n,) for a table of leads, by all processors: trees predict in one thread each."""
        parts = np.array_split(self.encoder.encode(leads), count_cores())
        return self.calibration.probability(np.concatenate(map_in_threads(self.raw_score, parts)))

    def score(self, lead: Lead, scored_at: datetime, reasons: int = REASONS) -> Score:
        """Score one lead, with its strongest reasons first."""
        values = self.schema.arrival_values(lead)
        created_at = lead.created_at if self.schema.created_at else None  # as in a table, which then has none
        row = self.encoder.encode_values(values, created_at)
        raws, shap_values = self.explain(row[None, :])
        raw = float(raws[0])
        probability = self.calibration.probability_of(raw)
        interval = self.venn_abers.interval_of(raw, probability)
        unseen = tuple(self.encoder.unseen_values(values))
        if self.support is None:
            confidence = Confidence.UNSEEN_VALUES if unseen else Confidence.OK
        else:
            confidence = self.support.confidence(unseen, values, lead.source)
            interval = self.support.widen(interval, probability, lead.source)
        return Score(
            lead_id=lead.lead_id,
            probability=probability,
            grade=self.grade_scale.grade_of(probability),
            percentile=self.grade_scale.percentile_of(probability),
            interval=interval,
            reasons=self._reasons.reasons_of_lead(shap_values[0], values, lead.created_at, reasons),
            horizon_days=self.horizon_days,
            model_version=self.version,
            scored_at=scored_at,
            warnings=warn_about_lead(lead, unseen, scored_at),
            confidence=confidence,
        )

    def confidence(self, leads: LeadTable) -> NDArray[np.object_]:
        """The `Confidence` word (n,) for each lead of a table."""
        unseen = self._never_seen(leads)
        if self.support is not None:
            return self.support.confidence_of_table(leads, self.schema, unseen)
        has_unseen = np.any([*unseen.values(), np.zeros(len(leads), dtype=bool)], axis=0)
        return np.where(has_unseen, Confidence.UNSEEN_VALUES.value, Confidence.OK.value)

    def unseen_values(self, leads: LeadTable) -> tuple[UnseenValues, ...]:
        """For every field where it matters, how many of the leads hold a value that was never seen in training."""
        counts = UnseenCounts()
        self.count_unseen(leads, counts)
        return counts.found()

    def count_unseen(self, leads: LeadTable, counts: UnseenCounts) -> None:
        """Add the values never seen of a part of a table, by the fields where they matter."""
        for field, mask in self._never_seen(leads).items():
            if self.support is None or field in self.support.novelty_fields:
                column = leads.fields[field]
                codes, leads_of = np.unique(column.codes[mask], return_counts=True)
                values: Counter[str] = Counter()
                for code, number in zip(codes.tolist(), leads_of.tolist(), strict=True):
                    values[str(column.values[code])] += number
                counts.add(field, int((column.codes != MISSING).sum()), values)

    def _never_seen(self, leads: LeadTable) -> dict[str, NDArray[np.bool_]]:
        categories = (encoder for encoder in self.encoder.encoders if isinstance(encoder, Category))
        return {encoder.field: is_never_seen(encoder, leads) for encoder in categories}

    def score_table(self, leads: LeadTable, reasons: int = REASONS, *, confidence: bool = False) -> pd.DataFrame:
        """The columns that `leads score` writes, one row a lead, in the table's order; `confidence` adds a last one."""
        leads = self.encoder.merge_alike(leads)
        X = self.encoder.encode(leads)
        raw, shap_values = self.explain(X) if reasons else (self.raw_score(X), X)
        probability = self.calibration.probability(raw)
        scored = pd.DataFrame(
            {
                "lead_id": leads.lead_id,
                "probability": probability,
                "grade": self.grade_scale.grade(probability),
                "percentile": self.grade_scale.percentile(probability),
                "model_version": self.version,
            }
        )
        if reasons:
            for number, sentences in enumerate(self._reasons.sentences_of_table(leads, shap_values, reasons), 1):
                scored[f"reason_{number}"] = sentences.to_pandas()
        if confidence:
            scored["confidence"] = self.confidence(leads)
        return scored

    @cached_property
    def _reasons(self) -> ReasonWriter:
        return ReasonWriter(self.encoder)

    @cached_property
    def digest(self) -> str:
        """A hash of all that a score depends on: two models of one digest score alike."""
        return hashlib.sha256(json.dumps([self.version, self._state()], sort_keys=True).encode()).hexdigest()

    def save(self, folder: Path) -> None:
        """Write model.json and, where there are trees, trees.txt in LightGBM's own format."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.json").write_text(json.dumps(self._state(), ensure_ascii=False), encoding="utf-8")
        if self.trees is not None:
            (folder / "trees.txt").write_text(self.trees.text, encoding="utf-8")

    def _state(self) -> dict[str, Any]:
        crosses = None if self.trees is None else self.trees.crosses
        return {
            "format": FORMAT_WITH_CROSSES if crosses else FORMAT,
            "candidate": self.candidate,
            "horizon_days": self.horizon_days,
            "schema": self.schema.to_json(),
            "encoder": self.encoder.to_json(),
            "additive": self.additive.to_json(),
            "calibration": self.calibration.to_json(),
            "ranking": self.grade_scale.to_json(),
            "band": self.venn_abers.to_json(),
            "evidence": None if self.support is None else self.support.to_json(),
            "trees_sha256": None if self.trees is None else _sha256(self.trees.text),
            "crosses": crosses.to_json() if crosses else None,
        }

    @classmethod
    def load(cls, folder: Path, version: str = "unregistered") -> Self:
        """Read what `save` wrote.

        Raises:
            ModelBroken: where a part is missing, damaged or of another format.
        """
        try:
            state = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if state["format"] not in (FORMAT, FORMAT_WITH_PAIRS, FORMAT_WITH_CROSSES):
                newest = FORMAT_WITH_CROSSES
                raise ModelBroken(f"{folder} holds a model of format {state['format']}; this version reads {newest}")
            crosses = Crosses.from_json(state["crosses"]) if state.get("crosses") else None
            schema = LeadSchema.from_json(state["schema"])
            return cls(
                candidate=state["candidate"],
                encoder=FeatureEncoder.from_json(schema, state["encoder"]),
                additive=Additive.from_json(state["additive"]),
                trees=_read_trees(folder / "trees.txt", state["trees_sha256"], crosses),
                calibration=Calibration.from_json(state["calibration"]),
                grade_scale=GradeScale.from_json(state["ranking"]),
                venn_abers=VennAbersInterval.from_json(state["band"]),
                horizon_days=state["horizon_days"],
                version=version,
                support=TrainingSupport.from_json(state["evidence"]) if state.get("evidence") else None,
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError, lgb.basic.LightGBMError) as error:
            raise ModelBroken(f"the model in {folder} cannot be read: {error}") from error


def _read_trees(file: Path, sha256: str | None, crosses: Crosses | None) -> Trees | None:
    """The stored trees, if they are whole: LightGBM ends the whole process at a text that was cut off."""
    if sha256 is None:
        return None
    text = file.read_text(encoding="utf-8")
    if _sha256(text) != sha256:
        raise ModelBroken(f"{file} is not the file that was stored with its model")
    return Trees(text, crosses)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
