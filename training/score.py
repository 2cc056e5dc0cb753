"""What a model says of one lead, and of the values in a table that it has never seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from features.lead import Lead
from training.models.confidence import Confidence

REASONS = 3
SHOWN_VALUES = 5
MOST_WARNINGS = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """The SHAP value of one field in one lead's raw score, in log-odds, with a sentence."""

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


def warn_about_fields(lead: Lead, unseen: Sequence[str]) -> tuple[str, ...]:
    """Warnings on fields that are unknown or known later, on times without a zone, and on values never `unseen`."""
    unknown = [f"field {name!r} is not known to the model and was not used" for name in lead.unknown]
    unknown += [f"field {name!r} is known later and was not used" for name in lead.later]
    never = [f"the value of {name!r} was never seen in training" for name in unseen]
    if lead.zoneless:
        never.append(f"taken as UTC, as no zone was sent: {', '.join(lead.zoneless)}")
    room = max(0, MOST_WARNINGS - len(never))  # a CRM's many properties do not hide a value that matters
    return at_most_ten([*unknown[:room], *never, *unknown[room:]])
