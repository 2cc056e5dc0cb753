"""Rows are written as pandas writes them, to the byte."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.tables.csv_text import FEW, csv_rows

texts = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=("Cs",)), max_size=6).filter(lambda t: "\r" not in t)
)
numbers = st.one_of(st.floats(allow_infinity=False), st.sampled_from([0.0, 47.0, 1e-5, 0.0001, 1e15, 1e16, -2.0]))


def written(table: pd.DataFrame) -> bytes:
    header, rows = csv_rows(table)
    return header + rows.to_pybytes()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(texts, numbers, texts), min_size=1, max_size=8))
def test_any_rows_are_as_pandas_writes_them(rows: list[tuple[str | None, float, str | None]]) -> None:
    table = pd.DataFrame(rows, columns=["a, quoted name", "number", "text"]).astype({"text": "str"})
    assert written(table) == table.to_csv(index=False, lineterminator="\n").encode()


def test_many_different_numbers_are_written_as_few_are() -> None:
    numbers = np.concatenate([10 ** np.random.default_rng(0).uniform(-8, 18, FEW), [0.0, 1.0, np.nan, 5e-05, 1e22]])
    table = pd.DataFrame({"number": numbers})
    assert written(table) == table.to_csv(index=False, lineterminator="\n", na_rep="").encode().replace(b'""', b"")
