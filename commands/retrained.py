"""What one `leads retrain` did and why: the report that is printed, kept as a file, and mailed by cron."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Ended = Literal["promoted", "held", "refused", "would promote", "would hold"]

SAYS: dict[Ended, str] = {
    "promoted": "Version {version} is champion, in place of {champion}.",
    "held": "The champion stays {champion}; version {version} is registered as challenger.",
    "refused": "Refused: nothing was registered. The champion stays {champion}.",
    "would promote": "Dry run, nothing was registered: the new model would be champion, in place of {champion}.",
    "would hold": "Dry run, nothing was registered: the champion would stay {champion}.",
}


@dataclass(frozen=True)
class Retrained:
    """One retraining. `exported` is each file's SHA-256 by its name; `accepted` are changes that were let pass."""

    ended: Ended
    champion: str | None
    version: str | None
    started_at: datetime
    seconds: float
    leads: int
    won: float
    reasons: tuple[str, ...]
    accepted: tuple[str, ...]
    notes: tuple[str, ...]
    exported: dict[str, str]

    @property
    def champion_stays(self) -> bool:
        return self.ended in ("held", "would hold", "refused")

    def sentences(self) -> Iterator[str]:
        """The report as lines of text, the answer first."""
        yield SAYS[self.ended].format(
            version=self.version, champion=f"version {self.champion}" if self.champion else "none"
        )
        if self.leads:
            yield f"  learned from {self.leads:,} leads, {self.won:,.0f} of them won, in {self.seconds:.0f} s"
        yield from (f"  {reason}" for reason in self.reasons)
        yield from (f"  accepted: {change}" for change in self.accepted)
        yield from (f"  note: {note}" for note in self.notes)
