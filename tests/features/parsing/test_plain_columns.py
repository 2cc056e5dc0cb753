"""What is read together is what the same texts are read as one by one, and each text that is plain is among them."""

import pandas as pd
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.lead_table import parse_column
from features.schema import Field, LeadSchema
from features.values import Kind

digits = st.text("0123456789", min_size=1, max_size=20)
numbers = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["", "-", "+", " "]), digits),
    st.builds("{}.{}".format, digits, digits),
    st.builds("-{},{}".format, digits, digits),
    st.floats().map(repr),
    st.sampled_from(
        [
            "999",
            "999.0",
            "-0",
            "-0.0",
            "nan",
            "1e3",
            "12 €",
            "9" * 400,
            "2.5k",
            "€ 3k",
            "~1,2M",
            "1.2m",
            "٣",
            "1\n",
            "n/a",
        ]
    ),
)
times = st.one_of(
    st.datetimes().map(lambda at: at.isoformat()),
    st.datetimes().map(lambda at: at.isoformat(" ", "seconds") + "Z"),
    st.dates().map(str),
    st.sampled_from(
        ["2026-02-30", "0000-01-01", "2026-01-01T24:00", "2026-01-01T10:00:00.5Z", "2026-01-01T10:00+02:00"]
    ),
    st.sampled_from(["2026-06-15", " 2026-06-15", "2026-06-15Z", "2026-06-15T10", "1900-01-01", "20260615"]),
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    st.sampled_from(
        ["a  b", "a b", "\\N", "7.0", "7.00", "0", "a\u00a0b", "a\x1fb", "a\u3000", "ß", "Select", "select "]
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.tuples(st.just(Kind.NUMERIC), st.lists(numbers, max_size=12)),
        st.tuples(st.just(Kind.DATETIME), st.lists(times, max_size=12)),
        st.tuples(st.sampled_from([Kind.TEXT, Kind.CATEGORY, Kind.FLAG]), st.lists(texts, max_size=12)),
    ),
    st.sampled_from([(), ("999", "n/a", "1900-01-01", "Select")]),
    st.sampled_from([".", ","]),
    st.sampled_from([None, "%d/%m/%Y"]),
)
@example((Kind.DATETIME, ["2026-01-31", "2026-02-30", "2026-03-01T10:00:00Z"]), (), ".", None)
def test_values_are_those_of_the_texts_one_by_one(
    column: tuple[Kind, list[str]], missing: tuple[str, ...], decimal: str, date_format: str | None
) -> None:
    kind, written = column
    field = Field("field", kind, missing=missing, decimal=decimal, date_format=date_format)
    parser = LeadSchema((field,)).parser_of(field)
    together, refused = parse_column(pd.Series([*written, None], dtype="str"), parser)
    alone, refused_alone = parse_column(pd.Series([*written, None], dtype="str"), parser.parse_one)
    assert list(map(repr, together.values)) == list(map(repr, alone.values))
    assert together.codes.tolist() == alone.codes.tolist()
    assert refused.tolist() == refused_alone.tolist()


def test_plain_texts_are_not_asked_one_by_one() -> None:
    plain = {Kind.NUMERIC: "-12.50", Kind.DATETIME: "2026-01-31T10:00:00Z", Kind.EMAIL: "ann@example.com"}
    for kind, text in plain.items():
        field = Field("field", kind)
        is_read, _ = LeadSchema((field,)).parser_of(field).read_plain(pa.array([text], pa.large_string()))
        assert is_read.tolist() == [True]
