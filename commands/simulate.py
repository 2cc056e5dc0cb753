"""`leads simulate`: a company whose truth is known, as CSV tables."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, err, out, print_json
from simulation.company import simulate as simulate_company
from simulation.scenarios import SCENARIOS, UnknownScenarioError

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def simulate(
    outdir: Annotated[Path, typer.Argument(help="The folder to write leads.csv, contacts.csv … to.")],
    leads: Annotated[int, typer.Option(min=1, help="How many leads arrive.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and dates, the same company.")] = 7,
    scenario: Annotated[str, typer.Option(help=f"One of: {', '.join(SCENARIOS)}.")] = "steady",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day the history ends; by default today."),
    ] = None,
    json: Json = False,
) -> None:
    """Simulate a company's leads, contacts, outcomes and spend; truth.csv holds the true probabilities.

    Example: leads simulate demo --leads 20000 --scenario marketing-shift
    """
    last = until.date() if until else today()
    try:
        company = simulate_company(leads, seed=seed, scenario=scenario, until=last)
    except UnknownScenarioError as error:
        raise typer.BadParameter(str(error), param_hint="--scenario") from error
    company.write(outdir)
    if json:
        print_json({"folder": outdir, "leads": leads, "seed": seed, "scenario": scenario, "until": last})
        return
    out().print(f"{leads:,} leads up to {last}, {len(company.outcomes):,} with an outcome, are in {outdir}/")
    err().print(f"Next: leads init {outdir}/leads.csv --outcomes {outdir}/outcomes.csv")


def today() -> date:
    """The clock is read here, at the edge, and nowhere below."""
    return datetime.now(UTC).date()
