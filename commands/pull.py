"""`leads pull`: a CRM's past, as tables of leads as they were when they arrived."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.console import Json, err, out, print_json, print_note
from commands.crm_connections import find_connection
from commands.database import NoStore, open_store
from connectors.crm.api import PATIENT
from connectors.crm.config import Connection
from connectors.crm.crm import Crm
from connectors.crm.crms import make_crm
from connectors.crm.errors import CrmRefused
from connectors.crm.history.histories import make_history
from connectors.crm.history.kept_pages import KeptPages
from connectors.crm.history.pages import History
from connectors.crm.history.pull import pull_pages
from connectors.crm.history.tables import PastTables, make_tables
from connectors.http_failures import AccessRefused, BatchRefused, NotTaken
from features.tables.formula_guard import guarded
from features.whole_files import write_text
from serving.store.ids import load_erased

PULLED = ".pulled"
"""The folder inside OUTDIR with the pages as they came."""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def pull(
    connection: Annotated[str, typer.Argument(help="A connection of crm.toml.")],
    outdir: Annotated[
        Path | None, typer.Argument(help="The folder to write the tables to; by default history-CONNECTION.")
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Pull everything again, not only what changed since.")] = False,
    json: Json = False,
) -> None:
    """Pull a CRM's past into leads.csv, outcomes.csv and stages.csv, which leads init and leads import-history read.

    Each lead is rebuilt as it was ten minutes after it arrived, as far as the CRM tells how its properties changed;
    of fields whose changes it does not tell, the present value is taken and their names are printed. Archived and
    deleted records are pulled too, or only what survived would be learned from. The next pull asks for what changed
    since; one that is cut off goes on where it was. Who was erased from the store is left out.

    Examples: leads pull hubspot · leads pull hubspot history --anew
    """
    found = find_connection(connection)
    crm = make_crm(found)
    history = make_history(crm)
    folder = outdir or Path(f"history-{connection}")
    tables = _pull(crm, history, KeptPages(folder / PULLED), _load_erased(), anew)
    files = _write(tables, folder, found)
    if json:
        print_json({"files": files, "as_they_are_now": tables.untold, "without_arrival": tables.undated})
        return
    for path, rows in files.items():
        out().print(f"{path}: {rows:,} rows")
    _show_notes(tables, found, folder)


def _pull(crm: Crm, history: History, kept: KeptPages, is_erased: Callable[[str], bool], anew: bool) -> PastTables:
    connection, count = crm.connection, 0

    def tell(records: int) -> None:
        nonlocal count
        count += records
        if records and err().is_terminal:
            err().print(f"{count:,} records …", end="\r")

    try:
        with crm.open_api(PATIENT) as api:
            progress = pull_pages(history, api, kept, datetime.now(UTC), tell, anew)
    except NotTaken as away:
        wait = f" in {away.wait:.0f} s" if away.wait else " later"
        raise CrmRefused(
            f"{connection.defaults.title} does not answer ({away.trouble}); what came is kept: run it again{wait}"
        ) from None
    except AccessRefused as refused:
        raise CrmRefused(
            f"{connection.defaults.title} refuses the token of [{connection.name}] ({refused}); what came is kept"
        ) from None
    except BatchRefused as refused:
        raise CrmRefused(f"{connection.defaults.title} does not take the question: {refused}") from None
    pulled = kept.read(connection.mapping.id, progress.size)
    tables = make_tables(pulled, connection, history.tells_all, is_erased)
    kept.rewrite(progress, pulled, tables.erased)
    return tables


def _load_erased() -> Callable[[str], bool]:
    """Tells who was erased from the store; nobody where there is no store yet."""
    try:
        with open_store() as store:
            return store.read_now(load_erased)
    except NoStore:
        return lambda _: False


def _write(tables: PastTables, folder: Path, connection: Connection) -> dict[str, int]:
    """Write the tables; how many rows each file has."""
    mapping = connection.mapping
    roles = ["source"] * bool(mapping.source) + ["campaign"] * bool(mapping.campaign)
    money = ["value"] if any("value" in row for row in tables.leads) else []
    owner = ["owner"] if any("owner" in row for row in tables.leads) else []
    columns = [*dict.fromkeys(["lead_id", "created_at", *roles, *money, *mapping.fields, *owner])]
    named: dict[str, tuple[Sequence[str], Sequence[dict[str, Any]]]] = {
        "leads.csv": (columns, tables.leads),
        "outcomes.csv": (("lead_id", "at", "status", "value", "reason", "reported_at"), tables.outcomes),
        "stages.csv": (("lead_id", "at", "stage"), tables.stages),
    }
    for name, (header, rows) in named.items():
        write_text(_csv(header, rows), folder / name)
    return {str(folder / name): len(rows) for name, (_, rows) in named.items()}


def _csv(header: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(row.get(name)) for name in header] for row in rows)
    return made.getvalue()


def _cell(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _show_notes(tables: PastTables, connection: Connection, folder: Path) -> None:
    title = connection.defaults.title
    if tables.untold:
        names = ", ".join(tables.untold)
        print_note(
            f"{title} does not tell how these fields changed, so they are as they are now: {names}. leads init "
            'looks for those that outcomes filled in; mark them known = "later".'
        )
    if tables.undated:
        print_note(f"{tables.undated:,} records without an id or a time of arrival are left out.")
    if tables.erased:
        print_note(f"{len(tables.erased):,} people who were erased are left out.")
    if not tables.outcomes:
        print_note(
            f"none is won or lost. [{connection.name}] in crm.toml says which values of "
            f"{connection.mapping.stage} mean won and lost; leads connect shows them."
        )
        return
    place = folder / "scoring.toml"
    err().print(
        f"Next: leads init {folder}/leads.csv --outcomes {folder}/outcomes.csv --out {place}, "
        f"then leads train --config {place}"
    )
