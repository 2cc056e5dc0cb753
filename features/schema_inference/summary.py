"""What `leads init` found, in words for people who sell: leads and their outcomes in, lines out."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """How many leads and what became of them, what decides that, what was set aside, and what to check first.

    `looks_like` is the export that the headers are of, such as "HubSpot deals export", empty where it is not known;
    `taken` the roles that came from that. `first` and `last` are the days of the first and the last arrival.
    """

    leads: int
    is_sample: bool
    won: int
    lost: int
    open: int
    not_worked: int
    column: str
    won_values: tuple[str, ...]
    lost_values: tuple[str, ...]
    open_values: tuple[str, ...]
    looks_like: str = ""
    headers: int = 0
    taken: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    later: tuple[str, ...] = ()
    left_out: int = 0
    used: int = 0
    checks: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The summary, line by line."""
        if self.looks_like:
            article = "an" if self.looks_like[0] in "AEIOaeio" else "a"
            took = f"; from that: {', '.join(self.taken)}" if self.taken else ""
            yield f"This looks like {article} {self.looks_like} ({self.headers} of its headers){took}."
        when = f", arrived from {self.first} to {self.last}" if self.first else ", without an arrival time"
        sample = " looked at (a random sample)" if self.is_sample else ""
        yield f"{self.leads:,} leads{sample}{when}: {self._became()}."
        yield f'What decides is "{self.column}": won is {_listed(self.won_values)}; {self._not_won()}.'
        yield f"{self.used} fields may feed the score."
        if self.later:
            yield f"Set aside, as they are known only later: {_listed(self.later, 12)}."
        if self.left_out:
            yield f"{self.left_out} columns are left out; scoring.toml says why, at its end."
        if self.checks:
            yield "Check first:"
            yield from (f"  {number}. {check}" for number, check in enumerate(self.checks, 1))

    def _became(self) -> str:
        untouched = f", {self.not_worked:,} not worked yet" if self.not_worked else ""
        return f"{self.won:,} won, {self.lost:,} lost, {self.open:,} open{untouched}"

    def _not_won(self) -> str:
        if not self.lost_values:
            return "everything else is lost"
        still = f", open is {_listed(self.open_values)}" if self.open_values else ""
        return f"lost is {_listed(self.lost_values)}{still}"


def _listed(texts: tuple[str, ...], most: int = 6) -> str:
    shown = ", ".join(texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown
