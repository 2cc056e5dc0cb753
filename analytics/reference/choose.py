"""Choose the reference model of two periods: the newest known version that has seen the outcomes of neither."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.leads_as_of.groups import Period


@dataclass(frozen=True)
class KnownModel:
    """A model version and the leads it learned from, calibration and the choice among candidates included.

    They arrived from `learned_from` (None: since ever) on and before `learned_until`, for which the as-of date is
    safe. `tells_apart` is False where it serves mere rates, or probabilities that are all about the same.
    """

    version: str
    horizon_days: int
    learned_until: datetime
    learned_from: datetime | None = None
    tells_apart: bool = True

    def has_seen(self, period: Period) -> bool:
        """Whether it may have learned from a lead that arrived in the period."""
        start = self.learned_from or datetime.min.replace(tzinfo=self.learned_until.tzinfo)
        return period.meets(start, self.learned_until)


@dataclass(frozen=True)
class Reference:
    """The model to use, or None: then `train_before` is the latest arrival of a lead that one may be fitted on.

    `says` tells which, and why, for the page; `why_none` why there is none, as a clause.
    """

    version: str | None
    train_before: datetime
    says: str
    why_none: str = ""


def choose_reference(models: Iterable[KnownModel], before: Period, after: Period, horizon_days: int) -> Reference:
    """The newest model for this horizon that was trained on neither period; none predicts leads it was trained on."""
    start = min(before.start, after.start)
    known = [model for model in models if model.horizon_days == horizon_days]
    unseen = [model for model in known if not (model.has_seen(before) or model.has_seen(after))]
    fair = [model for model in unseen if model.tells_apart]
    if fair:
        newest = max(fair, key=lambda model: (model.learned_until, model.version))
        says = f"Model {newest.version} judges both periods: the newest that learned from neither."
        return Reference(newest.version, start, says)
    why = f"for a horizon of {horizon_days} days {_why_none(known, unseen, start)}"
    says = (
        f"F{why[1:]}; the reference has to be trained for this report on leads that arrived before "
        f"{start:%Y-%m-%d}, or out of fold."
    )
    return Reference(None, start, says, why)


def _why_none(known: Sequence[KnownModel], unseen: Sequence[KnownModel], start: datetime) -> str:
    """Why none of the models of the horizon may predict leads from `start` on."""
    if not known:
        return "there is no stored model"
    if unseen:
        return f"model {unseen[-1].version} learned from neither period but tells no lead from another"
    oldest = min(known, key=lambda model: model.learned_until)
    return (
        f"every stored model may have learned from leads of these periods, which begin on {start:%Y-%m-%d}; the "
        f"oldest, {oldest.version}, was trained on leads that arrived before {oldest.learned_until:%Y-%m-%d}"
    )
