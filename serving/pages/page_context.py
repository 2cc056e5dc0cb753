"""Who looks at a page, when, and by which clocks: what every view needs to choose its words."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from features.schema import LeadSchema
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.views import Chance, Waiting
from serving.queue_rules import QueueEntry
from training.model import ScoringModel

NOT_TOLD = mark("not given")


@dataclass(frozen=True, slots=True)
class PageContext:
    """`agent` is the reader's name; `model` the champion in use, None while there is none."""

    now: datetime
    zone: tzinfo
    agent: str
    model: ScoringModel | None

    @property
    def schema(self) -> LeadSchema | None:
        """The champion's."""
        return self.model.schema if self.model else None

    def moment(self, at: datetime) -> str:
        """As people say it."""
        return formatting.moment(at, self.now, self.zone)

    def moment_with_zone(self, at: datetime) -> str:
        """As people say it, and by whose clocks."""
        return f"{self.moment(at)} {at.astimezone(self.zone):%Z}"

    def exact(self, at: datetime) -> str:
        """To the second."""
        return formatting.exact(at, self.zone)

    def ago(self, at: datetime) -> str:
        """How long ago it was."""
        return _("%(duration)s ago", duration=formatting.duration((self.now - at).total_seconds()))


def chance_of(probability: float, horizon_days: int) -> Chance:
    """A probability in words."""
    within = ngettext(
        "becomes a customer within %(days)s",
        "become customers within %(days)s",
        formatting.count_in_hundred(probability),
        days=formatting.day_count(horizon_days),
    )
    return Chance(formatting.in_hundred(probability), formatting.decimals(probability), within)


def waiting_of(place: QueueEntry, context: PageContext) -> Waiting:
    """A place's wait against its promise."""
    target = formatting.response_target(place.arrived, place.promised_by, place.attempts > 0, context.now, context.zone)
    arrived = _("arrived %(when)s", when=context.exact(place.arrived))
    due = ", " + _("call due %(when)s", when=context.exact(place.promised_by)) if place.promised_by else ""
    return Waiting(
        words=formatting.waiting(place.arrived, context.now),
        exact=arrived + due,
        overdue=formatting.overdue(place.promised_by, context.now),
        arrived=place.arrived.timestamp(),
        due_at=place.promised_by.timestamp() if place.promised_by else None,
        response_target=target,
    )
