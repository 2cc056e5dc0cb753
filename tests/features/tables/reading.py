"""A small table, and a file read at once and row by row, which must agree."""

from pathlib import Path

import pytest

from features.errors import TableRefused
from features.tables.csv_stream import open_csv
from features.tables.read import notes_of, read_table

HEADER = "id,arrived,source,won\n"
ROWS = [f"{number},2025-01-{number:02d},{'Web' if number % 2 else 'Fair'},{number % 3 == 0}" for number in range(1, 21)]
TABLE = HEADER + "\n".join(ROWS) + "\n"


class Read:
    """A file read at once and row by row, which must agree."""

    def __init__(self, folder: Path, text: str | bytes) -> None:
        place = folder / "leads.csv"
        place.write_bytes(text.encode() if isinstance(text, str) else text)
        self.frame = read_table(str(place))
        self.notes = notes_of(self.frame)
        stream = open_csv(place, "leads.csv")
        rows = dict(stream.rows())
        assert list(stream.header) == list(self.frame.columns)
        assert list(rows) == list(self.frame.index)
        assert [*rows.values()] == self.frame.fillna("").to_numpy().tolist()
        assert not any(map(stream.trouble, rows.values()))
        assert stream.notes == self.notes


def refusal(folder: Path, text: str | bytes) -> str:
    place = folder / "leads.csv"
    place.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(TableRefused) as refused:
        read_table(str(place))
    return str(refused.value).removeprefix(f"{place}: ")
