"""`leads keys`: who may use the API, and for what."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from commands.console import Json, err, format_time, out, print_json, table
from commands.database import open_store
from features.errors import Refused
from serving.store import keys
from serving.store.keys import Scope

app = typer.Typer(
    help="Create, list and revoke the keys of the API and its pages.",
    epilog="Example: leads keys create --scope score --name crm",
    rich_markup_mode=None,
    add_completion=False,
)


class KeyRequestRefused(Refused):
    """A key that cannot be made, or is not there."""


@app.callback(invoke_without_command=True)
def _by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_keys()


@app.command("create")
def create(
    scope: Annotated[
        Scope,
        typer.Option(
            help="score: a CRM sends leads, contacts and outcomes. sales: the queue and its pages. "
            "team: the same, and who works on what. "
            "report: the figures. feed: what ad platforms pull. admin: all, also erasing."
        ),
    ],
    name: Annotated[str, typer.Option(help="Whose it is, such as crm or ann.")],
    json: Json = False,
) -> None:
    """Create a key and show it, this once: only its hash is kept.

    Example: leads keys create --scope score --name crm
    """
    try:
        named = keys.check_name(name)
    except ValueError as refused:
        raise KeyRequestRefused(f"--name: {refused}") from None
    with open_store() as store:
        try:
            key = store.write_now(keys.create, named, scope, datetime.now(UTC))
        except keys.NameTaken:
            raise KeyRequestRefused(
                f"--name: a live key is named {named!r}, and claims go by that name; "
                "choose another, or revoke that key first (`leads keys list` shows it)"
            ) from None
    if json:
        print_json({"key": key, "key_id": keys.id_of(key), "name": named, "scope": scope})
        return
    out().print(key)
    err().print("Keep it now: it is not shown again. Send it as the header Authorization: Bearer …")


@app.command("list")
def list_keys(json: Json = False) -> None:
    """List the keys, the oldest first; never the keys themselves.

    Example: leads keys list --json
    """
    with open_store() as store:
        listed = store.read_now(keys.list_keys)
    if json:
        print_json(listed)
        return
    if not listed:
        err().print(
            "There is no key yet, so the service answers nobody. Make one: leads keys create --scope score --name crm"
        )
        return
    shown = table("id", "name", "scope", "created", "last used", "revoked")
    for key in listed:
        times = map(format_time, (key.created_at, key.last_used_at, key.revoked_at))
        shown.add_row(key.key_id, key.name, key.scope, *times)
    out().print(shown)


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="As `leads keys list` shows it.")]) -> None:
    """End a key, and every sign-in that was made with it, at once and for ever.

    Example: leads keys revoke 5f2c81d09a3b
    """
    with open_store() as store:
        if not store.write_now(keys.revoke, key_id, datetime.now(UTC)):
            raise KeyRequestRefused("there is no key of this id; `leads keys list` shows them")
    out().print(f"Key {key_id} is revoked.")
