"""One number of the metric contract: what it counts, over which leads, and whose it is."""

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """Who can move the number, and answers for it in the weekly meeting."""

    MARKETING = "marketing"
    SALES = "sales"
    BOTH = "both"


class Unit(StrEnum):
    """What the number counts."""

    SHARE = "share"
    POINTS = "points"
    WINS = "wins"
    LEADS = "leads"
    COUNT = "count"
    RATIO = "ratio"
    MINUTES = "working minutes"
    SECONDS = "seconds"
    MONEY = "money"


class UnknownMetric(KeyError):
    """A key that is not in the contract; the message names those that are."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Metric:
    """One number of the contract.

    `formula` is said in words, `window` is which leads or days it is taken over. `changes` has one line for each
    version after the first: what it counts otherwise than the version before.
    """

    key: str
    name: str
    formula: str
    window: str
    owner: Owner
    unit: Unit
    changes: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        return 1 + len(self.changes)
