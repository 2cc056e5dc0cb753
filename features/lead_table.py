"""A table of many leads, parsed column by column.

A column is held as its distinct values and a code for each lead, so that a value is parsed and encoded once,
by the very function that parses and encodes it for a single lead.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.errors import Problem, TableRefused, missing_columns
from features.lead import Lead, Value
from features.parsing.plain_columns import Instants, plain_texts
from features.schema import Field, LeadSchema
from features.values import FieldParser, Kind, Known, ValueRefused, is_missing, text_of
from stats.types import Mask, Rows, Times

Codes = NDArray[np.int32]
MISSING = -1
REPEATED_ID = "the same id stands on several rows; an id names one lead"
MEND_TIMES = 'mend or empty these cells, or say how the column is written, such as date_format = "%d/%m/%Y",'


@dataclass(frozen=True)
class ParsedColumn:
    """n values as codes (n,) into the distinct ones; `MISSING` where there is none."""

    codes: Codes
    values: Sequence[Value]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Value:
        code = self.codes[row]
        return None if code == MISSING else self.values[code]

    def take(self, rows: NDArray[np.intp]) -> Self:
        return type(self)(self.codes[rows], self.values)

    def times(self) -> Times:
        """The column as datetime64[us] (n,), NaT where missing."""
        if isinstance(self.values, Instants):
            return np.append(self.values.array, np.datetime64("NaT"))[self.codes]
        naive = [value.replace(tzinfo=None) for value in self.values if isinstance(value, datetime)]
        distinct = np.array([*naive, None], dtype="datetime64[us]")
        return distinct[self.codes]


@dataclass(frozen=True)
class LeadTable:
    """n leads by columns. `fields` holds the arrival fields of the schema and nothing that is known later."""

    lead_id: NDArray[np.object_]
    created_at: Times | None
    source: ParsedColumn | None
    campaign: ParsedColumn | None
    fields: Mapping[str, ParsedColumn]

    def __len__(self) -> int:
        return len(self.lead_id)

    def take(self, rows: NDArray[np.intp]) -> Self:
        """The leads at these positions, in this order."""
        return type(self)(
            lead_id=self.lead_id[rows],
            created_at=None if self.created_at is None else self.created_at[rows],
            source=self.source and self.source.take(rows),
            campaign=self.campaign and self.campaign.take(rows),
            fields={name: column.take(rows) for name, column in self.fields.items()},
        )

    def find_rows(self, lead_ids: NDArray[np.object_]) -> Rows:
        """The row of each of these ids (m,), -1 for one that is not there."""
        row_of = {lead_id: row for row, lead_id in enumerate(self.lead_id)}
        return np.array([row_of.get(lead_id, -1) for lead_id in lead_ids], dtype=np.intp)

    def content_hash(self) -> str:
        """A SHA-256 that changes when any id, time, role or value does."""
        digest = hashlib.sha256("\x1f".join(map(repr, self.lead_id)).encode())
        if self.created_at is not None:
            digest.update(self.created_at.astype("int64").tobytes())
        roles = (("source", self.source), ("campaign", self.campaign))
        for name, column in (*roles, *((f"field {name}", column) for name, column in self.fields.items())):
            digest.update(f"\x1e{name!r}\x1e".encode())
            if column is not None:
                distinct = np.array([*map(repr, column.values), ""], dtype=object)
                digest.update("\x1f".join(distinct[column.codes]).encode())
        return digest.hexdigest()


def parse_leads(raw: pd.DataFrame, schema: LeadSchema, *, unique: bool = True) -> LeadTable:
    """The leads of a raw table whose index holds the row numbers people count by.

    Without `unique` an id may stand on several rows, as in a part of a table whose ids are compared as a whole.

    Raises:
        TableRefused: with every missing column, duplicate id and value that is not of its field's kind.
    """
    parser = _LeadTableParser(raw, schema)
    ids = parser.lead_ids(unique=unique)
    roles = {role: parser.role(role) for role in ("source", "campaign")}
    created_at = parser.role("created_at")
    fields = {field.name: column for field in schema.arrival_fields if (column := parser.field(field)) is not None}
    if parser.problems:
        raise TableRefused(parser.problems)
    return LeadTable(ids, None if created_at is None else created_at.times(), **roles, fields=fields)


def parse_later_fields(raw: pd.DataFrame, schema: LeadSchema) -> LeadTable | None:
    """The fields that are known later, as they stand now; None where the table has none of them.

    They feed no score, so a value that is not of its field's kind is missing here.
    """
    fields = [field for field in schema.fields if field.known is Known.LATER and field.name in raw]
    if not fields:
        return None
    parser = _LeadTableParser(raw, schema)
    columns = {field.name: parse_column(raw[field.name], schema.parser_of(field))[0] for field in fields}
    return LeadTable(parser.lead_ids(), None, None, None, columns)


def one_lead(table: LeadTable, row: int, schema: LeadSchema) -> Lead:
    """The lead at a position of the table, as it would have come alone."""
    created_at = None if table.created_at is None else pd.Timestamp(table.created_at[row])
    return schema.parse(
        str(table.lead_id[row]),
        {name: column[row] for name, column in table.fields.items()},
        created_at=None if created_at is None or pd.isna(created_at) else created_at.to_pydatetime(),
        source=table.source and table.source[row],
        campaign=table.campaign and table.campaign[row],
    )


def parse_column(raw: pd.Series, parse: Callable[[object], Value]) -> tuple[ParsedColumn, Mask]:
    """The parsed column (n,), and which of its rows (n,) were refused."""
    codes, distinct = _factorize(raw)
    values, held, refused = _parse_distinct(distinct, parse)
    target = np.append(np.where(held, np.cumsum(held) - 1, MISSING), MISSING).astype(np.int32)
    return ParsedColumn(target[codes], values), np.append(refused, False)[codes]


def _parse_distinct(
    distinct: pa.Array | list[object], parse: Callable[[object], Value]
) -> tuple[Sequence[Value], Mask, Mask]:
    """The values of those texts (k,) that stand for one, which they are (k,), and which were refused (k,)."""
    if isinstance(distinct, pa.Array) and isinstance(parse, FieldParser):
        held, values = parse.read_plain(distinct)
    else:
        held, values = np.zeros(len(distinct), dtype=bool), np.empty(len(distinct), dtype=object)
    refused, is_dated = np.zeros(len(distinct), dtype=bool), values.dtype.kind == "M"
    left = np.flatnonzero(~held)
    texts = distinct.take(pa.array(left)).to_pylist() if isinstance(distinct, pa.Array) else distinct
    for place, text in zip(left.tolist(), texts, strict=True):
        try:
            value = parse(text)
        except ValueRefused:
            refused[place] = True
            continue
        if value is not None:
            held[place] = True
            values[place] = value.replace(tzinfo=None) if isinstance(value, datetime) and is_dated else value
    present = values[held]
    return Instants(present) if is_dated else tuple(present.tolist()), held, refused


def merge_values(column: ParsedColumn, shorten: Callable[[pa.Array], pa.Array]) -> ParsedColumn:
    """The column of the shortened texts, each once."""
    try:
        texts = pa.array(column.values, type=pa.large_string())
    except UnicodeEncodeError:  # a half of a surrogate pair, which is no text to Arrow
        return column
    encoded = shorten(texts).dictionary_encode()
    codes = np.append(encoded.indices.to_numpy(), MISSING).astype(np.int32)[column.codes]
    return ParsedColumn(codes, tuple(encoded.dictionary.to_pylist()))


def describe_refusal(schema: LeadSchema, field: Field, section: str = "[leads]") -> str:
    """What is wrong with cells that are not of a field's kind; of times also what to do, and where in scoring.toml."""
    wrong = f"is not {schema.accepted(field.kind, field)}"
    if field.kind is not Kind.DATETIME:
        return wrong
    return f"{wrong}; {MEND_TIMES} in {section} of scoring.toml"


def without_equal_rows(raw: pd.DataFrame, lead_id: str | None) -> tuple[pd.DataFrame, int]:
    """The table without its duplicate rows, equal to an earlier one in every cell, and how many they were.

    Rows of one id that differ stay, as do all rows where nothing names the leads.
    """
    if lead_id is None or lead_id not in raw:
        return raw, 0
    of_one_lead = raw[raw[lead_id].duplicated(keep=False) & raw[lead_id].notna()]
    if of_one_lead.empty:
        return raw, 0
    repeated = of_one_lead.index[of_one_lead.astype("str").duplicated()]
    return raw.drop(index=repeated), len(repeated)


def ids_of(raw: pd.Series) -> NDArray[np.object_]:
    """The ids (n,) by which tables name their leads, as text; None where there is none."""
    if isinstance(raw.dtype, pd.StringDtype):
        is_plain, ids = plain_texts(_texts_of(raw))
        left = np.flatnonzero(~is_plain)
    else:
        ids = np.array([None, *raw.tolist()], dtype=object)[1:]
        left = np.arange(len(ids))
    missing = raw.isna().to_numpy()
    for row in left.tolist():
        ids[row] = None if missing[row] or is_missing(ids[row]) else text_of(ids[row])
    return ids


def _texts_of(raw: pd.Series) -> pa.Array:
    texts = pa.array(raw, type=pa.large_string(), from_pandas=True)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _factorize(raw: pd.Series) -> tuple[NDArray[np.intp], pa.Array | list[object]]:
    """Codes (n,) into the distinct values, -1 where there is none.

    To pandas 1, 1.0 and True are one value, and a list is none at all; here their spelling decides.
    """
    if isinstance(raw.dtype, pd.StringDtype):
        encoded = _texts_of(raw).dictionary_encode()
        return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp), encoded.dictionary
    if raw.dtype != object:
        codes, distinct = pd.factorize(raw)
        return codes, distinct.tolist()
    plain = [value.tolist() if isinstance(value, np.generic | np.ndarray) else value for value in raw]
    spelled = [None if null else repr(value) for value, null in zip(plain, raw.isna(), strict=True)]
    codes, spellings = pd.factorize(np.array(spelled, dtype=object))
    held = dict(zip(codes.tolist(), plain, strict=True))
    return codes, [held[code] for code in range(len(spellings))]


class _LeadTableParser:
    """Parses a raw table column by column; `problems` gathers what is wrong on the way."""

    def __init__(self, raw: pd.DataFrame, schema: LeadSchema) -> None:
        self.raw, self.schema = raw, schema
        self.problems: list[Problem] = []
        self.roles: dict[str, ParsedColumn] = {}
        wanted = [schema.id, *schema.role_of, *(field.name for field in schema.arrival_fields)]
        self.problems += missing_columns(raw.columns, [name for name in dict.fromkeys(wanted) if name])

    def lead_ids(self, *, unique: bool = True) -> NDArray[np.object_]:
        if self.schema.id is None:
            return np.array([str(row) for row in self.raw.index], dtype=object)
        if self.schema.id not in self.raw:
            return np.array([], dtype=object)
        ids = ids_of(self.raw[self.schema.id])
        missing = pd.isna(ids)
        self._report_rows("has no value; every lead needs an id", self.schema.id, missing)
        if unique:
            repeated = pd.Series(ids, dtype=object).duplicated(keep=False).to_numpy() & ~missing
            self._report_rows(REPEATED_ID, self.schema.id, repeated)
        return ids

    def role(self, role: str) -> ParsedColumn | None:
        name = getattr(self.schema, role)
        if name is None or name not in self.raw:
            return None
        column, refused = parse_column(self.raw[name], self.schema.role_parsers[role])
        self._report_rows(describe_refusal(self.schema, self.schema.role_field(role)), name, refused)
        if role == "created_at":
            missing = (column.codes == MISSING) & ~refused
            self._report_rows("has no value; every lead needs its arrival time", name, missing)
        self.roles[name] = column
        return column

    def field(self, field: Field) -> ParsedColumn | None:
        if field.name in self.roles:
            return self.roles[field.name]
        if field.name not in self.raw:
            return None
        column, refused = parse_column(self.raw[field.name], self.schema.parser_of(field))
        section = f"[fields.{json.dumps(field.name, ensure_ascii=False)}]"
        self._report_rows(describe_refusal(self.schema, field, section), field.name, refused)
        return column

    def _report_rows(self, detail: str, column: str, rows: Mask) -> None:
        if rows.any():
            self.problems.append(Problem(detail, column, tuple(self.raw.index[rows].tolist())))
