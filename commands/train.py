"""`leads train`: train a model on the tables that scoring.toml names, and register it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.console import ConfigPath, Json, err, out, print_json, print_note, progress_bar, table
from commands.main import STARTED
from commands.training_runs.engine import EngineOption, SchedulerOption, open_training
from commands.training_runs.options import BudgetOption, SeedOption, TrialsOption, champion_of, make_settings
from commands.user import user_name
from features.config import read_config
from features.history import read_history
from training.pipeline import train as train_model
from training.registry import open_registry
from training.registry.log import log_run
from training.training_run import TrainingRun

SHOWN = {"log_loss": "log loss", "auc": "AUC", "calibration_slope": "calibration slope", "lift_10": "lift at 10 %"}


app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def train(
    config: ConfigPath = Path("scoring.toml"),
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Nothing from this day on may be seen.")
    ] = None,
    budget: BudgetOption = None,
    seed: SeedOption = None,
    trials: TrialsOption = None,
    promote: Annotated[bool, typer.Option("--promote", help="Make it champion if the gate lets it through.")] = False,
    engine: EngineOption = None,
    scheduler: SchedulerOption = None,
    fit_timeout: Annotated[
        float | None,
        typer.Option(
            min=1, help="Seconds that one fit on a cluster may take before it is begun again; by default an hour."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Train, judge and register a model; the first one becomes champion at once.

    It is refused, and nothing registered, where the training leads hold what leads do not have when they arrive
    ([arrivals] in scoring.toml), or where an AUC above 0.95 is carried by fields that no strong = true confirms.

    With --engine dask, the leads table is Parquet, a file or a folder of them, that the workers of a cluster read by
    partition: all leads are labelled and the trees fitted on all of them; search, calibration and gate use a sample.

    Examples: leads train --config scoring.toml --as-of 2026-09-01 --budget 60;
    leads train --budget 600 --engine dask --scheduler tcp://10.0.0.5:8786
    """
    checked = read_config(config)
    registry = open_registry()
    settings = make_settings(checked.training, budget, seed, trials, as_of, STARTED)
    champion = champion_of(registry)
    with (
        open_training(engine, scheduler, fit_timeout, _note_restart) as cluster,
        progress_bar("reading the tables") as report_progress,
    ):
        history = read_history(checked, cluster.read_lead_rows) if cluster else read_history(checked)
        run = train_model(checked, history, settings, champion, time.monotonic, report_progress, cluster)
        report_progress("registering the model", 1.0)
        version = log_run(run, registry.location)
    promoted = run.decision.promoted and (promote or champion is None)
    if promoted:
        registry.promote(version, by=user_name(), why=run.decision.reasons[-1], at=datetime.now(UTC))
    if json:
        print_json(_summary(run, version, promoted=promoted))
    else:
        _print_run(run, version, promoted=promoted)


def _note_restart(reason: str) -> None:
    print_note(f"the fit on the cluster {reason}")


def _print_run(run: TrainingRun, version: str, *, promoted: bool) -> None:
    shown = table(
        "candidate", *(f">{name}" for name in SHOWN.values()), title="On the last leads, which none had seen:"
    )
    for candidate in run.candidates:
        metrics = candidate.evaluation.metrics
        mark = " ←" if candidate.name == run.chosen else ""
        shown.add_row(candidate.name + mark, *(f"{metrics[name]:.3f}" for name in SHOWN))
    out().print(shown)
    evaluation = run.evaluation
    shapes = "1 shape" if run.trials == 1 else f"{run.trials} shapes"
    trials = f"{shapes} of trees in {run.seconds:.0f} s (repeat with --trials {run.trials})"
    out().print(
        f"\n{evaluation.leads:,} leads judged, {evaluation.wins:,} won; {len(run.dataset):,} learned from; "
        f"{trials if run.trials else 'too few of them were won, or were not, to try a model'}."
    )
    for note in run.notes:
        print_note(note)
    for reason in run.decision.reasons:
        out().print(f"  {reason}")
    out().print(f"Registered as version {version}{', now champion' if promoted else ''}.")
    if promoted:
        err().print("Next: leads serve, or leads score INPUT OUTPUT")
    elif run.decision.promoted:
        err().print(f"Next: leads models compare champion {version}, then leads models promote {version}")
    else:
        err().print(f"The champion stays. Next: leads models show {version}")


def _summary(run: TrainingRun, version: str, *, promoted: bool) -> dict[str, object]:
    return {
        "version": version,
        "champion": promoted,
        "candidate": run.chosen,
        "decision": {
            "beaten": run.decision.beats_base_rate,
            "promote": run.decision.promoted,
            "reasons": run.decision.reasons,
        },
        "leads": len(run.dataset),
        "trials": run.trials,
        "seconds": round(run.seconds, 1),
        "metrics": {candidate.name: candidate.evaluation.metrics for candidate in run.candidates},
        "notes": run.notes,
    }
