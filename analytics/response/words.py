"""The effect of speed in sentences for the page."""

from datetime import timedelta

import numpy as np

from analytics.mix.printed import moved
from analytics.response.speed import LEAST_TELLING, MOST_LEFT, SpeedEffect, Verdict
from stats.estimates import Estimate

OBSERVATIONAL = "This is observational: agents chose whom to call first, so this isn't proof."


def in_words(effect: SpeedEffect) -> str:
    """The effect as sentences for the page, the adjusted one first; they always say that it is observational."""
    if effect.soon.value is None or effect.later.value is None or effect.raw.value is None:
        return "No matured leads can be told apart by how soon they were called."
    plain = (
        f"As it looks, of 100 leads called within {span_in_words(effect.limit)}, {100 * effect.soon.value:.1f} won; "
        f"of 100 called later, {100 * effect.later.value:.1f}."
    )
    return f"{_adjusted_words(effect)} {plain} {OBSERVATIONAL}"


def span_in_words(span: timedelta) -> str:
    """Working time as people say it: 15 minutes, 1 hour, 2.5 hours."""
    minutes = span.total_seconds() / 60
    amount, unit = (minutes, "minute") if minutes < 60 else (minutes / 60, "hour")
    number = round(amount) if amount >= 10 else round(amount, 1)
    return f"{number:,g} working {unit}{'' if number == 1 else 's'}"


def basis_in_words(by_fields: bool) -> str:
    """What the leads that are compared have in common."""
    return "At the same score and fields" if by_fields else "At the same score"


def _adjusted_words(effect: SpeedEffect) -> str:
    adjusted = effect.adjusted
    if adjusted.value is None or adjusted.low is None or adjusted.high is None:
        return f"Whether speed makes a difference cannot be told: {adjusted.reason}."
    same = (
        f"{basis_in_words(effect.by_fields)}, leads called within {span_in_words(effect.limit)} and later differ in "
        f"conversion by {moved(adjusted)}"
    )
    if effect.verdict is Verdict.NOISE:
        return f"{same}: no clear difference."
    if effect.telling < LEAST_TELLING:
        return f"{same}. The score tells these leads apart too little to say that it is speed."
    if effect.verdict is Verdict.MAY_BE_HIDDEN:
        return f"{same}. It may not be speed: {_other_reason(effect)}."
    return f"{same}; {_cost_words(effect.wins_lost)}, unless {_hidden_words(effect)}."


def _other_reason(effect: SpeedEffect) -> str:
    if (effect.hidden_reason or np.inf) <= MOST_LEFT:
        return f"it is explained if {_hidden_words(effect)}"
    return (
        "what agents called first by hardly shows in what is known of the leads, and whether they saw something else "
        "or took them as they came cannot be told"
    )


def _cost_words(lost: Estimate) -> str:
    if lost.value is None or lost.low is None or lost.high is None:
        return f"that may well be speed, but {lost.reason}"
    return f"waiting cost {lost.value:,.0f} wins, between {lost.low:,.0f} and {lost.high:,.0f}".replace("-", "−")


def _hidden_words(effect: SpeedEffect) -> str:
    seen, them = ("the score and the fields do", "they are") if effect.by_fields else ("the score does", "it is")
    telling = f" and that is {effect.hidden_reason:.1f} times as telling as {them}" if effect.hidden_reason else ""
    return f"agents saw something in the leads that {seen} not show{telling}"
