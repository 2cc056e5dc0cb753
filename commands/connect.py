"""`leads connect`: walks a person through connecting a CRM: asks, tries, says what it found, writes crm.toml."""

import getpass
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import tomlkit
import typer

from commands.console import Json, err, out, print_json
from commands.crm_connections import crm_file
from commands.database import open_store
from connectors.crm.api import Patience, expecting_known_shapes
from connectors.crm.config import (
    ACCEPTED_SECRET,
    Connection,
    check_connections,
    is_reference,
    read_connections,
    read_secret,
)
from connectors.crm.crm import Found
from connectors.crm.crms import CRMS, make_crm
from connectors.crm.errors import CrmRefused
from connectors.crm.mapping import CrmDefaults, read_defaults
from connectors.crm.proposal import Proposal, propose_keys
from connectors.http_failures import AccessRefused, BatchRefused, NotTaken
from features.whole_files import write_text
from serving.store import crm_notices

SECRETS = ("token", "secret", "client_id", "client_secret")
SECRETS_FOLDER = "secrets"
QUICK = Patience((1.0, 3.0))
MOST_SHOWN = 12

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def connect(
    crm: Annotated[str, typer.Argument(help=f"One of {', '.join(CRMS)}.")],
    name: Annotated[str | None, typer.Argument(help="The connection's name in crm.toml; by default the CRM's.")] = None,
    object_: Annotated[str | None, typer.Option("--object", help="Which of the CRM's records are your leads.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Answer a question beforehand, such as token=env:HUBSPOT_TOKEN."
        ),
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try messages of its hook again that were given up, and nothing else.")
    ] = False,
    json: Json = False,
) -> None:
    """Connect a CRM: its leads come in by a hook, its past by leads pull, and scores go into its own fields.

    Asks for what is needed, tries it, says what it found, and writes the connection into crm.toml, where nothing that
    stands there is changed; run it again to try a connection. Secrets stand in the environment (env:NAME) or in files
    (file:PATH), which are made for you; none is written into crm.toml.

    Examples: leads connect hubspot · leads connect bitrix24 shop --object deals ·
    leads connect hubspot --set token=env:HUBSPOT_TOKEN --set secret=env:HUBSPOT_SECRET
    """
    if crm not in CRMS:
        raise CrmRefused(f"there is no CRM {crm!r}; there are {', '.join(CRMS)}; docs/crm.md says how to add one")
    name = name or crm
    if retry:
        _retry(name, json)
        return
    place, defaults = crm_file(), read_defaults(crm)  # type: ignore[arg-type]
    read_connections(place)  # refused before anything is asked, where it is wrong
    document = tomlkit.parse(place.read_text("utf-8-sig")) if place.exists() else tomlkit.document()
    section = document.setdefault(name, tomlkit.table())
    if section.setdefault("crm", crm) != crm:
        raise CrmRefused(f"{place}: [{name}] is a connection to {section['crm']}; give this one another name")
    _answer(section, name, defaults, {**_read_given(set_ or []), **({"object": object_} if object_ else {})})
    if len(document) > 1 and "prefix" not in section and _shares_ids(document):
        section["prefix"] = f"{name}-"
    connection = check_connections(document.unwrap(), str(place))[name]
    found = _try(connection)
    proposal = propose_keys(connection, found)
    for key, value in proposal.keys.items():
        section.setdefault(key, value)
    check_connections(document.unwrap(), str(place))
    write_text(tomlkit.dumps(document), place)
    if json:
        print_json({"file": str(place), "connection": name, "missing": proposal.missing, "found": len(found.fields)})
        return
    _show(place, connection, found, proposal)


def _read_given(words: list[str]) -> dict[str, str]:
    given = dict(word.partition("=")[::2] for word in words)
    if any(not value for value in given.values()):
        raise typer.BadParameter("expected KEY=VALUE, such as token=env:HUBSPOT_TOKEN", param_hint="--set")
    return given


def _answer(section: Any, name: str, defaults: CrmDefaults, given: Mapping[str, str]) -> None:
    """Put the answers to the CRM's questions into its table; those that are there already are not asked."""
    for key, value in given.items():
        section[key] = value
    if "object" not in section and len(defaults.objects) > 1:
        choices = ", ".join(defaults.objects)
        section["object"] = _ask(f"Which records are your leads: {choices}?", defaults.object)
    for key, about in defaults.asks.items():
        if key not in section:
            default = f"file:{SECRETS_FOLDER}/{name}-{key}" if key in SECRETS else ""
            question = f"{key}: {about}.\n  Where does it stand" if key in SECRETS else f"{key}: {about}"
            section[key] = _ask_place(question, default) if key in SECRETS else _ask(question, default)
        if key in SECRETS:
            _make_secret(str(section[key]), key, "of your own choice" in about)


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        raise CrmRefused(f"there is nobody to ask: {question.splitlines()[0]} Answer it by --set KEY=VALUE")
    return str(typer.prompt(question, default=default or None)).strip()


def _ask_place(question: str, default: str) -> str:
    """Where a secret stands; asked again where an answer is none, such as the secret itself."""
    while True:
        answer = _ask(question, default)
        if is_reference(answer):
            return answer
        out().print(f"  {ACCEPTED_SECRET}. Enter alone takes {default}; you are asked for the secret then.")


def _make_secret(reference: str, key: str, may_be_made: bool) -> None:
    """Make the file of a secret that is not there: of a secret of one's own choice by chance, of others as typed."""
    kind, _, path = reference.partition(":")
    place = Path(path)
    if kind != "file" or place.exists():
        return
    if may_be_made:
        text = secrets.token_urlsafe(32)
        err().print(f"{key}: made by chance, in {place}")
    elif sys.stdin.isatty():
        text = getpass.getpass(f"  {key} (not shown, kept in {place}): ").strip()
    else:
        return
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.touch(mode=0o600)
    place.write_text(text + "\n", "utf-8")


def _shares_ids(document: Any) -> bool:
    prefixes = [str(section.get("prefix", "")) for section in document.values()]
    return len(prefixes) > len(set(prefixes))


def _try(connection: Connection) -> Found:
    """What the CRM says of itself, over its API; raises `CrmRefused` saying what to mend."""
    crm, title = make_crm(connection), connection.defaults.title
    for key in connection.defaults.asks:
        if key in SECRETS and (reference := getattr(connection.section, key)):
            read_secret(reference)
    if not crm.has_api:
        return Found({}, ())
    try:
        with crm.open_api(QUICK) as api, expecting_known_shapes():
            return crm.describe(api)
    except AccessRefused as refused:
        raise CrmRefused(
            f"{title} refuses the token ({refused}): is it of this account, and may it read {connection.object}? "
            "Nothing was written."
        ) from None
    except (NotTaken, BatchRefused) as failed:
        host = urlsplit(crm.base_url()).netloc  # of Bitrix24 the rest of the address is secret
        raise CrmRefused(
            f"{title} does not answer as expected ({failed}); is {host} its address? Nothing was written."
        ) from None


def _show(place: Path, connection: Connection, found: Found, proposal: Proposal) -> None:
    title, name = connection.defaults.title, connection.name
    tell = out().print
    if found.fields:
        tell(f"{title} answers: {len(found.fields):,} fields, {len(found.stages):,} stages.")
        tell(f"Read with each lead: {', '.join(proposal.read) or 'no field yet'}.")
    if proposal.missing:
        tell(f"Not there: {', '.join(proposal.missing)}.")
    for meaning in ("won", "lost"):
        values = proposal.keys.get(meaning) or getattr(connection.mapping, meaning)
        tell(f"Stages that mean {meaning}: {', '.join(values) or 'none'}.")
    if found.stages:
        shown = ", ".join(f"{one.label} ({one.value})" for one in found.stages[:MOST_SHOWN])
        tell(f"All its stages: {shown}{' …' if len(found.stages) > MOST_SHOWN else ''}")
    if "score" in proposal.keys or connection.section.score:
        tell("Scores are written into its own fields.")
    elif connection.defaults.score_fields:
        tell(
            "To see scores there, make fields named Lead score (number), Lead grade, Lead reason and Lead link (text): "
            f"{connection.defaults.score_fields}. Then run this again."
        )
    tell(f"\n{place}: [{name}] is written. Add what else you know at arrival to its fields. Next:")
    program = "a program of your own" if connection.crm == "generic" else title
    tell(f"  1. leads serve (again), and tell {program} the address https://YOUR-SERVICE/v1/hooks/{name}")
    tell(f"     {connection.defaults.hook}")
    if connection.crm != "generic":
        tell(f"  2. leads pull {name}, to learn from its past")


def _retry(name: str, json: bool) -> None:
    with open_store() as store:
        troubles = store.read_now(crm_notices.find_troubles, name)
        count = store.write_now(crm_notices.retry_dead, name, datetime.now(UTC))
    if json:
        print_json({"retried": count, "troubles": [trouble for _, _, trouble in troubles]})
        return
    for record_id, state, trouble in troubles:
        out().print(f"{record_id}: {state}, {trouble}")
    out().print(f"{count:,} messages are tried again.")
