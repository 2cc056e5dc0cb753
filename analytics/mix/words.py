"""The change of conversion in words that both departments read alike: a `Change` in, sentences out."""

from analytics.mix.change import Change
from analytics.mix.printed import Printed, one_decimal, printed
from analytics.mix.verdict import Verdict, verdict
from stats.estimates import Estimate

HANDLING = "Handling is what was done with them, or quality that the fields do not show."

CANNOT_TELL = "How much of that came with the leads that arrived, and how much from handling, cannot be told"


def change_sentences(change: Change, *, is_blind: bool = False) -> tuple[str, ...]:
    """The answer in two sentences, and what handling means; `is_blind` where the reference tells nothing apart."""
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
    could = (
        "" if seen is None else f" A change of {one_decimal(100 * seen)} points would be seen in four of five cases."
    )
    moved = f"{_signed(shown.total)} points {_interval(change.total)}"
    return f"{said.capitalize()}: conversion was {before} % and is {after} %, {moved}.{could}"


def _whose_part(change: Change, shown: Printed) -> str:
    """Parts that point the same way as a clear change are told as parts of it, others as what they are."""
    sign = 1 if (change.total.value or 0.0) > 0 else -1
    came, done = sign * shown.mix, sign * shown.handling
    if verdict(change.total, change.p_value) is not Verdict.CLEAR or min(came, done) < 0:
        mix = _moved(shown.mix, change.mix, change.smallest_mix, change.p_value)
        handling = _moved(shown.handling, change.handling, change.smallest_handling, change.p_value)
        return f"The leads that arrived moved it by {mix}; handling by {handling}."
    return (
        f"Of the {one_decimal(abs(shown.total))} points, "
        f"{one_decimal(came)} came with the leads that arrived {_turned(change.mix, sign)}"
        f"{_unclear(change.mix, change.smallest_mix, change.p_value)}, "
        f"{one_decimal(done)} from handling {_turned(change.handling, sign)}"
        f"{_unclear(change.handling, change.smallest_handling, change.p_value)}."
    )


def _moved(shown: float, part: Estimate, smallest: Estimate, p_value: float) -> str:
    return f"{_signed(shown)} points {_interval(part)}{_unclear(part, smallest, p_value)}"


def _unclear(part: Estimate, smallest: Estimate, p_value: float) -> str:
    """What keeps a part from being clear, and how large it would have to be."""
    said = verdict(part, p_value)
    if said is Verdict.CLEAR:
        return ""
    return f", {said}" + ("" if smallest.value is None else f" ({one_decimal(100 * smallest.value)} would be seen)")


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{one_decimal(value)}"


def _interval(part: Estimate) -> str:
    return _turned(part, 1)


def _turned(part: Estimate, sign: int) -> str:
    low, high = sorted(100 * sign * (end or 0.0) for end in (part.low, part.high))
    return f"[{one_decimal(low)}, {one_decimal(high)}]"
