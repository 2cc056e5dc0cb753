"""Random companies: a schema of any shape, and a raw table of leads typed as CSV, Parquet or SQL would bring it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from hypothesis import strategies as st

from features.schema import ROLE_KINDS, Field, LeadSchema
from features.values import Kind, Known

Values = st.SearchStrategy[object]

NAMES = ("age", "Total Time", "Straße", "city\n2", "name", "lead.id", "источник", "📞")
FORMATS = (None, "%d.%m.%Y", "%Y-%d-%m %H:%M")
PLACEHOLDERS = {
    Kind.NUMERIC: ("999", "-1", "0", "1,5", "n/a"),
    Kind.FLAG: ("false", "0", "n/a"),
    Kind.DATETIME: ("1900-01-01", "1900-01-01 00:00:00+00:00", "n/a"),
}
WORD_PLACEHOLDERS = ("Select", "1", "1.0", "none", "true")
WORDS = ("Google", "google ", "GOOGLE", "Straße", "STRASSE", "İstanbul", "a\x00b", "e\u0301", "1.0", "1", "nan", "\x1f")
SAID = ("Director of Sales", "director", "jo@gmail.com", "Jo <jo@firma.de>", "@", "+49 170 1", "0044 20", "+")

TEXTS = st.sampled_from((*WORDS, *SAID, *WORD_PLACEHOLDERS)) | st.text(max_size=8)
FLOATS = st.floats(allow_infinity=False)
BIG_INTS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = FLOATS | st.integers(-(10**300), 10**300) | st.sampled_from([-0.0, 0, 1, 1.0, 999.0, 999, 1.5, 2**63])
BOOLS = st.booleans()
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)
ARRIVALS = st.datetimes(datetime(1950, 1, 1), datetime(2250, 1, 1))
EPOCH = datetime(1900, 1, 1)
TIMES = st.datetimes(timezones=st.sampled_from([None, UTC])) | st.just(EPOCH)
MODERN = st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1)) | st.just(EPOCH)

JSON: Values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | TIMES.map(datetime.isoformat) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
) | st.text(st.characters(categories=["Cs", "Lu"]), max_size=3)
"""Whatever JSON can say, lone surrogates included."""


@dataclass(frozen=True)
class Company:
    schema: LeadSchema
    raw: pd.DataFrame

    def sent(self) -> list[dict[str, object]]:
        """Each lead's values as a CRM would send them, by the company's own column names; what is missing is not."""
        columns = {str(name): (self.raw[name].tolist(), self.raw[name].isna().tolist()) for name in self.raw}
        return [
            {name: values[row] for name, (values, null) in columns.items() if not null[row]}
            for row in range(len(self.raw))
        ]


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Up to 6 columns and 10 leads; a column holds few different values, so that some of them are frequent."""
    fields = [draw(fields_named(name)) for name in draw(st.permutations(NAMES))[: draw(st.integers(2, 6))]]
    roles: dict[str, str] = {}
    for role, kind in ROLE_KINDS.items():
        fitting = [field.name for field in fields if field.kind is kind and field.name not in roles.values()]
        if fitting and draw(st.booleans()):
            roles[role] = fitting[0]
    schema = LeadSchema(
        tuple(field for field in fields if field.name not in roles.values() or draw(st.booleans())),
        **roles,
        decimal=draw(st.sampled_from(".,")),
        date_format=draw(st.sampled_from(FORMATS)),
    )
    rows = draw(st.integers(2, 10))
    raw = {field.name: draw(columns(field, schema, rows)) for field in fields}
    return Company(schema, pd.DataFrame(raw).set_axis(range(2, rows + 2)))


@st.composite
def fields_named(draw: st.DrawFn, name: str) -> Field:
    kind = draw(st.sampled_from(Kind))
    known = draw(st.sampled_from([Known.ARRIVAL, Known.ARRIVAL, Known.ARRIVAL, Known.LATER]))
    return Field(name, kind, known, draw(placeholders(kind)))


def placeholders(kind: Kind) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(PLACEHOLDERS.get(kind, WORD_PLACEHOLDERS)), max_size=2).map(tuple)


@st.composite
def columns(draw: st.DrawFn, field: Field, schema: LeadSchema, rows: int) -> pd.Series:
    if field.name == schema.created_at:
        return pd.Series(draw(st.lists(ARRIVALS, min_size=rows, max_size=rows)), dtype="datetime64[us]")
    values, dtype = draw(st.sampled_from(storages(field.kind, schema)))
    pool: Sequence[object] = [None, *draw(st.lists(values, min_size=2, max_size=5))]
    places = draw(st.lists(st.integers(0, len(pool) - 1), min_size=rows, max_size=rows))
    column = pd.Series([pool[place] for place in places], dtype=dtype.removesuffix(" in Berlin"))
    return column.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin") if dtype.endswith("Berlin") else column


def storages(kind: Kind, schema: LeadSchema) -> list[tuple[Values, str]]:
    """How a column of this kind may come: its values, all of which the kind accepts, and its type."""
    match kind:
        case Kind.NUMERIC:
            written = number_texts(schema.decimal)
            floats32 = st.floats(allow_infinity=False, width=32)
            mixed = written | NUMBERS | DECIMALS
            return [
                (written, "str"),
                (FLOATS, "float64"),
                (floats32, "float32"),
                (BIG_INTS, "Int64"),
                (mixed, "object"),
            ]
        case Kind.FLAG:
            words, bits = st.sampled_from(["Yes", "no", "TRUE", " f ", "1", "0.0", "false"]), st.sampled_from([0, 1])
            mixed = st.sampled_from([True, False, 1, 0, 1.0, -0.0, "yes", "0"])
            return [(words, "str"), (BOOLS, "boolean"), (bits, "Int64"), (bits, "float64"), (mixed, "object")]
        case Kind.DATETIME:
            written = date_texts(schema.date_format)
            mixed = written | TIMES | st.dates()
            zoned = "datetime64[us] in Berlin"
            dated = [(MODERN, "datetime64[ns]"), (st.datetimes(), "datetime64[us]"), (MODERN, zoned)]
            return [(written, "str"), *dated, (mixed, "object")]
        case _:
            mixed = TEXTS | NUMBERS | DECIMALS | BOOLS | st.dates()
            typed = [(BIG_INTS, "Int64"), (BOOLS, "boolean"), (FLOATS, "float64")]
            return [(TEXTS, "str"), (TEXTS, "category"), *typed, (mixed, "object")]


def number_texts(decimal: str) -> Values:
    swap = str.maketrans(".,", decimal + ("," if decimal == "." else "."))
    written = st.floats(-1e9, 1e9).map(lambda number: f"{number:,.3f}".translate(swap))
    return written | st.sampled_from(["0", "-0", "999", f"999{decimal}0", " 5 %", "$7", "nan", "-1", "1e300"])


def date_texts(date_format: str | None) -> Values:
    iso = TIMES.map(datetime.isoformat) | st.sampled_from(["1900-01-01", "1900-01-01T00:00Z"])
    return iso if date_format is None else iso | MODERN.map(lambda time: time.strftime(date_format))
