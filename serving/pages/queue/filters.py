"""Which part of the queue a reader looks at, as a query or a form names it, and the links that keep it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from language.text import gettext as _
from language.text import mark
from serving.pages.views import Choice, Filter, Link
from serving.queue_rules import ORDERS, Order, QueueFilter
from serving.store.overview import Choices
from training.model import GRADES

AGES: dict[str, tuple[str, timedelta | None, timedelta | None]] = {
    "hour": (mark("the last hour"), None, timedelta(hours=1)),
    "day": (mark("the last day"), None, timedelta(days=1)),
    "week": (mark("the last 7 days"), None, timedelta(days=7)),
    "older": (mark("longer ago"), timedelta(days=7), None),
}
"""Words for each age, and the ages between which leads arrived."""

ORDER_WORDS: dict[Order, str] = {
    "cost": mark("what waiting costs"),
    "score": mark("overdue, then chance"),
    "value": mark("overdue, then worth"),
    "wait": mark("overdue, then wait"),
}
NAMES = ("order", "source", "grade", "agent", "age")


@dataclass(frozen=True, slots=True)
class QueueFilters:
    """The filters and the order as they stand in the address; empty is all. `usual` is the order if none is said."""

    order: Order = "cost"
    usual: Order = "cost"
    source: str = ""
    grade: str = ""
    agent: str = ""
    age: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str], usual: Order) -> "QueueFilters":
        """From a query or a form; what is not one of the choices counts as not said."""
        order: Order = next((order for order in ORDERS if order == given.get("order")), usual)
        source, agent = (given.get(name, "").replace("\0", "")[:200] for name in ("source", "agent"))
        grade, age = given.get("grade", ""), given.get("age", "")
        return cls(order, usual, source, grade if grade in GRADES else "", agent, age if age in AGES else "")

    @property
    def ask(self) -> QueueFilter:
        """In the store's terms."""
        older_than, younger_than = AGES.get(self.age, ("", None, None))[1:]
        return QueueFilter(
            self.order, self.source or None, self.grade or None, self.agent or None, older_than, younger_than
        )

    @property
    def said(self) -> tuple[tuple[str, str], ...]:
        """Names and values of what was said."""
        pairs = ((name, getattr(self, name)) for name in NAMES)
        return tuple((name, value) for name, value in pairs if value and (name, value) != ("order", self.usual))

    @property
    def is_filtered(self) -> bool:
        return any((self.source, self.grade, self.agent, self.age))

    def url(self, **more: str) -> str:
        """The queue page with the same filters, and more."""
        query = urlencode([*self.said, *more.items()])
        return f"/queue?{query}" if query else "/queue"

    def sorted_by(self, order: Order, text: str) -> Link:
        """A link to the same leads in another order."""
        return Link(text, replace(self, order=order).url(), current=self.order == order)

    def choices(self, found: Choices) -> tuple[Filter, ...]:
        """The forms' filters, with what there is to choose from."""
        return (
            _filter("source", _("Source"), _("all"), self.source, {source: source for source in found.sources}),
            _filter("grade", _("Grade"), _("all"), self.grade, {grade: grade for grade in GRADES}),
            _filter("agent", _("Agent"), _("anybody"), self.agent, {agent: agent for agent in found.agents}),
            _filter("age", _("Arrived"), _("any time"), self.age, {age: _(ends[0]) for age, ends in AGES.items()}),
            self._order_filter(),
        )

    def _order_filter(self) -> Filter:
        options = (Choice(order, _(words), order == self.order) for order, words in ORDER_WORDS.items())
        return Filter("order", _("Order"), tuple(options))


def _filter(name: str, label: str, everything: str, chosen: str, values: Mapping[str, str]) -> Filter:
    offered = {**values, chosen: chosen} if chosen and chosen not in values else values
    options = (Choice(value, text, value == chosen) for value, text in offered.items())
    return Filter(name, label, (Choice("", everything, not chosen), *options))
