"""A number of the earlier period beside that of the later one: two estimates in, with their difference out."""

from dataclasses import dataclass
from typing import Self

from analytics.statistics.estimates import Estimate, difference_of


@dataclass(frozen=True)
class Compared:
    """The same number of both periods; `change` is later less earlier, within noise where its interval holds 0."""

    before: Estimate
    after: Estimate
    change: Estimate

    @classmethod
    def of(cls, before: Estimate, after: Estimate) -> Self:
        return cls(before, after, difference_of(after, before))


@dataclass(frozen=True)
class ResponseCompared:
    """Speed of response of the leads of both periods; waits in minutes of working time."""

    attempt_median: Compared
    attempt_ninetieth: Compared
    conversation_median: Compared
    conversation_ninetieth: Compared
    kept: Compared
    never_tried: Compared
    never_reached: Compared


@dataclass(frozen=True)
class ConversationsCompared:
    """What was done in conversations with the leads of both periods."""

    attempts: Compared
    reach: Compared
    talk_s: Compared
    follow_up_kept: Compared
    reasons_filled: Compared
