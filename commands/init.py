"""`leads init`: looks at a table and writes a commented scoring.toml."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from commands.console import Json, err, out, print_json
from commands.files import write_text
from features.infer import propose
from features.values import Known

SHOWN_LEFT_OUT = 8
ROLES = ("id", "created_at", "source", "campaign", "value")

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def init(
    leads: Annotated[str, typer.Argument(help="CSV, Parquet, a workbook, or a SQLAlchemy URL (then --query as well).")],
    outcomes: Annotated[str | None, typer.Option(help="A table of its own with one row a closed lead.")] = None,
    outcome: Annotated[
        str | None,
        typer.Option(help="The outcome column, or COLUMN=VALUE,VALUE to say which values mean won."),
    ] = None,
    contacts: Annotated[
        str | None, typer.Option(help="A table of contacts: leads that nobody tried do not count as lost.")
    ] = None,
    arrivals: Annotated[
        str | None,
        typer.Option(help="Leads as they arrived (export-history writes them): training is held against them."),
    ] = None,
    scores: Annotated[
        str | None,
        typer.Option(help="Logged scores, where leads were called by them: those seldom called then count for more."),
    ] = None,
    query: Annotated[str | None, typer.Option(help="What to ask the database for.")] = None,
    out_path: Annotated[Path, typer.Option("--out", help="Where to write.")] = Path("scoring.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a scoring.toml that is there.")] = False,
    json: Json = False,
) -> None:
    """Propose a scoring.toml: roles, outcome, kinds of fields, and fields that look leaked, each with its reason.

    Examples: leads init leads.csv --outcomes outcomes.csv --outcome status
    leads init export.csv --outcome 'Stand=Gewonnen' --out crm/scoring.toml
    leads init history/leads.csv --outcomes history/outcomes.csv --arrivals history/arrivals.csv
    """
    if out_path.exists() and not force:
        raise typer.BadParameter(f"{out_path} is there already; --force replaces it", param_hint="--out")
    if scores and not contacts:
        raise typer.BadParameter("only --contacts tell who was called: name them too", param_hint="--scores")
    beside = out_path.resolve().parent
    proposal = propose(leads, outcomes, outcome, query, contacts, arrivals, scores, relative_to=beside)
    write_text(proposal.to_toml(), out_path)
    later = [field for field in proposal.fields if field.known is Known.LATER]
    if json:
        print_json(
            {
                "config": out_path,
                "fields": {field.name: {"kind": field.kind, "known": field.known} for field in proposal.fields},
                "left_out": {column.name: column.why for column in proposal.left_out},
                "doubts": proposal.doubts,
            }
        )
        return
    out().print(f"{out_path}: {len(proposal.fields)} fields, {len(proposal.left_out)} columns left out.")
    roles = ", ".join(f"{role} {escape(str(proposal.setting(role) or 'none found'))}" for role in ROLES)
    out().print(f"  Roles: {roles}")
    for doubt in proposal.doubts:
        out().print(f"  {escape(doubt)}")
    for column in proposal.left_out[:SHOWN_LEFT_OUT]:
        out().print(f"  {escape(column.name)} is left out: {escape(column.why)}")
    if more := len(proposal.left_out[SHOWN_LEFT_OUT:]):
        out().print(f"  … and {more} more, at the end of {out_path}")
    for field in later:
        out().print(
            f'  {escape(field.name)} looks leaked and is marked known = "later": {escape("; ".join(field.notes))}'
        )
    err().print(f"Read {out_path}, change what is wrong, then: leads train --config {out_path}")
