"""What may be set in the second company. In: nothing. Out: its parameters, and the scenarios by name.

Times are days since the company began; effects are in probits (standard deviations of a normal number).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Picking = Literal["score", "unseen", "fair"]
LoggedBy = Literal["chance", "source", "agent"]

SIZES = ("", "small", "middle", "large")  # the first is not known
CITIES = ("Bergen", "Ghent", "Graz", "Leeds", "Lyon", "Malmo", "Porto", "Turin")
TABLE_FIELDS: Mapping[str, str] = {
    "engagement": "numeric",
    "size": "category",
    "asked_demo": "flag",
    "city": "category",
    "note_length": "numeric",
}
"""The fields of the leads table and their kinds in scoring.toml; the last two say nothing."""


@dataclass(frozen=True)
class Origin:
    """A source's campaign: how many of the leads it brings, and what they are like."""

    source: str
    campaign: str
    weight: float
    trend: float
    """Logarithm of what its weight is multiplied by over the whole history."""
    bonus: float
    """What its leads have beyond their fields, in probits."""
    engagement: tuple[float, float]
    """Centre and scale of the t-distributed engagement."""
    large: float
    """Share of large firms."""
    wait_hours: float
    """Until the first call, for the median lead that agents find neither good nor bad."""
    win_days: float
    """Mean time until a win."""
    spend: float
    """Money a lead; 0 where nothing is on record."""


ORIGINS = (
    Origin("search", "brand", 0.20, 0.2, 0.10, (0.6, 1.0), 0.15, 5, 18, 22.0),
    Origin("search", "generic", 0.16, 0.0, -0.05, (0.1, 1.1), 0.12, 6, 22, 35.0),
    Origin("social", "video", 0.14, 0.7, -0.20, (-0.7, 1.0), 0.05, 9, 30, 14.0),
    Origin("social", "lookalike", 0.10, 0.3, -0.15, (-0.5, 1.2), 0.06, 9, 30, 0.0),
    Origin("fair", "spring", 0.10, -0.5, 0.05, (0.2, 0.8), 0.35, 14, 40, 90.0),
    Origin("fair", "regional", 0.08, -0.3, 0.00, (0.0, 0.9), 0.25, 14, 40, 0.0),
    Origin("referral", "", 0.12, 0.0, 0.35, (0.7, 0.9), 0.30, 4, 25, 0.0),
    Origin("list", "", 0.10, -0.4, -0.30, (-0.9, 0.9), 0.10, 20, 45, 0.0),
)
SOURCES = tuple(dict.fromkeys(origin.source for origin in ORIGINS))


@dataclass(frozen=True)
class Window:
    """Leads that arrive from day `start` on and before day `end`."""

    start: float
    end: float


@dataclass(frozen=True)
class Company:
    """All that may be set; what is under "after the change" counts for leads that arrive from `change_day` on."""

    start: dt.date = dt.date(2025, 1, 6)
    days: float = 540.0
    change_day: float = 400.0
    period_days: float = 56.0
    """Length of the windows `before` and `after` the change."""
    horizon_days: int = 60

    base: float = -1.45
    drift: float = -0.05
    """What is added to every lead's probit over the whole history."""
    growth: float = 0.4
    """By how much more leads arrive at the end than at the beginning."""
    imported: float = 0.1
    """Share of all leads that were imported on day one."""
    degrees: float = 4.0
    """Degrees of freedom of the engagement."""
    hidden_sd: float = 0.3
    """Standard deviation of the quality that no field shows."""

    picking: Picking = "score"
    """By what agents choose whom to call first, and which leads are theirs: chance at arrival, hidden quality, lot."""
    hot_first: float = 0.9
    """How much sooner a lead is called for each standard deviation of what agents pick by, in logarithms of hours."""
    appetite: float = 0.6
    """How much more the first agent gets of what is picked, and the last less; 0 shares all leads alike."""
    skill: tuple[float, ...] = (0.12, 0.06, 0.0, 0.0, -0.06, -0.12)
    """Of each agent."""
    speed: float = 0.0
    """What a call at once adds; it falls with e^(-wait/a day)."""
    worked: float = 0.96
    """Share of the leads of every source that somebody works."""
    neglected: str | None = None
    neglected_worked: float = 0.1
    """The same of a neglected source."""

    logged: float = 1.0
    """Share of the worked leads whose calls are logged."""
    logged_by: LoggedBy = "chance"
    """What decides whether they are: by source or agent some log all, and some hardly anything."""
    closed: float = 0.8
    """Share of the leads that are not won and that somebody closes as lost."""

    # after the change
    more_of: Mapping[str, float] | None = None
    """Factors on sources' weights."""
    engagement_shift: float = 0.0
    handling_shift: float = 0.0
    slower: float = 1.0
    hidden_shift: float = 0.0

    @property
    def before(self) -> Window:
        return Window(self.change_day - self.period_days, self.change_day)

    @property
    def after(self) -> Window:
        return Window(self.change_day, self.change_day + self.period_days)


USUAL = Company()
_WORSE = {"social": 2.2, "list": 1.6, "referral": 0.5}
_BETTER = {"referral": 1.9, "search": 1.3, "social": 0.5}
COMPANIES: Mapping[str, Company] = {
    "nothing": USUAL,
    "mix": replace(USUAL, more_of=_WORSE, engagement_shift=-0.15),
    "handling": replace(USUAL, handling_shift=-0.25),
    "opposite": replace(USUAL, more_of=_BETTER, engagement_shift=0.15, handling_shift=-0.25),
    "hidden quality": replace(USUAL, hidden_shift=-0.3),
    "speed works": replace(USUAL, speed=0.45, base=-1.6),
}
