"""CSV as ad platforms read it: commas, quotes where they are needed, a line feed after each row, UTF-8."""

import csv
import io
from collections.abc import Iterable, Sequence


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]], before: str = "") -> str:
    """A table as text; `before` is a line above its header."""
    made = io.StringIO()
    made.write(f"{before}\n" if before else "")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_one_line(cell) for cell in row] for row in rows)
    return made.getvalue()


def money(value: float) -> str:
    """An amount with a dot and two decimals."""
    return f"{value:.2f}"


def _one_line(cell: str) -> str:
    """A cell without line ends and NUL, over which platforms' readers stumble."""
    return " ".join(cell.replace("\0", "").split("\n")).replace("\r", " ")
