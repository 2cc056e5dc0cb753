"""Speed's effect on winning for the report."""

from dataclasses import dataclass, field
from datetime import timedelta

from analytics.response.speed import SpeedEffect
from analytics.response.waits import Waiting
from analytics.response.words import in_words
from stats.estimates import Estimate

MINUTE = 60.0


@dataclass(frozen=True)
class SpeedBar:
    """Leads tried after more than `over` and at most `up_to` minutes of working time (None is no limit): share won."""

    over: float | None
    up_to: float | None
    raw: Estimate = field(metadata={"metric": "conversion"})
    adjusted: Estimate = field(metadata={"metric": "conversion"})


@dataclass(frozen=True)
class Speed:
    """Winning among leads tried within `limit` minutes of working time against leads tried later; observational.

    A class of its own because JSON has `analytics.response.speed.SpeedEffect` in minutes, with its `verdict`
    ("unknown", "within noise", "may be a hidden reason", "speed") and `words`. `allowing_hidden` is the adjusted effect
    with an interval that allows for a hidden reason. `wins_lost` is known only where the verdict is speed. `score` is
    what leads were compared by: "score" stored on arrival, or "reference"; `by_fields` whether by their fields as well.
    """

    limit: float
    soon: Estimate = field(metadata={"metric": "conversion"})
    later: Estimate = field(metadata={"metric": "conversion"})
    raw: Estimate = field(metadata={"metric": "raw_speed_effect"})
    adjusted: Estimate = field(metadata={"metric": "speed_effect"})
    allowing_hidden: Estimate = field(metadata={"metric": "speed_effect"})
    wins_lost: Estimate = field(metadata={"metric": "wins_lost_to_delay"})
    bars: tuple[SpeedBar, ...]
    hidden_reason: float | None
    compared: int
    without_overlap: int
    without_score: int
    closed_before: int
    never_tried: int
    score: str
    verdict: str
    words: str
    by_fields: bool = False


def speed_of(effect: SpeedEffect, waiting: Waiting) -> Speed:
    """The effect with its words, spans in minutes."""
    lacking = waiting.leads[["reference", "probability"]].isna().sum()
    own = ("soon", "later", "raw", "adjusted", "allowing_hidden", "wins_lost", "hidden_reason")
    counts = ("compared", "without_overlap", "without_score", "closed_before", "never_tried")
    bars = (SpeedBar(_minutes(bar.over), _minutes(bar.up_to), bar.raw, bar.adjusted) for bar in effect.bars)
    return Speed(
        limit=effect.limit.total_seconds() / MINUTE,
        bars=tuple(bars),
        score="reference" if lacking["reference"] < lacking["probability"] else "score",
        verdict=str(effect.verdict),
        words=in_words(effect),
        by_fields=effect.by_fields,
        **{name: getattr(effect, name) for name in (*own, *counts)},
    )


def _minutes(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds() / MINUTE
