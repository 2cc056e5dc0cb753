"""The change of conversion in words that both departments read alike: a `Change` in, sentences out."""

from analytics.mix.change import Change
from analytics.statistics.estimates import Estimate

HANDLING = "Handling is what was done with them, or quality that the fields do not show."

CANNOT_TELL = "How much of that came with the leads that arrived, and how much from handling, cannot be told."


def change_sentences(change: Change, *, is_blind: bool = False) -> tuple[str, ...]:
    """The answer in two sentences, and what handling means; `is_blind` where the reference tells nothing apart."""
    total, mix, handling = (_Known.of(part) for part in (change.total, change.mix, change.handling))
    if total is None or mix is None or handling is None:
        return (f"The change of conversion is not known: {change.total.reason}.",)
    whose = CANNOT_TELL if is_blind else _whose_part(total, mix, handling)
    return (_what_changed(change, total), whose, HANDLING)


class _Known:
    """An estimate in points whose number and interval are known, as it is told."""

    def __init__(self, value: float, low: float, high: float) -> None:
        self.value, self.low, self.high = value, low, high
        self.noise = ", which is within noise" if low <= 0 <= high else ""

    @classmethod
    def of(cls, part: Estimate) -> "_Known | None":
        if part.value is None or part.low is None or part.high is None:
            return None
        return cls(100 * part.value, 100 * part.low, 100 * part.high)

    def turned(self) -> "_Known":
        return _Known(-self.value, -self.high, -self.low)

    @property
    def interval(self) -> str:
        return f"[{_one_decimal(self.low)}, {_one_decimal(self.high)}]"

    def signed(self) -> str:
        plus = "+" if self.value >= 0.05 else ""
        return f"{plus}{_one_decimal(self.value)} points {self.interval}{self.noise}"


def _what_changed(change: Change, total: _Known) -> str:
    before, after = (_one_decimal(100 * (side.value or 0.0)) for side in (change.before, change.after))
    if not total.noise:
        return f"Conversion {'fell' if total.value < 0 else 'rose'} from {before} % to {after} %."
    could = ""
    if change.smallest.value is not None:
        leads = f"{change.before.n:,} and {change.after.n:,} leads"
        could = (
            f"; the smallest change that {leads} could have shown is {_one_decimal(100 * change.smallest.value)} points"
        )
    return f"Conversion was {before} % and is {after} %: {total.signed()}{could}."


def _whose_part(total: _Known, mix: _Known, handling: _Known) -> str:
    """Parts that point the same way as a clear change are told as parts of it, others as what they are."""
    size, came, done = (total, mix, handling) if total.value > 0 else (total.turned(), mix.turned(), handling.turned())
    if total.noise or min(came.value, done.value) <= -0.05:
        return f"The leads that arrived moved it by {mix.signed()}; handling by {handling.signed()}."
    return (
        f"Of the {_one_decimal(size.value)} points, "
        f"{_one_decimal(came.value)} came with the leads that arrived {came.interval}{came.noise}, "
        f"{_one_decimal(done.value)} from handling {done.interval}{done.noise}."
    )


def _one_decimal(value: float) -> str:
    return f"{0.0 if abs(value) < 0.05 else value:.1f}".replace("-", "−")
