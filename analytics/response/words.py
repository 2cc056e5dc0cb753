"""The effect of speed in words. In: the effect. Out: sentences for the page."""

from datetime import timedelta

from analytics.response.speed import LEAST_TELLING, SpeedEffect, Verdict


def in_words(effect: SpeedEffect) -> str:
    """The effect as two or three sentences for the page; it always says that it is observational."""
    if effect.soon.value is None or effect.later.value is None or effect.raw.value is None:
        return "No matured leads can be told apart by how soon they were tried."
    limit = span_in_words(effect.limit)
    plain = (
        f"Of 100 leads tried within {limit}, {100 * effect.soon.value:.1f} won; "
        f"of 100 tried later, {100 * effect.later.value:.1f}."
    )
    return f"{plain} {_adjusted_words(effect)} This is observational: nobody drew lots for who is called first."


def span_in_words(span: timedelta) -> str:
    """Working time as people say it: 15 minutes, 1 hour, 2.5 hours."""
    minutes = span.total_seconds() / 60
    amount, unit = (minutes, "minute") if minutes < 60 else (minutes / 60, "hour")
    number = round(amount) if amount >= 10 else round(amount, 1)
    return f"{number:,g} working {unit}{'' if number == 1 else 's'}"


def _adjusted_words(effect: SpeedEffect) -> str:
    adjusted, lost = effect.adjusted, effect.wins_lost
    if adjusted.value is None or adjusted.low is None or adjusted.high is None:
        return f"Whether that is speed cannot be told: {adjusted.reason}."
    low, high = 100 * adjusted.low, 100 * adjusted.high
    points = f"{100 * adjusted.value:+.1f} points, between {low:.1f} and {high:.1f}".replace("-", "−")
    same = f"At the same score the difference is {points}"
    if effect.verdict is Verdict.NOISE or lost.value is None or lost.low is None or lost.high is None:
        return f"{same}, which is within noise."
    if effect.telling < LEAST_TELLING:
        return f"{same}. The score tells these leads apart too little to say that it is speed."
    if effect.verdict is Verdict.MAY_BE_HIDDEN:
        return f"{same}. It may not be speed: it is explained if {_hidden_words(effect)}."
    cost = f"waiting cost {lost.value:,.0f} wins, between {lost.low:,.0f} and {lost.high:,.0f}".replace("-", "−")
    doubt = f", unless {_hidden_words(effect)}" if effect.hidden_reason else ""
    return f"{same}; {cost}{doubt}."


def _hidden_words(effect: SpeedEffect) -> str:
    part = f"{effect.hidden_reason:.1f} times as telling"
    return f"agents saw something in the leads that the score does not show and that is {part}"
