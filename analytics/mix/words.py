"""The change of conversion in sentences that both departments read alike."""

from analytics.mix.change import Change
from analytics.mix.printed import Printed, moved, one_decimal, printed
from analytics.mix.verdict import Verdict, is_clear, verdict
from stats.estimates import Estimate

WOULD_SHOW = "would have shown in four of five cases"
HANDLING = "Handling: how leads were worked, plus any quality our fields don't capture."

CANNOT_TELL = "How much of that came with the leads that arrived, and how much from handling, cannot be told"


def change_sentences(change: Change, *, is_blind: bool = False) -> tuple[str, ...]:
    """The answer in two sentences, and what handling means; `is_blind` where the reference has no power."""
    shown = printed(change)
    if shown is None:
        return (f"The change of conversion is not known: {change.total.reason}.",)
    if not change.mix.known or is_blind:
        why = f": {change.mix.reason.rstrip('.')}" if change.mix.reason else ""
        return (_what_changed(change, shown), f"{CANNOT_TELL}{why}.", *((HANDLING,) if is_blind else ()))
    return (_what_changed(change, shown), _whose_part(change, shown), HANDLING)


def _what_changed(change: Change, shown: Printed) -> str:
    before, after = (one_decimal(level) for level in (shown.before, shown.after))
    said = verdict(change.total, change.p_value)
    if said is Verdict.CLEAR:
        return f"Conversion {'fell' if (change.total.value or 0.0) < 0 else 'rose'} from {before} % to {after} %."
    seen = change.smallest.value
    is_tellable = seen is not None and said is Verdict.NO_CLEAR_CHANGE
    opening = f"{said.capitalize()}{_but_by(change)}"
    could = f" A change of {one_decimal(100 * (seen or 0.0))} points or more {WOULD_SHOW}." if is_tellable else ""
    return f"{opening}: conversion was {before} % and is {after} %, {moved(change.total, shown.total)}.{could}"


def _but_by(change: Change) -> str:
    """Which parts are clear where the whole is not: who reads no further must not take it that nothing changed."""
    parts = (("the leads that arrived", change.mix), ("handling", change.handling))
    clear = [name for name, part in parts if is_clear(part, change.p_value)]
    one = "a clear one" if len(clear) == 1 else "clear ones"
    return f" in all, but {one} by {' and by '.join(clear)}" if clear else ""


def _whose_part(change: Change, shown: Printed) -> str:
    """Both parts with the signs that charts and tables give them, and how large an unclear one would have to be."""
    parts = (
        ("the leads that arrived", change.mix, shown.mix, change.smallest_mix),
        ("handling", change.handling, shown.handling, change.smallest_handling),
    )
    mix, handling = (f"{moved(part, figure)}{_unclear(part, change.p_value)}" for _, part, figure, _ in parts)
    unclear = [
        f"{one_decimal(100 * smallest.value)} points or more by {name}"
        for name, part, _, smallest in parts
        if smallest.value is not None and verdict(part, change.p_value) is Verdict.NO_CLEAR_CHANGE
    ]
    could = f" A difference of {' or '.join(unclear)} {WOULD_SHOW}." if unclear else ""
    return f"The leads that arrived moved it by {mix}; handling by {handling}.{could}"


def _unclear(part: Estimate, p_value: float) -> str:
    """What keeps a part from being clear."""
    said = verdict(part, p_value)
    if said is Verdict.BORDERLINE:
        return ", borderline: beyond its own interval only"
    return "" if said is Verdict.CLEAR else f", {said}"
