"""A file's rows to scored rows, one by one as `POST /v1/score` scores them; a row that cannot be is named.

The columns are those of `leads score`, and behind them the row's number and what is wrong with it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from features.errors import LeadRefused, Problem, TableRefused
from features.tables.csv_stream import CsvFile, open_csv
from features.tables.formula_guard import guarded
from training.model import REASONS, ScoringModel

SENT = "the file"
COLUMNS = (
    "lead_id",
    "probability",
    "grade",
    "percentile",
    "model_version",
    *(f"reason_{number + 1}" for number in range(REASONS)),
    "confidence",
    "row",
    "problem",
)
AT_ONCE = 100
"""Rows that are scored before others have their turn."""


@dataclass(frozen=True)
class SentFile:
    """A file whose header was read; `close` deletes it, as does the end of `score`."""

    table: CsvFile
    folder: ExitStack

    def close(self) -> None:
        """Delete the file."""
        self.folder.close()


def open_file(content: bytes, model: ScoringModel) -> SentFile:
    """The file, in a folder of its own that only we can read, until it was scored.

    Raises:
        TableRefused: where it is no table, or has no column that the model takes.
    """
    with ExitStack() as opening:
        path = Path(opening.enter_context(TemporaryDirectory(prefix="leads-"))) / "sent.csv"
        path.write_bytes(content)
        table = open_csv(path, SENT)
        taken = taken_columns(model)
        if not taken.intersection(table.header):
            raise TableRefused(
                [Problem(f"none of its columns is known to the model, which takes {_named(taken)}")], SENT
            )
        return SentFile(table, opening.pop_all())


def taken_columns(model: ScoringModel) -> set[str]:
    """The columns that the model's score is made of."""
    return {field.name for field in model.schema.arrival_fields} | set(model.schema.role_of)


def score_rows(sent: SentFile, model: ScoringModel, now: datetime) -> Iterator[bytes]:
    """The scored file in pieces, as CSV with a byte order mark, so that spreadsheets read it as UTF-8."""
    with sent.folder:
        yield b"\xef\xbb\xbf" + _lines([COLUMNS])
        rows = _scored(sent.table, model, now)
        while batch := list(islice(rows, AT_ONCE)):
            yield _lines(batch)


def _scored(table: CsvFile, model: ScoringModel, now: datetime) -> Iterator[tuple[str, ...]]:
    try:
        for number, cells in table.rows():
            if trouble := table.trouble(cells):
                yield _refused_row("", number, trouble)
            else:
                yield _scored_row(dict(zip(table.header, cells, strict=True)), number, model, now)
    except TableRefused as refused:  # a quote that is open at the end swallowed the rest
        for problem in refused.problems:
            yield _refused_row("", problem.rows[0] if problem.rows else 0, problem.detail)


def _scored_row(row: Mapping[str, str], number: int, model: ScoringModel, now: datetime) -> tuple[str, ...]:
    lead_id = row.get(model.schema.id or "", "").strip()
    try:
        lead = model.schema.parse(lead_id or str(number), row)
    except LeadRefused as refused:
        said = "; ".join(f"{problem.path[-1]}: {problem.detail}" for problem in refused.problems)
        return _refused_row(lead_id, number, said)
    score = model.score(lead, now)
    sentences = [reason.sentence for reason in score.reasons]
    return (
        guarded(lead_id),
        repr(score.probability),
        score.grade,
        repr(score.percentile),
        score.model_version,
        *map(guarded, [*sentences, *[""] * (REASONS - len(sentences))]),
        score.confidence.value,
        str(number),
        "",
    )


def _refused_row(lead_id: str, number: int, why: str) -> tuple[str, ...]:
    said = f"row {number}: {why}"
    return (guarded(lead_id), *[""] * (len(COLUMNS) - 3), str(number), guarded(said))


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _named(columns: set[str]) -> str:
    shown = sorted(columns)
    return ", ".join(shown[:12]) + (" …" if len(shown) > 12 else "")
