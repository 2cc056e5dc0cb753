"""ScoringModel: what training hands to serving. A lead in, a `Score` out; stored as text and JSON, never a pickle.

The raw score is a sum over columns (`additive`) and over trees (`trees`) in log-odds; a monotone calibration makes
it a probability. Reasons are the fields' exact parts in the raw score.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.encoders import Category
from features.encoders.feature_encoder import FeatureEncoder
from features.errors import Refused
from features.lead import Lead, Value
from features.lead_table import MISSING, LeadTable
from features.schema import LeadSchema
from training.models.additive import Additive
from training.models.calibration import Calibration
from training.models.confidence import Confidence, Evidence, never_seen, of_unseen
from training.models.grades import Ranking
from training.models.merged_trees import Trees
from training.models.venn_abers import Band

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

FORMAT = 1
REASONS = 3
WEIGHTLESS = 1e-9
SHOWN_VALUES = 5
MOST_WARNINGS = 10


class ModelBroken(Refused):
    """A stored model that cannot be read, or does not answer as it did when it was stored."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One field's part in one lead's raw score, in log-odds, with a sentence."""

    field: str
    contribution: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Score:
    """What the model says of one lead. `interval` is the probability's lower and upper end.

    `confidence` says whether enough is known of leads like it.
    """

    lead_id: str
    probability: float
    grade: str
    percentile: float
    interval: tuple[float, float]
    reasons: tuple[Reason, ...]
    horizon_days: int
    model_version: str
    scored_at: datetime
    warnings: tuple[str, ...] = ()
    confidence: Confidence = Confidence.OK


@dataclass(frozen=True)
class UnseenValues:
    """Values of a field that no training lead held: on how many of the leads that have one, and the most frequent."""

    field: str
    leads: int
    of: int
    values: tuple[str, ...]

    def __str__(self) -> str:
        more = " …" if len(self.values) > SHOWN_VALUES else ""
        shown = ", ".join(self.values[:SHOWN_VALUES])
        return f"{self.field}: {self.leads:,} of {self.of:,} values were never seen in training ({shown}{more})"


def at_most_ten(warnings: Sequence[str]) -> tuple[str, ...]:
    """The first ten warnings, and how many more there are."""
    more = len(warnings) - MOST_WARNINGS
    counted = (f"and {more:,} more like these",) if more > 0 else ()
    return (*warnings[:MOST_WARNINGS], *counted)


@dataclass(frozen=True)
class ScoringModel:
    """A calibrated, explained probability that a lead is won within `horizon_days`.

    `evidence` is None of a model from before it was kept; of such leads only unseen values are told.
    """

    candidate: str
    encoder: FeatureEncoder
    additive: Additive
    trees: Trees | None
    calibration: Calibration
    ranking: Ranking
    band: Band
    horizon_days: int
    version: str = "unregistered"
    evidence: Evidence | None = None

    @property
    def schema(self) -> LeadSchema:
        return self.encoder.schema

    def raw(self, X: Matrix) -> Vector:
        """Log-odds before calibration (n,), for a matrix (n, columns)."""
        raw = self.additive.raw(X)
        return raw if self.trees is None else raw + self.trees.raw(X)

    def explain(self, X: Matrix) -> tuple[Vector, Matrix]:
        """Log-odds before calibration (n,), and each column's exact part in them (n, columns)."""
        raw, parts = self.additive.explain(X)
        if self.trees is None:
            return raw, parts
        of_trees, tree_parts = self.trees.explain(X)
        return raw + of_trees, parts + tree_parts

    @cached_property
    def expected(self) -> float:
        """What the parts start from: a lead's raw score is this plus all its parts."""
        return self.additive.expected + (0.0 if self.trees is None else self.trees.expected)

    def probability(self, leads: LeadTable) -> Vector:
        """Calibrated probabilities (n,) for a table of leads."""
        return self.calibration.probability(self.raw(self.encoder.encode(leads)))

    def score(self, lead: Lead, scored_at: datetime, reasons: int = REASONS) -> Score:
        """Score one lead, with its strongest reasons first."""
        raw, parts = self.explain(self.encoder.encode_lead(lead)[None, :])
        probability = self.calibration.probability(raw)
        low, high = self.band.interval(raw, probability)
        interval = (float(low[0]), float(high[0]))
        values = [self.schema.value_of(lead, field) for field in self.schema.arrival_fields]
        unseen = tuple(self.encoder.unseen(lead))
        if self.evidence is None:
            confidence = of_unseen(unseen)
        else:
            confidence = self.evidence.confidence(unseen, values, lead.source)
            interval = self.evidence.widen(interval, float(probability[0]), lead.source)
        return Score(
            lead_id=lead.lead_id,
            probability=float(probability[0]),
            grade=str(self.ranking.grade(probability)[0]),
            percentile=float(self.ranking.percentile(probability)[0]),
            interval=interval,
            reasons=self._reasons(parts[0], values, lead.created_at, reasons),
            horizon_days=self.horizon_days,
            model_version=self.version,
            scored_at=scored_at,
            warnings=_warnings(lead, unseen),
            confidence=confidence,
        )

    def confidence(self, leads: LeadTable) -> NDArray[np.object_]:
        """The word for each of n leads that says whether enough is known of leads like it."""
        unseen = self._never_seen(leads)
        if self.evidence is not None:
            return self.evidence.of_table(leads, self.schema, unseen)
        held = np.any([*unseen.values(), np.zeros(len(leads), dtype=bool)], axis=0)
        return np.where(held, Confidence.UNSEEN_VALUES.value, Confidence.OK.value)

    def unseen_values(self, leads: LeadTable) -> tuple[UnseenValues, ...]:
        """For every field where it matters, how many of the leads hold a value that was never seen in training."""
        found = []
        for field, mask in self._never_seen(leads).items():
            if mask.any() and (self.evidence is None or field in self.evidence.telling):
                column = leads.fields[field]
                codes, held = np.unique(column.codes[mask], return_counts=True)
                values = tuple(str(column.values[code]) for code in codes[np.argsort(-held, kind="stable")].tolist())
                found.append(UnseenValues(field, int(mask.sum()), int((column.codes != MISSING).sum()), values))
        return tuple(found)

    def _never_seen(self, leads: LeadTable) -> dict[str, NDArray[np.bool_]]:
        categories = (encoder for encoder in self.encoder.encoders if isinstance(encoder, Category))
        return {encoder.field: never_seen(encoder, leads) for encoder in categories}

    def score_table(self, leads: LeadTable, reasons: int = REASONS, *, confidence: bool = False) -> pd.DataFrame:
        """The columns that `leads score` writes, one row a lead, in the table's order; `confidence` adds a last one."""
        X = self.encoder.encode(leads)
        raw, parts = self.explain(X) if reasons else (self.raw(X), X)
        probability = self.calibration.probability(raw)
        scored = pd.DataFrame(
            {
                "lead_id": leads.lead_id,
                "probability": probability,
                "grade": self.ranking.grade(probability),
                "percentile": self.ranking.percentile(probability),
                "model_version": self.version,
            }
        )
        if reasons:
            sentences = [self._sentences(leads, row, parts[row], reasons) for row in range(len(leads))]
            names = [f"reason_{number}" for number in range(1, reasons + 1)]
            scored[names] = pd.DataFrame(sentences, columns=names, dtype=str, index=scored.index)
        if confidence:
            scored["confidence"] = self.confidence(leads)
        return scored

    def _sentences(self, leads: LeadTable, row: int, parts: Vector, most: int) -> list[str | None]:
        values = [leads.fields[field.name][row] for field in self.schema.arrival_fields]
        created_at = None if leads.created_at is None else leads.created_at[row].item().replace(tzinfo=UTC)
        sentences: list[str | None] = [reason.sentence for reason in self._reasons(parts, values, created_at, most)]
        return sentences + [None] * (most - len(sentences))

    def _reasons(
        self, parts: Vector, values: Sequence[Value], created_at: datetime | None, most: int
    ) -> tuple[Reason, ...]:
        """The fields that weigh most, each by the sum of its columns' parts, told by its strongest column."""
        spans = self.encoder.spans
        weights = np.add.reduceat(parts, self._starts)
        strongest = [int(field) for field in np.argsort(-np.abs(weights), kind="stable")[:most]]
        reasons = []
        for place, field in enumerate(field for field in strongest if abs(weights[field]) > WEIGHTLESS):
            column = int(np.argmax(np.abs(parts[spans[field]])))
            told = self.encoder.describe(field, column, values[field], created_at)
            name = self.schema.arrival_fields[field].name
            effect = f"{'raises' if weights[field] > 0 else 'lowers'} the score{'' if place else ' most'}"
            reasons.append(Reason(name, float(weights[field]), f"{_title(name)} {told}: {effect}"))
        return tuple(reasons)

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        return np.array([span.start for span in self.encoder.spans], dtype=np.intp)

    def save(self, folder: Path) -> None:
        """Write model.json and, where there are trees, trees.txt in LightGBM's own format."""
        state = {
            "format": FORMAT,
            "candidate": self.candidate,
            "horizon_days": self.horizon_days,
            "schema": self.schema.to_json(),
            "encoder": self.encoder.to_json(),
            "additive": self.additive.to_json(),
            "calibration": self.calibration.to_json(),
            "ranking": self.ranking.to_json(),
            "band": self.band.to_json(),
            "evidence": None if self.evidence is None else self.evidence.to_json(),
            "trees_sha256": None if self.trees is None else _sha256(self.trees.text),
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.json").write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
        if self.trees is not None:
            (folder / "trees.txt").write_text(self.trees.text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, version: str = "unregistered") -> Self:
        """Read what `save` wrote.

        Raises:
            ModelBroken: where a part is missing, damaged or of another format.
        """
        try:
            state = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            if state["format"] != FORMAT:
                raise ModelBroken(f"{folder} holds a model of format {state['format']}; this version reads {FORMAT}")
            schema = LeadSchema.from_json(state["schema"])
            return cls(
                candidate=state["candidate"],
                encoder=FeatureEncoder.from_json(schema, state["encoder"]),
                additive=Additive.from_json(state["additive"]),
                trees=_read_trees(folder / "trees.txt", state["trees_sha256"]),
                calibration=Calibration.from_json(state["calibration"]),
                ranking=Ranking.from_json(state["ranking"]),
                band=Band.from_json(state["band"]),
                horizon_days=state["horizon_days"],
                version=version,
                evidence=Evidence.from_json(state["evidence"]) if state.get("evidence") else None,
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError, lgb.basic.LightGBMError) as error:
            raise ModelBroken(f"the model in {folder} cannot be read: {error}") from error


def _warnings(lead: Lead, unseen: Sequence[str]) -> tuple[str, ...]:
    """What a caller must know of a lead's fields; `unseen` are those that hold a value never seen in training."""
    unknown = [f"field {name!r} is not known to the model and was not used" for name in lead.unknown]
    never = [f"the value of {name!r} was never seen in training" for name in unseen]
    room = max(0, MOST_WARNINGS - len(never))  # a CRM's many properties do not hide a value that matters
    return at_most_ten([*unknown[:room], *never, *unknown[room:]])


def _read_trees(file: Path, sha256: str | None) -> Trees | None:
    """The stored trees, if they are whole: LightGBM ends the whole process at a text that was cut off."""
    if sha256 is None:
        return None
    text = file.read_text(encoding="utf-8")
    if _sha256(text) != sha256:
        raise ModelBroken(f"{file} is not the file that was stored with its model")
    return Trees(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _title(name: str) -> str:
    """A field's name at the start of a sentence: job_title → Job title."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
