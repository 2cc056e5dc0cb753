"""`leads migrate`: bring the database to the version that this release works with."""

import typer

from commands.console import Json, out, print_json
from commands.database import open_database
from serving.migrations import migrate as bring_up_to_date
from serving.migrations import newest, prepare, version_of

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def migrate(json: Json = False) -> None:
    """Bring the database of LEADS_DATABASE_URL to the newest version; `leads backup` makes a copy first.

    Example: leads migrate
    """
    with open_database() as database:
        found = version_of(database)
        (prepare if found is None else bring_up_to_date)(database)
    if json:
        print_json({"from": found, "to": newest()})
    elif found == newest():
        out().print(f"The database already has version {found}.")
    else:
        out().print(f"The database went from {'nothing' if found is None else f'version {found}'} to {newest()}.")
