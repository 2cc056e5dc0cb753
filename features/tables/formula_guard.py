"""Text in the cells of a CSV: guarded by an apostrophe where a spreadsheet would run it, and read back as it was."""

import re

import pandas as pd

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
_GUARD = re.compile(r"'(?='*[=+\-@\t\r])")


def guarded(text: str) -> str:
    """The text as it is written; a plain number such as -5 stays as it is.

    Text that looks guarded by itself is guarded once more, so that `unguarded` gives back every text.
    """
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """The text that was meant."""
    return cell[1:] if _GUARD.match(cell) else cell


def unguarded_frame(cells: pd.DataFrame) -> pd.DataFrame:
    """All columns of text unguarded."""
    guarded = [name for name in cells.columns if cells[name].str.startswith("'").any()]  # few have such a cell
    unguarded = {name: cells[name].str.replace(r"^'('*[=+\-@\t\r])", r"\1", regex=True) for name in guarded}
    return cells.assign(**unguarded) if guarded else cells
