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
    told = work_changes(report, lambda pair: pair.clear)
    if told:
        return f"In the same weeks {'; '.join(told.values())}. {NOT_THE_CAUSE}. "
    response, talks = report.response.compared, report.conversations.compared
    looked_at = (response.attempt_median, talks.reach, talks.attempts)
    known = all(pair.change.low is not None and pair.change.high is not None for pair in looked_at)
    return NONE_CLEAR if known else ""


def work_changes(report: Report, is_told: Callable[[Compared], bool]) -> dict[str, str]:
    """By its metric, the name of each part of the work that is to be told, with its number before and after."""
    response, talks = report.response.compared, report.conversations.compared
    parts: list[tuple[str, str, Compared, Callable[[float], str]]] = [
        ("first_attempt", "the median time to first call", response.attempt_median, _span),
        ("never_tried", "the share of leads never called", response.never_tried, _share),
        ("reach", "the share of called leads that were reached", talks.reach, _share),
        ("attempts", "calls per lead called", talks.attempts, one_decimal),
    ]
    return {
        metric: f"{name} went from {write(pair.before.value)} to {write(pair.after.value)}"
        for metric, name, pair, write in parts
        if is_told(pair) and pair.before.value is not None and pair.after.value is not None
    }


def _span(minutes: float) -> str:
    return span_in_words(timedelta(minutes=minutes))


def _share(share: float) -> str:
    return f"{100 * share:.0f} in 100"
