"""`leads score`: probabilities, grades and reasons for a file of leads."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from commands.console import ConfigPath, Json, err, out, print_json, progress_bar
from commands.engine import EngineOption, SchedulerOption, open_scoring
from commands.files import open_table
from features.config import read_config
from training.model import GRADES, Confidence
from training.registry import open_registry
from training.score_file import FileScorer, FileScores

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def score(
    input: Annotated[str, typer.Argument(help="CSV (also .csv.gz) or Parquet with the columns of the leads table.")],  # noqa: A002
    output: Annotated[Path, typer.Argument(help=".csv, .csv.gz or .parquet, by the file's ending.")],
    config: ConfigPath = Path("scoring.toml"),
    reasons: Annotated[int, typer.Option(min=0, max=10, help="How many reasons to give.")] = 3,
    model: Annotated[str, typer.Option(help="champion, challenger or a version number.")] = "champion",
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Add a last column: whether enough is known of leads like it.")
    ] = False,
    engine: EngineOption = None,
    scheduler: SchedulerOption = None,
    json: Json = False,
) -> None:
    """Score a file of leads with a registered model.

    The model brings its own schema; scoring.toml is read only to find out which leads table it belongs to. How many
    leads it knows little of, and which values were never seen in training, is said beside the scores.

    The file passes in batches through less than 1 GB of memory, however large it is, and OUTPUT is there when all of
    it is scored. With --engine dask, the workers of a cluster score the partitions of a Parquet file, or of a folder
    of them, that each worker finds under the same path; the scores are the same.

    Examples: leads score new_leads.csv scored.csv --reasons 3; leads score leads.csv.gz scored.parquet --reasons 0;
    leads score leads/ scored.parquet --engine dask --scheduler tcp://10.0.0.5:8786
    """
    if output.resolve() == Path(input).resolve():
        raise typer.BadParameter(f"{output} is the input; scores go into a file of their own", param_hint="OUTPUT")
    with open_scoring(engine, scheduler) as map_frames, open_table(output) as table:
        scorer = open_registry().load(model)
        if config.exists():
            _warn_where_fields_differ(read_config(config).schema_.fingerprint, scorer.schema.fingerprint, config)
        with progress_bar("Scoring") as report:
            file_scorer = FileScorer(
                scorer,
                reasons,
                confidence,
                table.encode,
                table.write,
                table.restart,
                partial(report, "Scoring"),
                map_frames,
            )
            scores = file_scorer.score(input)
    _note_rows(scores)
    grades = {grade: scores.grades[grade] for grade in GRADES}
    unseen = scores.unseen.found()
    counts = {word.value: scores.confidence[word.value] for word in Confidence}
    if json:
        summary = {"output": output, "leads": scores.leads, "model_version": scorer.version, "grades": grades}
        print_json({**summary, "confidence": counts, "unseen_values": unseen})
        return
    counted = ", ".join(f"{number:,} {grade}" for grade, number in grades.items())
    out().print(f"{scores.leads:,} leads scored by version {scorer.version} ({counted}): {output}")
    for field in unseen:
        err().print(f"[yellow]Note:[/yellow] {escape(str(field))}")
    if little := [f"{number:,} {word}" for word, number in counts.items() if number and word != Confidence.OK]:
        few = scores.leads - counts[Confidence.OK]
        note = f"too little is known of {few:,} leads ({', '.join(little)}); --confidence adds the word to each"
        err().print(f"[yellow]Note:[/yellow] {note}")


def _note_rows(scores: FileScores) -> None:
    for note in scores.notes:
        err().print(f"[yellow]Note:[/yellow] {escape(note)}")
    if scores.equal_rows:
        note = f"{scores.equal_rows:,} rows are equal to an earlier one; each is scored once."
        err().print(f"[yellow]Note:[/yellow] {note}")


def _warn_where_fields_differ(written: str, learned: str, config: Path) -> None:
    if written != learned:
        err().print(
            f"[yellow]Note:[/yellow] the model was trained with other fields than {config} names now; it uses its own."
        )
