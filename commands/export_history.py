"""`leads export-history`: the store's tables, written out for training."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, err, out, print_json, progress_bar, table
from commands.database import open_store
from commands.training_runs.exported_config import (
    NAME,
    adapt_config,
    choose_spelling,
    describe_next_step,
    find_missing_sections,
)
from features.config import ScoringConfig, read_config
from features.whole_files import write_text
from serving.store.history.exporting import PLAIN, export_tables

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def export_history(
    outdir: Annotated[Path, typer.Argument(help="The folder to write leads.csv, outcomes.csv … to.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", help="The company's scoring.toml; by default the folder's, or the one here, if any."),
    ] = None,
    json: Json = False,
) -> None:
    """Write leads, contacts, outcomes, spend, claims, scores and arrivals out of the store, all as of one moment.

    With a scoring.toml, leads.csv keeps the company's own names, and a scoring.toml that reads these tables is put
    beside it. leads.csv has the leads as they are now, arrivals.csv as they arrived: `leads train` holds one against
    the other, so that no score is learned from what was filled in later. Tables that are there are replaced, none is
    ever half written, and nobody who was erased is in them. The SHA-256 of leads.csv is what a model trained on it
    names.

    Example: leads export-history history
    """
    own = _find_config(outdir, config)
    spelling = PLAIN if own is None else choose_spelling(own)
    with open_store() as store, progress_bar("looking at the leads") as report_progress:
        files = store.read_now(export_tables, outdir, report_progress, spelling)
    filled = {file.file.stem for file in files if file.rows}
    notes = _put_config(own, outdir, filled)
    if json:
        print_json(files)
        return
    shown = table("file", ">rows", "SHA-256")
    for file in files:
        shown.add_row(str(file.file), f"{file.rows:,}", file.sha256)
    out().print(shown)
    for note in notes:
        err().print(note)


def _find_config(outdir: Path, given: Path | None) -> ScoringConfig | None:
    found = given or next((place for place in (outdir / NAME, Path(NAME)) if place.exists()), None)
    return None if found is None else read_config(found)


def _put_config(own: ScoringConfig | None, outdir: Path, filled: Collection[str]) -> list[str]:
    """Put a scoring.toml beside the tables where there is none; what to say of it, and what to run next."""
    if "outcomes" not in filled:
        return ["No lead was won or lost yet, so there is nothing to learn from."]
    if own is None:
        return [describe_next_step(outdir, filled)]
    place, wanted, notes = outdir / NAME, adapt_config(own, filled), []
    if not place.exists():
        write_text(wanted, place)
        notes.append(f"{place} has the fields and roles of {own.path}, and reads these tables.")
    elif (missing := find_missing_sections(read_config(place), wanted)) is not None:
        notes.append(f"{place} was there and is kept. To read these tables it must say:\n\n{missing}\n")
    if own.outcome.not_worked:
        states = ", ".join(own.outcome.not_worked)
        notes.append(f"The store keeps no states such as {states}: who was never tried is seen from the contacts.")
    return [*notes, f"Next: leads train --config {place}"]
