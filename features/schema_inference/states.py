"""What became of each lead, as far as a table tells before there is an as-of date."""

from dataclasses import dataclass, replace
from typing import Self

from features.schema_inference.column import Flags

MIN_SIDE = 10
"""Won leads, and lost ones, below which nothing is said of a field's strength."""


@dataclass(frozen=True, eq=False)
class States:
    """What became of each lead (n,); the rest are not worked."""

    won: Flags
    lost: Flags
    open: Flags

    def matured(self, old: Flags) -> Self:
        """As training counts them: who is open and older than the horizon (n,) has not won."""
        return replace(self, lost=self.lost | (self.open & old), open=self.open & ~old)

    @property
    def losing(self) -> Flags:
        """Whom the winners are compared with: the lost; where nobody is marked lost, all who have not won."""
        return self.lost if self.lost.sum() >= MIN_SIDE else self.lost | self.open
