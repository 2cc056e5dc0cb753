"""`leads import-history`: CSV tables of the past into the store."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, out, print_json, progress_bar
from commands.database import opened_store
from features.config import ScoringConfig, read_config
from features.fact_tables import Tell, open_tables
from serving.settings import read_settings
from serving.store.history.importing import Imported, import_tables
from serving.store.intake import Intake
from serving.store.outbox import NOBODY

CONFIG = "scoring.toml"

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def import_history(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the tables are; by default where scoring.toml is, or here.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The scoring.toml to use; by default the folder's, if it has one.")
    ] = None,
    json: Json = False,
) -> None:
    """Bring leads.csv, contacts.csv, outcomes.csv and spend.csv into the store, those that are there.

    A scoring.toml says where the company's own tables and columns have other names, and which values mean won.
    Nothing is written before every row was checked. Stopped in the middle, the same command goes on; done again,
    it changes nothing. What the service was told itself is never overwritten.

    Example: leads import-history company
    """
    given, place = _read(folder, config)
    tables = open_tables(place, given)
    intake = Intake(read_settings().queue_rules, NOBODY)
    done: list[Imported] = []
    with opened_store() as store, told("reading the files") as tell:
        for imported in import_tables(store, tables, intake, _now, tell):
            done.append(imported)
            if not json:
                out().print(_sentence(imported))
    if json:
        print_json(done)


def _read(folder: Path | None, config: Path | None) -> tuple[ScoringConfig | None, Path]:
    if config is None and (found := (folder or Path()) / CONFIG).exists():
        config = found
    if config is None:
        return None, folder or Path()
    return read_config(config), folder or config.parent


@contextmanager
def told(first: str) -> Iterator[Tell]:
    """A progress bar that is told what is done and which share of it."""
    with progress_bar() as progress:
        task = progress.add_task(first, total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)


def _sentence(one: Imported) -> str:
    if one.done_before:
        return f"{one.kind}: {one.table} was imported already."
    before = f" after the {one.before:,} of a run before" if one.before else ""
    parts = [f"{one.rows:,} rows of {one.table}{before}", f"{one.stored:,} new"]
    parts += [f"{one.undecided:,} neither won nor lost"] * bool(one.undecided)
    parts += [f"{one.erased:,} of people who were erased left out"] * bool(one.erased)
    sentence = f"{one.kind}: {', '.join(parts)}."
    if one.unknown_leads:
        sentence += f" The store's {one.kind} name {one.unknown_leads:,} leads that have not arrived."
    return sentence


def _now() -> datetime:
    return datetime.now(UTC)
