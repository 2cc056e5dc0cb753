"""What the outcome column holds beside what scoring.toml says of it: why it cannot be used, and what to know of it."""

from collections.abc import Iterable, Mapping

from features.config import ANY_VALUE, OutcomeSection
from features.values import outcome_key

SHOWN_VALUES = 10

StatusOf = Mapping[str, str | None]
"""What each text of the column was read as; None is open."""


def refuse_statuses(status_of: StatusOf, has_others: bool, outcome: OutcomeSection) -> str | None:
    """Why nothing can be learned from the column; None where it shows who was won and who was not.

    A table of its own may hold winners only, as a lead that is not in it is open: there `has_others` is not asked.
    """
    if "won" not in status_of.values():
        return f"no lead is won: the column holds {list_values(status_of)}, and never {list_values(set(outcome.won))}"
    if outcome.table is None and not has_others:
        return "every lead is won: there is nothing to tell winners from"
    return None


def note_won_values(status_of: StatusOf, outcome: OutcomeSection) -> list[str]:
    """A note of the values that scoring.toml calls won and no lead has."""
    absent = set(outcome.won) - {ANY_VALUE, *map(outcome_key, status_of)}
    return [f"column {outcome.column!r}: won values that never occur: {list_values(absent)}"] if absent else []


def note_open_values(status_of: StatusOf, outcome: OutcomeSection) -> list[str]:
    """A note of the values that scoring.toml calls neither won nor lost."""
    unread = [text for text, status in status_of.items() if status is None]
    listed = list_values(unread)
    return [f"column {outcome.column!r}: neither won nor lost, so taken for open: {listed}"] if unread else []


def list_values(values: Iterable[str]) -> str:
    """The first values in the order of the alphabet, quoted."""
    shown = sorted(values)
    more = " …" if len(shown) > SHOWN_VALUES else ""
    return ", ".join(map(repr, shown[:SHOWN_VALUES])) + more or "nothing"
