"""Every score ever given: `Score`s in, rows out, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from serving.store import tables
from serving.store.outbox import Before
from serving.store.tables import scores
from training.model import MOST_WARNINGS, Confidence, Reason, Score, at_most_ten


@dataclass(frozen=True, slots=True)
class Change:
    """Why a score is not what it was: both parts, in probability, add up to the difference from the one before.

    They are None where the new model cannot read the lead as it was.
    """

    before: Before
    model_part: float | None
    lead_part: float | None


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score as it was given, with all of its reasons."""

    score_id: str
    score: Score
    change: Change | None


def row_of(stored: StoredScore, saw: Mapping[str, Any]) -> tables.Row:
    """A score's row; `saw` is the lead as it was scored, as plain data."""
    score, change = stored.score, stored.change
    return {
        "score_id": stored.score_id,
        "lead_id": score.lead_id,
        "scored_at": score.scored_at,
        "model_version": score.model_version,
        "horizon_days": score.horizon_days,
        "probability": score.probability,
        "grade": score.grade,
        "percentile": score.percentile,
        "low": score.interval[0],
        "high": score.interval[1],
        "reasons": [[reason.field, reason.contribution, reason.sentence] for reason in score.reasons],
        "warnings": list(score.warnings),
        "confidence": score.confidence.value,
        "saw": saw,
        "before": change and change.before.probability,
        "grade_before": change and change.before.grade,
        "model_part": change and change.model_part,
        "lead_part": change and change.lead_part,
    }


def score_of(row: Row[Any]) -> StoredScore:
    """A row as the score that it was."""
    score = Score(
        lead_id=row.lead_id,
        probability=row.probability,
        grade=row.grade,
        percentile=row.percentile,
        interval=(row.low, row.high),
        reasons=tuple(Reason(*reason) for reason in row.reasons or ()),
        horizon_days=row.horizon_days,
        model_version=row.model_version,
        scored_at=row.scored_at,
        warnings=_warnings(row.warnings or []),
        confidence=Confidence(row.confidence or Confidence.OK),
    )
    change = None
    if row.before is not None:
        change = Change(Before(row.before, row.grade_before), row.model_part, row.lead_part)
    return StoredScore(row.score_id, score, change)


def _warnings(stored: Sequence[str]) -> tuple[str, ...]:
    """A score's warnings; those of scores from before there was a limit are shortened as a new one's are."""
    return tuple(stored) if len(stored) <= MOST_WARNINGS + 1 else at_most_ten(stored)


def find_scores(connection: Connection, lead_id: str) -> list[StoredScore]:
    """All scores that a lead ever had, the newest first."""
    rows = connection.execute(select(scores).where(scores.c.lead_id == lead_id).order_by(scores.c.score_id.desc()))
    return [score_of(row) for row in rows]
