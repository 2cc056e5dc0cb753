"""`leads export-history`: the store's tables, written out for training."""

from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, err, out, print_json, table, told_on_a_bar
from commands.database import opened_store
from serving.store.history.exporting import export_tables

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def export_history(
    outdir: Annotated[Path, typer.Argument(help="The folder to write leads.csv, outcomes.csv … to.")],
    json: Json = False,
) -> None:
    """Write leads, contacts, outcomes, spend, claims, scores and arrivals out of the store, all as of one moment.

    leads.csv has the leads as they are now, arrivals.csv as they arrived: `leads train` holds one against the other,
    so that no score is learned from what was filled in later. Files that are there are replaced, none is ever half
    written, and nobody who was erased is in them. The SHA-256 of leads.csv is what a model trained on it names.

    Example: leads export-history history
    """
    with opened_store() as store, told_on_a_bar("looking at the leads") as tell:
        files = store.read_now(export_tables, outdir, tell)
    if json:
        print_json(files)
        return
    shown = table("file", ">rows", "SHA-256")
    for file in files:
        shown.add_row(str(file.file), f"{file.rows:,}", file.sha256)
    out().print(shown)
    filled = {file.file.stem for file in files if file.rows}
    options = (f" --{name} {outdir}/{name}.csv" for name in ("outcomes", "contacts", "arrivals") if name in filled)
    err().print(f"Next: leads init {outdir}/leads.csv{''.join(options)}")
