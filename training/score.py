"""The score of one lead with its reasons, and the counts of values that no training lead had."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from features.lead import Lead
from features.parsing.plausible_dates import is_plausible_arrival
from training.models.confidence import Confidence

REASONS = 3
SHOWN_VALUES = 5
MOST_WARNINGS = 10
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Reason:
    """The SHAP value of one field in one lead's raw score, in log-odds, with a sentence."""

    field: str
    contribution: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Score:
    """One lead's score. `interval` is the lower and upper end of its probability.

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


@dataclass
class UnseenCounts:
    """Counts the values never seen over the parts of a table; a value beyond the first `MOST_COUNTED` is not named."""

    leads: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, field: str, of: int, values: Mapping[str, int]) -> None:
        """Count a field's values of a part, in the order in which they came, and how many leads there have one."""
        named = self.values.setdefault(field, Counter())
        self.of[field] += of
        for value, leads in values.items():
            self.leads[field] += leads
            if value in named or len(named) < MOST_COUNTED:
                named[value] += leads

    def add_counts(self, later: "UnseenCounts") -> None:
        """Count what was counted of a later part."""
        for name, values in later.values.items():
            self.add(name, later.of[name], values)

    def found(self) -> tuple[UnseenValues, ...]:
        """The fields where some were found, their values the most frequent first."""
        return tuple(
            UnseenValues(field, self.leads[field], self.of[field], tuple(value for value, _ in named.most_common()))
            for field, named in self.values.items()
            if named
        )


def at_most_ten(warnings: Sequence[str]) -> tuple[str, ...]:
    """The first ten warnings, and how many more there are."""
    more = len(warnings) - MOST_WARNINGS
    counted = (f"and {more:,} more like these",) if more > 0 else ()
    return (*warnings[:MOST_WARNINGS], *counted)


def warn_about_lead(lead: Lead, unseen: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Warnings on fields that are unknown or known later, on values never `unseen`, and on times that are doubtful."""
    times = _warn_about_times(lead, now)
    if not (lead.unknown or lead.later or unseen or times):
        return ()
    unknown = [f"field {name!r} is not known to the model and was not used" for name in lead.unknown]
    unknown += [f"field {name!r} is known later and was not used" for name in lead.later]
    weightier = [*(f"the value of {name!r} was never seen in training" for name in unseen), *times]
    room = max(0, MOST_WARNINGS - len(weightier))  # a CRM's many properties do not hide a value that matters
    return at_most_ten([*unknown[:room], *weightier, *unknown[room:]])


def _warn_about_times(lead: Lead, now: datetime) -> list[str]:
    """On times without a zone, and on an arrival that can hardly be."""
    warnings = []
    if lead.zoneless:
        warnings.append(f"taken as UTC, as no zone was sent: {', '.join(lead.zoneless)}")
    if lead.created_at is not None and not is_plausible_arrival(lead.created_at, now):
        day = lead.created_at.astimezone(UTC).date()
        warnings.append(
            f"created_at is {day}, hardly an arrival: before 2000, or ahead of the clock; send null if unknown"
        )
    return warnings
