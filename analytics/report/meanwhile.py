"""A sentence about what changed in the work beside handling, so far as it is recorded."""

from collections.abc import Callable
from datetime import timedelta

from analytics.mix.printed import one_decimal
from analytics.report.compared import Compared
from analytics.report.report import Report
from analytics.response.words import span_in_words

NOT_THE_CAUSE = "Whether that is why cannot be told from this"
NONE_CLEAR = (
    "Speed, reach and calls per lead did not change clearly, so what changed is more likely after the first "
    "conversation, or in the leads themselves. "
)


def meanwhile(report: Report) -> str:
    """Which parts of the work changed clearly in the same weeks, never as the cause; or that none of them did.

    Empty where too little is recorded to say either.
    """
    response, talks = report.response.compared, report.conversations.compared
    looked_at = (response.attempt_median, talks.reach, talks.attempts)
    told = [
        *_moved("the median time to first call", response.attempt_median, _span),
        *_moved("the share of leads never called", response.never_tried, _share),
        *_moved("the share of called leads that were reached", talks.reach, _share),
        *_moved("calls per lead called", talks.attempts, one_decimal),
    ]
    if told:
        return f"In the same weeks {'; '.join(told)}. {NOT_THE_CAUSE}. "
    known = all(pair.change.low is not None and pair.change.high is not None for pair in looked_at)
    return NONE_CLEAR if known else ""


def _moved(name: str, pair: Compared, told: Callable[[float], str]) -> list[str]:
    """The name with its number before and after, where that changed clearly."""
    if not pair.clear or pair.before.value is None or pair.after.value is None:
        return []
    return [f"{name} went from {told(pair.before.value)} to {told(pair.after.value)}"]


def _span(minutes: float) -> str:
    return span_in_words(timedelta(minutes=minutes))


def _share(share: float) -> str:
    return f"{100 * share:.0f} in 100"
