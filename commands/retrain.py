"""`leads retrain`: export, train and promote in one command, for cron."""

import json as json_text
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.console import ConfigPath, Json, err, out, print_json, to_json
from commands.training_runs.options import BudgetOption, SeedOption, TrialsOption, champion_of, make_settings
from commands.training_runs.process_lock import hold_lock
from commands.training_runs.retraining import Retraining, RetrainingReport
from features.config import read_config
from features.errors import Refused
from features.whole_files import write_text
from training.registry import open_registry

LOCK, EXPORT, REPORTS = ".retrain.lock", "history", "retrains"
HELD = 3

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def retrain(
    config: ConfigPath = Path("scoring.toml"),
    export: Annotated[
        bool, typer.Option("--export/--no-export", help="Learn from the store, or from the tables as they are.")
    ] = True,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Let a change pass that was refused under this name.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Nothing from this day on may be seen.")
    ] = None,
    promote: Annotated[
        bool, typer.Option("--promote/--no-promote", help="Make it champion, or leave that to a person.")
    ] = True,
    progress: Annotated[
        bool, typer.Option("--progress", help="Log each step, and the share of the time gone.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all but register, promote and keep files.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 3 where the champion stays.")] = False,
    budget: BudgetOption = None,
    seed: SeedOption = None,
    trials: TrialsOption = None,
    json: Json = False,
) -> None:
    """Export the store's history, train on it, and promote the new model if the gate lets it through; for cron.

    It refuses, and exits 1, where the data are not what the champion learned from: half the rows gone, a source gone,
    a field that means something else. Each reason has a name; --accept NAME lets it pass. Two never run at once. The
    report is kept in retrains/, the export in history/, both beside scoring.toml.

    Example: leads retrain --dry-run

    Example: leads retrain --no-promote --as-of 2026-09-01

    Example: leads retrain --accept source:Fair --accept unit:revenue
    """
    checked = read_config(config)
    registry = open_registry()
    home = config.resolve().parent
    with hold_lock(home / LOCK, "leads retrain"):
        settings = make_settings(checked.training, budget, seed, trials, as_of)
        job = Retraining(
            checked, settings, registry, champion_of(registry), accept or [], _log_event, datetime.now(UTC)
        )
        if progress:
            job.report_progress = _log_progress
        _log_event("retrain.started", config=config, champion=job.champion_version or "none")
        try:
            report = _run_steps(job, home / EXPORT, export=export, promote=promote, dry_run=dry_run)
        except Refused as refused:
            _keep_and_print(job.report("refused", refused), home, json=json, dry_run=dry_run)
            raise
        _keep_and_print(report, home, json=json, dry_run=dry_run)
    if exit_code and report.champion_stays:
        raise typer.Exit(HELD)


def _run_steps(job: Retraining, folder: Path, *, export: bool, promote: bool, dry_run: bool) -> RetrainingReport:
    with tempfile.TemporaryDirectory() as scratch:
        if export:
            job.export(Path(scratch) if dry_run else folder)
        job.train()
    if not dry_run:
        return job.report(job.keep(promote=promote))
    return job.report("would promote" if job.run and job.run.decision.promoted else "would hold")


def _keep_and_print(report: RetrainingReport, home: Path, *, json: bool, dry_run: bool) -> None:
    """Keep the report, and print it; a refusal's text is printed by `commands.main`."""
    _log_event(f"retrain.{report.ended.replace(' ', '_')}", champion=report.champion or "none", seconds=report.seconds)
    if not dry_run:
        kept = home / REPORTS / f"{report.started_at:%Y-%m-%dT%H%M%SZ}.json"
        write_text(to_json(report), kept)
        _log_event("retrain.report_kept", file=kept)
    if json:
        print_json(report)
    elif report.ended != "refused":
        out().print("\n".join(report.sentences()))


def _log_progress(step: str, share: float) -> None:
    _log_event("retrain.progress", share=f"{min(share, 1.0):.2f}", step=step)


def _log_event(event: str, **fields: object) -> None:
    """One line of a log that a person reads in a mail."""
    values = " ".join(f"{name}={_quote_spaces(value)}" for name, value in fields.items())
    err().print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {event} {values}")


def _quote_spaces(value: object) -> str:
    text = str(value)
    return json_text.dumps(text, ensure_ascii=False) if " " in text else text
