"""A number of the earlier period beside that of the later one: two estimates in, with their difference out."""

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class CostCompared:
    """What a customer, and a qualified lead, of either period cost."""

    per_win: Compared
    per_qualified: Compared


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
