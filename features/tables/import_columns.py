"""Which columns of a company's tables hold the facts of docs/tables.md, and how their values are read.

In: a table's header, and scoring.toml where there is one. Out: a `Column` for each fact. Without scoring.toml the
columns have the names of docs/tables.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.config import ScoringConfig
from features.errors import Problem, TableRefused
from features.history import NOT_A_LEAD, read_status
from features.lead import Value
from features.parsing.plain_columns import Mask, PlainReader, no_plain_texts, plain_texts
from features.schema import Field, LeadSchema
from features.values import ACCEPTED, FieldParser, Kind, ValueRefused, same_text

FactKind = Literal["leads", "contacts", "outcomes", "spend"]
Read = Callable[[str], Value]
Shape = Kind | Literal["id", "direction", "status", "amount"]

LONGEST_ID = 200
REMEMBERED = 4_096
"""So many cells of a column are parsed once: most columns hold few different ones."""
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DIRECTIONS = {"in": "in", "inbound": "in", "incoming": "in", "out": "out", "outbound": "out", "outgoing": "out"}
STATUSES = {"won": "won", "lost": "lost", "open": "open"}
STATUS_OF = STATUSES | {NOT_A_LEAD: NOT_A_LEAD}
"""The fact that a status of scoring.toml makes; those about what never was a lead are not stored."""

FACTS: Mapping[FactKind, Mapping[str, Shape]] = {
    "leads": {
        "lead_id": "id",
        "created_at": Kind.DATETIME,
        "source": Kind.CATEGORY,
        "campaign": Kind.CATEGORY,
        "value": Kind.NUMERIC,
    },
    "contacts": {
        "lead_id": "id",
        "started_at": Kind.DATETIME,
        "agent": Kind.CATEGORY,
        "channel": Kind.CATEGORY,
        "direction": "direction",
        "connected": Kind.FLAG,
        "duration_s": Kind.NUMERIC,
        "again_at": Kind.DATETIME,
    },
    "outcomes": {
        "lead_id": "id",
        "at": Kind.DATETIME,
        "status": "status",
        "value": Kind.NUMERIC,
        "reason": Kind.CATEGORY,
        "reported_at": Kind.DATETIME,
    },
    "spend": {"date": Kind.DATETIME, "source": "id", "campaign": "id", "amount": "amount"},
}
LOST_AT = "lost_at"
"""Of scoring.toml alone: the time of a lost lead that has no other."""
TIME_FACTS = frozenset(fact for facts in FACTS.values() for fact, shape in facts.items() if shape is Kind.DATETIME) | {
    LOST_AT
}
NEEDED: Mapping[FactKind, tuple[str, ...]] = {
    "leads": ("lead_id",),
    "contacts": ("lead_id", "started_at"),
    "outcomes": ("lead_id", "status"),
    "spend": ("date", "source", "amount"),
}
"""Without these columns a table says nothing."""


@dataclass(frozen=True, slots=True)
class Column:
    """A fact's name, the column that holds it, and how a cell is read: None for nothing, which `required` refuses.

    `read_plain` reads those of many cells without NUL that are plainly written, as `read` would but for times that
    a database does not keep, which are not from `EARLIEST` until `LATEST`.
    """

    fact: str
    header: str
    read: Read
    read_plain: PlainReader
    accepted: str
    required: bool


def columns_of(kind: FactKind, header: Sequence[str], config: ScoringConfig | None) -> list[Column]:
    """The columns of one of the four tables, also those that it needs or scoring.toml names and the header lacks."""
    schema = LeadSchema(()) if config is None else config.lead_schema
    roles = schema.role_parsers if kind == "leads" else {}
    columns = []
    for fact, name in _columns_by_fact(kind, header, config).items():
        shape = Kind.DATETIME if fact == LOST_AT else FACTS[kind][fact]
        read, accepted = _cell_reader(shape, schema, config, _format_of_fact(kind, fact, config))
        read = roles.get(fact, read)
        read_plain = read.read_plain if isinstance(read, FieldParser) else no_plain_texts
        read = _with_storable_values(read)
        if shape not in ("id", Kind.DATETIME):
            read = lru_cache(REMEMBERED)(read)
        required = fact == "created_at" or (fact in NEEDED[kind] and fact != "status")
        columns.append(Column(fact, name, read, read_plain, accepted, required))
    return columns


def _columns_by_fact(kind: FactKind, header: Sequence[str], config: ScoringConfig | None) -> dict[str, str]:
    """Which column holds which fact."""
    names: dict[str, str | None] = {fact: fact for fact in FACTS[kind] if fact in header or fact in NEEDED[kind]}
    if config is not None and kind == "leads":
        names = {"lead_id": config.leads.id} | {fact: getattr(config.leads, fact) for fact in [*FACTS[kind]][1:]}
    elif config is not None and kind == "outcomes":
        outcome = config.outcome
        own = names if outcome.table else {"value": config.leads.value}
        names = own | {"lead_id": outcome.id or config.leads.id, "status": outcome.column, "at": outcome.at}
        names[LOST_AT] = outcome.lost_at
    elif config is not None and config.contacts is not None and kind == "contacts":
        names |= {"lead_id": config.contacts.id, "started_at": config.contacts.started_at}
    if "lead_id" in names and names["lead_id"] is None:
        raise TableRefused([Problem("an import needs the leads' id: name its column in scoring.toml, [leads] id")])
    return {fact: name for fact, name in names.items() if name}


def _format_of_fact(kind: FactKind, fact: str, config: ScoringConfig | None) -> str | None:
    """The format of a column that is written otherwise than the leads table."""
    is_closing = kind == "outcomes" and fact in ("at", LOST_AT)
    return config.outcome.date_format if config is not None and is_closing else None


def _cell_reader(
    shape: Shape, schema: LeadSchema, config: ScoringConfig | None, date_format: str | None
) -> tuple[Read, str]:
    """The function that reads a cell, and what it accepts, as error messages say it."""
    if isinstance(shape, Kind):
        field = Field("", shape, date_format=date_format)
        return schema.parser_of(field), schema.accepted(shape, field)
    text = schema.parser_of(Field("", Kind.CATEGORY))
    if shape == "id":
        checked = _with_check(text, lambda value: len(str(value)) <= LONGEST_ID)
        return FieldParser(checked, _plain_ids), f"text of 1 to {LONGEST_ID} characters"
    if shape == "amount":
        number = schema.parser_of(Field("", Kind.NUMERIC))
        return _with_check(number, lambda value: float(str(value)) >= 0), "a number, 0 or more"
    if shape == "direction":
        return _with_translation(text, lambda word: DIRECTIONS.get(same_text(word))), "in or out"
    if config is None:
        accepted = "won or lost; a scoring.toml can say which other words mean them"
        return _with_translation(text, lambda word: STATUSES.get(same_text(word))), accepted
    outcome = config.outcome
    read = _with_translation(text, lambda word: STATUS_OF.get(read_status(word, outcome) or "", "open"))
    return read, ACCEPTED[Kind.CATEGORY]


def _plain_ids(cells: pa.Array) -> tuple[Mask, NDArray[Any]]:
    is_plain, values = plain_texts(cells)
    return is_plain & (pc.utf8_length(cells).to_numpy() <= LONGEST_ID), values


def _with_check(read: FieldParser, accepts: Callable[[Value], bool]) -> Callable[[object], Value]:
    def checked(cell: object) -> Value:
        value = read(cell)
        if value is not None and not accepts(value):
            raise ValueRefused
        return value

    return checked


def _with_translation(read: Read, meant: Callable[[Value], str | None]) -> Read:
    def translated(cell: str) -> Value:
        word = read(cell)
        if word is None:
            return None
        if (value := meant(word)) is None:
            raise ValueRefused
        return value

    return translated


def _with_storable_values(read: Read) -> Read:
    """Refuses what a database does not keep: NUL, and years that only a mistake can mean."""

    def storable(cell: str) -> Value:
        if "\0" in cell:
            raise ValueRefused
        value = read(cell)
        if isinstance(value, datetime) and not EARLIEST <= value < LATEST:
            raise ValueRefused
        return value

    return storable
