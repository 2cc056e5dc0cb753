"""Which model may judge two periods: the known versions in, the newest that has seen neither's outcomes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analytics.facts.groups import Period


@dataclass(frozen=True)
class KnownModel:
    """A model version and the leads it learned from, calibration and the choice among candidates included.

    They arrived from `learned_from` (None: since ever) to `learned_until`, for which the as-of date is safe.
    """

    version: str
    horizon_days: int
    learned_until: datetime
    learned_from: datetime | None = None

    def has_seen(self, period: Period) -> bool:
        """Whether it may have learned from a lead that arrived in the period."""
        start = self.learned_from or datetime.min.replace(tzinfo=self.learned_until.tzinfo)
        return period.meets(start, self.learned_until)


@dataclass(frozen=True)
class Reference:
    """The model that judges, or None: then `train_before` is when the leads that may teach one arrived at the latest.

    `says` tells which, and why, for the page.
    """

    version: str | None
    train_before: datetime
    says: str


def choose_reference(models: Iterable[KnownModel], before: Period, after: Period, horizon_days: int) -> Reference:
    """The newest model for this horizon that was trained on neither period; a model never judges what it has seen."""
    start = min(before.start, after.start)
    known = [model for model in models if model.horizon_days == horizon_days]
    fair = [model for model in known if not (model.has_seen(before) or model.has_seen(after))]
    if fair:
        newest = max(fair, key=lambda model: (model.learned_until, model.version))
        says = f"Model {newest.version} judges both periods: the newest that learned from neither."
        return Reference(newest.version, start, says)
    why = "every stored model has seen outcomes of these periods" if known else "there is no stored model"
    return Reference(
        None,
        start,
        f"For a horizon of {horizon_days} days {why}; the reference has to be trained for this report "
        f"on leads that arrived before {start:%Y-%m-%d}, or out of fold.",
    )
