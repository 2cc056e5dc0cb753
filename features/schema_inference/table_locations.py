"""Where a company's tables are, of which `leads init` proposes a scoring.toml."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableLocations:
    """Paths of files or URLs of databases, None for a table that there is not.

    Attributes:
        leads: one row a lead; of a database what `query` asks it for.
        outcomes: one row a closed lead, where that is no column of the leads.
        contacts: one row an attempt or conversation.
        arrivals: leads as they arrived, which `leads export-history` writes.
        scores: scores that were logged, which `leads export-history` writes.
    """

    leads: str
    query: str | None = None
    outcomes: str | None = None
    contacts: str | None = None
    arrivals: str | None = None
    scores: str | None = None
