"""The encoder of yes and no."""

from features.encoders.numeric import Numeric
from features.lead import Value


class Flag(Numeric):
    """1 for yes, 0 for no.

    >>> Flag("demo").encode_value(True), Flag("demo").describe(0, False)
    ((1.0,), 'is no')
    """

    def describe(self, column: int, value: Value) -> str:  # noqa: ARG002 - there is one column
        return "is yes" if value else "is no"

    @property
    def profile_levels(self) -> tuple[str, ...]:
        return ("no", "yes")
