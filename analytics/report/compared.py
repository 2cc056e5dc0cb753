"""Numbers of the earlier period beside those of the later one, with their differences."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scipy.stats import norm

from stats.estimates import Estimate, Z, difference_of, holm

LEVEL = 0.05


@dataclass(frozen=True)
class Compared:
    """The same number of both periods; `change` is later less earlier, with an interval of its own.

    It is `clear` where it is beyond noise for all numbers that are compared beside it together (Holm 1979): of a dozen
    that did not change, one is often outside its own interval.
    """

    before: Estimate
    after: Estimate
    change: Estimate
    clear: bool

    @property
    def p_value(self) -> float:
        """The probability of such a change where there is none; 1 where that is not known."""
        return _p_value(self.change)


@dataclass(frozen=True)
class ResponseCompared:
    """Speed of response of the leads of both periods; waits in minutes of working time."""

    attempt_median: Compared = field(metadata={"metric": "first_attempt"})
    attempt_ninetieth: Compared = field(metadata={"metric": "first_attempt"})
    conversation_median: Compared = field(metadata={"metric": "first_conversation"})
    conversation_ninetieth: Compared = field(metadata={"metric": "first_conversation"})
    kept: Compared = field(metadata={"metric": "promise_kept"})
    never_tried: Compared = field(metadata={"metric": "never_tried"})
    never_reached: Compared = field(metadata={"metric": "never_reached"})


@dataclass(frozen=True)
class ConversationsCompared:
    """What was done in conversations with the leads of both periods."""

    attempts: Compared = field(metadata={"metric": "attempts"})
    reach: Compared = field(metadata={"metric": "reach"})
    talk_s: Compared = field(metadata={"metric": "talk"})
    follow_up_kept: Compared = field(metadata={"metric": "follow_up_kept"})
    reasons_filled: Compared = field(metadata={"metric": "lost_reason_filled"})


@dataclass(frozen=True)
class CostCompared:
    """What a customer, and a qualified lead, of either period cost."""

    per_win: Compared = field(metadata={"metric": "cac"})
    per_qualified: Compared = field(metadata={"metric": "cost_per_qualified_lead"})


def compared(pairs: Mapping[str, tuple[Estimate, Estimate]]) -> dict[str, Compared]:
    """Each name's number before and after."""
    changes = {name: difference_of(after, before) for name, (before, after) in pairs.items()}
    clear = dict(zip(changes, holm([_p_value(change) for change in changes.values()], LEVEL), strict=True))
    return {name: Compared(*pair, changes[name], clear[name]) for name, pair in pairs.items()}


def _p_value(change: Estimate) -> float:
    """The probability of such a change where there is none, from its interval; 1 where that is not known."""
    if change.value is None or change.low is None or change.high is None:
        return 1.0
    reach = change.value - change.low if change.value > 0 else change.high - change.value
    return 1.0 if reach <= 0 else float(2 * norm.sf(Z * abs(change.value) / reach))
