"""`leads init`: looks at a table and writes a commented scoring.toml."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, err, out, print_json
from commands.init_questions import Answers, ask_five
from features.errors import TableRefused
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.schema_inference.table_profile import profile_table
from features.tables.read import read_table
from features.whole_files import write_text

SHOWN_LEFT_OUT = 8
ROLES = ("id", "created_at", "at", "source", "campaign", "value")

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def init(
    leads: Annotated[str, typer.Argument(help="CSV, Parquet, a workbook, or a SQLAlchemy URL (then --query as well).")],
    outcomes: Annotated[str | None, typer.Option(help="A table of its own with one row a closed lead.")] = None,
    outcome: Annotated[
        str | None,
        typer.Option(help="The outcome column, or COLUMN=VALUE,VALUE to say which values mean won; COLUMN=* for any."),
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
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Answer five questions, each with a proposal; on a terminal only.")
    ] = False,
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
    if interactive and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise typer.BadParameter(
            "questions need a terminal; leave it out, and use --outcome", param_hint="--interactive"
        )
    tables = TableLocations(leads, query, outcomes=outcomes, contacts=contacts, arrivals=arrivals, scores=scores)
    make_proposal = partial(propose, tables, relative_to=out_path.resolve().parent, today=datetime.now(UTC).date())
    if interactive:
        answers = _ask(tables, outcome, make_proposal)
        proposal = make_proposal(outcome=answers.outcome, created_at=answers.created_at)
    else:
        proposal = make_proposal(outcome=outcome)
    write_text(proposal.to_toml(), out_path)
    if json:
        print_json(
            {
                "config": out_path,
                "fields": {field.name: {"kind": field.kind, "known": field.known} for field in proposal.fields},
                "left_out": {column.name: column.why for column in proposal.left_out},
                "summary": proposal.summary,
                "doubts": proposal.doubts,
            }
        )
        return
    _show(proposal, out_path)
    err().print(f"Read {out_path}, change what is wrong, then: leads train --config {out_path}")


def _ask(tables: TableLocations, outcome: str | None, make_proposal: Callable[..., Proposal]) -> Answers:
    """The five answers, each with what can be proposed; a table whose outcome cannot be told is asked about as well."""
    leads = profile_table(read_table(tables.leads, tables.query))
    columns = leads.columns if tables.outcomes is None else profile_table(read_table(tables.outcomes)).columns
    try:
        first = make_proposal(outcome=outcome)
    except TableRefused as refused:
        out().print(str(refused))
        first = None
    return ask_five(
        columns,
        leads.columns,
        first,
        lambda question, default: str(typer.prompt(question, default=default)).strip(),
        out().print,
    )


def _show(proposal: Proposal, out_path: Path) -> None:
    """What was found, in words for people who sell; then the roles, and why columns were left out."""
    for line in proposal.summary.lines() if proposal.summary else ():
        out().print(line)
    fields = "1 field" if len(proposal.fields) == 1 else f"{len(proposal.fields)} fields"
    left_out = "1 column" if len(proposal.left_out) == 1 else f"{len(proposal.left_out)} columns"
    out().print(f"\n{out_path}: {fields}, {left_out} left out.")
    roles = ", ".join(f"{role} {proposal.setting(role) or 'none found'}" for role in ROLES)
    out().print(f"  Roles: {roles}")
    for column in proposal.left_out[:SHOWN_LEFT_OUT]:
        out().print(f"  {column.name} is left out: {column.why}")
    if more := len(proposal.left_out[SHOWN_LEFT_OUT:]):
        out().print(f"  … and {more} more, at the end of {out_path}")
