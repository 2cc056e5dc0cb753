"""The commands' output: results on standard output; progress, notes and refusals on standard error.

Text is printed as it is. Names of files and columns may hold [brackets], which rich would take for its markup.
"""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
ConfigPath = Annotated[Path, typer.Option("--config", help="The scoring.toml to use.", show_default=True)]


FILE_WIDTH = 160


def out() -> Console:
    """The console for results; as wide as the terminal, or wide enough for a file."""
    return _make_console(width=None if sys.stdout.isatty() else FILE_WIDTH)


def err() -> Console:
    """The console for progress, notes and refusals."""
    return _make_console(stderr=True)


def _make_console(*, stderr: bool = False, width: int | None = None) -> Console:
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False, soft_wrap=True)


def print_note(text: object) -> None:
    """Print a note on standard error."""
    err().print(Text.assemble(("Note:", "yellow"), f" {text}"))


def print_json(result: object) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(to_json(result))


def to_json(result: object) -> str:
    """One JSON document, as text that ends with a line's end."""
    return json.dumps(result, default=_plain, ensure_ascii=False, indent=2) + "\n"


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy's; `leads --help` need not import it
        return value.tolist()
    return str(value)


def format_time(time: datetime | None) -> str:
    """A time in UTC to the minute, empty for none."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M}"


def table(*columns: str, title: str | None = None) -> Table:
    """A plain table; columns whose name starts with > are figures, set to the right."""
    made = Table(title=title, box=None, pad_edge=False, header_style="bold", title_justify="left")
    for column in columns:
        made.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    return made


@contextmanager
def progress_bar(first: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on standard error that clears itself; yields what reports a step and the share of all that is done.

    Nothing is shown where standard error is no terminal.
    """
    description = TextColumn("{task.description}")
    columns = (SpinnerColumn(), description, BarColumn(), TimeElapsedColumn())
    console = err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(first, total=1.0)

        def report(step: str, share: float) -> None:
            progress.update(task, description=step, completed=min(share, 1.0))

        yield report
