"""`leads import-history`: CSV tables of the past into the store."""

import gc
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, out, print_json, print_note, progress_bar
from commands.database import open_store
from features.config import ScoringConfig, read_config
from features.tables.import_tables import open_tables
from serving.operations.import_history import Imported, import_tables
from serving.operations.leads import LeadOperations
from serving.operations.score_imported import score_open_leads
from serving.settings import read_settings
from serving.store.outbox import NOBODY
from training.registry import open_registry

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
    queue: Annotated[
        bool, typer.Option("--queue", help="Score the leads that still may be won, and put them into the queue.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring leads.csv, contacts.csv, outcomes.csv and spend.csv into the store, those that are there.

    A scoring.toml says where the company's own tables and columns have other names, and which values mean won.
    Nothing is written before every row was checked. Stopped in the middle, the same command goes on; done again,
    it changes nothing. What was sent to the service itself is never overwritten.

    Example: leads import-history company --queue
    """
    gc.freeze()  # modules stay: the garbage collector would look through them again and again, for a third of the time
    given, place = _read(folder, config)
    tables = open_tables(place, given)
    lead_operations = LeadOperations(read_settings().queue_rules, NOBODY)
    done: list[Imported] = []
    with open_store(makes=True) as store, progress_bar("reading the files") as report_progress:
        for imported in import_tables(store, tables, lead_operations, _now, report_progress):
            done.append(imported)
            if not json:
                out().print(_sentence(imported))
            if imported.early:
                print_note(f"{imported.table}: {imported.early}")
        for table in tables:
            for note in table.file.notes:
                print_note(f"{table.name}: {note}")
        queued, refused = 0, 0
        if queue:
            queued, refused = score_open_leads(
                store, lead_operations, open_registry().load("champion"), _now, report_progress
            )
    if json:
        print_json({"imported": done, "queued": queued, "not_taken": refused})
    elif queue:
        out().print(f"{queued:,} leads that may still be won are in the queue; {refused:,} the model does not take.")


def _read(folder: Path | None, config: Path | None) -> tuple[ScoringConfig | None, Path]:
    if config is None and (found := (folder or Path()) / CONFIG).exists():
        config = found
    if config is None:
        return None, folder or Path()
    return read_config(config), folder or config.parent


def _sentence(one: Imported) -> str:
    if one.done_before:
        return f"{one.kind}: {one.table} was imported already."
    before = f" after the {one.before:,} of a run before" if one.before else ""
    parts = [f"{one.rows:,} rows of {one.table}{before}", f"{one.stored:,} new"]
    parts += [f"{one.undecided:,} neither won nor lost"] * bool(one.undecided)
    parts += [f"{one.erased:,} of people who were erased left out"] * bool(one.erased)
    parts += [f"{one.no_leads:,} about what never was a lead left out"] * bool(one.no_leads)
    sentence = f"{one.kind}: {', '.join(parts)}."
    if one.unknown_leads:
        sentence += f" The store's {one.kind} name {one.unknown_leads:,} leads that have not arrived."
    return sentence


def _now() -> datetime:
    return datetime.now(UTC)
