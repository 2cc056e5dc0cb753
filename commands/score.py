"""`leads score`: probabilities, grades and reasons for a file of leads."""

from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from commands import __version__
from commands.console import ConfigPath, Json, out, print_json, print_note, progress_bar
from commands.resumable_table import ResumableTable, check_ending, resumable_table
from commands.training_runs.engine import EngineOption, SchedulerOption, open_scoring
from features.config import read_config
from training.model import GRADES, Confidence, ScoringModel
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
    leads it knows little of, and which values were never seen in training, is printed beside the scores.

    The file passes in batches through less than 1 GB of memory, however large it is, and OUTPUT is there when all of
    it is scored. Broken off, the same command goes on where it was, as long as INPUT, the model and the options are
    the same; until then what is done lies beside OUTPUT, as .OUTPUT.part and .OUTPUT.progress.

    With --engine dask, the workers of a cluster score the partitions of a Parquet file, or of a folder of them, that
    each worker finds under the same path; the scores are the same.

    Examples: leads score new_leads.csv scored.csv --reasons 3; leads score leads.csv.gz scored.parquet --reasons 0;
    leads score leads/ scored.parquet --engine dask --scheduler tcp://10.0.0.5:8786
    """
    if output.resolve() == Path(input).resolve():
        raise typer.BadParameter(f"{output} is the input; scores go into a file of their own", param_hint="OUTPUT")
    check_ending(output)
    scorer = open_registry().load(model)
    if config.exists():
        _warn_where_fields_differ(read_config(config).lead_schema.fingerprint, scorer.schema.fingerprint, config)
    options = f"reasons {reasons}, confidence {confidence}{f', engine {engine}' if engine else ''}"
    with (
        open_scoring(engine, scheduler) as map_frames,
        resumable_table(output, _list_causes(input, scorer, options)) as table,
    ):
        went_on_at = _note_resumption(table)
        with progress_bar("Scoring") as report:
            scores = FileScorer(scorer, reasons, confidence, table, partial(report, "Scoring"), map_frames).score(input)
    _note_rows(scores)
    grades = {grade: scores.grades[grade] for grade in GRADES}
    unseen = scores.unseen.found()
    counts = {word.value: scores.confidence[word.value] for word in Confidence}
    if json:
        summary = {"output": output, "leads": scores.leads, "model_version": scorer.version, "grades": grades}
        print_json({**summary, "confidence": counts, "unseen_values": unseen, "went_on_at": went_on_at})
        return
    counted = ", ".join(f"{number:,} {grade}" for grade, number in grades.items())
    out().print(f"{scores.leads:,} leads scored by version {scorer.version} ({counted}): {output}")
    for field in unseen:
        print_note(field)
    if little := [f"{number:,} {word}" for word, number in counts.items() if number and word != Confidence.OK]:
        few = scores.leads - counts[Confidence.OK]
        print_note(f"too little is known of {few:,} leads ({', '.join(little)}); --confidence adds the word to each")


def _list_causes(location: str, model: ScoringModel, options: str) -> dict[str, str]:
    """What the scores of a table depend on; a database's table is another each time."""
    table = Path(location)
    state = table.stat() if table.is_file() else None
    return {
        "table": f"{table.resolve()} {state.st_size} {state.st_mtime_ns}" if state else uuid4().hex,
        "model": model.digest,
        "options": options,
        "version of leads": __version__,
    }


def _note_resumption(table: ResumableTable) -> int | None:
    """Say where scoring goes on, or why it does not; the number of the lead where it does."""
    if table.changed:
        changed = " and ".join(table.changed)
        print_note(f"begun anew: {changed} changed since the run that was broken off.")
    if not table.done.leads:
        return None
    went_on_at = table.done.leads + 1
    print_note(f"went on at lead {went_on_at:,}: a run before had scored those above.")
    return went_on_at


def _note_rows(scores: FileScores) -> None:
    for note in scores.notes:
        print_note(note)
    if scores.equal_rows:
        print_note(f"{scores.equal_rows:,} rows are equal to an earlier one; each is scored once.")


def _warn_where_fields_differ(written: str, learned: str, config: Path) -> None:
    if written != learned:
        print_note(f"the model was trained with other fields than {config} names now; it uses its own.")
