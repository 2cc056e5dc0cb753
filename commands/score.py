"""`leads score`: probabilities, grades and reasons for a file of leads."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from commands.console import ConfigPath, Json, err, out, print_json
from commands.files import write_table
from features.config import read_config
from features.errors import TableRefused
from features.lead_table import LeadTable, parse_leads, without_equal_rows
from features.schema import LeadSchema
from features.tables.read import notes_of, read_table
from training.model import Confidence
from training.registry import open_registry

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def score(
    input: Annotated[str, typer.Argument(help="CSV or Parquet with the columns of the leads table.")],  # noqa: A002
    output: Annotated[Path, typer.Argument(help="CSV or Parquet, by the file's ending.")],
    config: ConfigPath = Path("scoring.toml"),
    reasons: Annotated[int, typer.Option(min=0, max=10, help="How many reasons to give.")] = 3,
    model: Annotated[str, typer.Option(help="champion, challenger or a version number.")] = "champion",
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Add a last column: whether enough is known of leads like it.")
    ] = False,
    json: Json = False,
) -> None:
    """Score a file of leads with a registered model.

    The model brings its own schema; scoring.toml is read only to find out which leads table it belongs to. How many
    leads it knows little of, and which values were never seen in training, is said beside the scores.

    Example: leads score new_leads.csv scored.csv --reasons 3
    """
    if output.resolve() == Path(input).resolve():
        raise typer.BadParameter(f"{output} is the input; scores go into a file of their own", param_hint="OUTPUT")
    scorer = open_registry().load(model)
    if config.exists():
        _warn_where_fields_differ(read_config(config).schema_.fingerprint, scorer.schema.fingerprint, config)
    leads = _read(input, scorer.schema)
    scored = scorer.score_table(leads, reasons, confidence=confidence)
    write_table(scored, output)
    grades = {grade: int((scored.grade == grade).sum()) for grade in "ABCD"}
    unseen, words = scorer.unseen_values(leads), scorer.confidence(leads)
    counts = {word.value: int((words == word.value).sum()) for word in Confidence}
    if json:
        summary = {"output": output, "leads": len(scored), "model_version": scorer.version, "grades": grades}
        print_json({**summary, "confidence": counts, "unseen_values": unseen})
        return
    counted = ", ".join(f"{number:,} {grade}" for grade, number in grades.items())
    out().print(f"{len(scored):,} leads scored by version {scorer.version} ({counted}): {output}")
    for field in unseen:
        err().print(f"[yellow]Note:[/yellow] {escape(str(field))}")
    if little := [f"{number:,} {word}" for word, number in counts.items() if number and word != Confidence.OK]:
        few = len(scored) - counts[Confidence.OK]
        note = f"too little is known of {few:,} leads ({', '.join(little)}); --confidence adds the word to each"
        err().print(f"[yellow]Note:[/yellow] {note}")


def _read(location: str, schema: LeadSchema) -> LeadTable:
    table, repeated = without_equal_rows(read_table(location), schema.id)
    for note in notes_of(table):
        err().print(f"[yellow]Note:[/yellow] {escape(note)}")
    if repeated:
        err().print(f"[yellow]Note:[/yellow] {repeated:,} rows are equal to an earlier one; each is scored once.")
    try:
        return parse_leads(table, schema)
    except TableRefused as refused:
        raise TableRefused(refused.problems, location) from None


def _warn_where_fields_differ(written: str, learned: str, config: Path) -> None:
    if written != learned:
        err().print(
            f"[yellow]Note:[/yellow] the model was trained with other fields than {config} names now; it uses its own."
        )
