"""`leads demo`: the whole product on simulated leads, step by step, with the commands that do the same."""

import getpass
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pandas as pd
import typer
from rich.markup import escape

from commands.console import err, out
from commands.files import write_text
from commands.simulate import today
from commands.train import champion_of, told_on_a_bar
from features.config import read_config
from features.history import read_history
from features.infer import propose
from features.refused import Refused
from simulation.company import Simulation
from simulation.company import simulate as simulate_company
from training.pipeline import Settings
from training.pipeline import train as train_model
from training.registry import Registry, locate
from training.registry.log import log_run

NEW_LEADS = 40
SHOWN_LEADS = 8
READY_WITHIN_S = 60
ROLES = ("lead_id", "created_at", "source", "campaign")


app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop when the queue has been shown.")] = False,
    leads: Annotated[int, typer.Option(min=2_000, help="How many historical leads to simulate.")] = 12_000,
    budget: Annotated[float, typer.Option(min=1, help="Seconds for training.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another company.")] = 7,
    port: Annotated[int, typer.Option(min=0, help="Where to serve.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files.")] = Path("demo"),
) -> None:
    """Simulate a company, train and register a model, serve it, and score new leads over HTTP.

    Example: leads demo --once
    """
    company = simulate_company(leads + NEW_LEADS, seed=seed, until=today())
    arriving = _split_off_newest(company, folder)
    _step(1, f"{leads:,} leads of {len(company.leads.columns)} columns in {folder}/", "leads simulate demo")

    config_path = folder / "scoring.toml"
    tables = {name: str(folder / f"{name}.csv") for name in ("leads", "outcomes", "contacts")}
    proposal = propose(tables["leads"], tables["outcomes"], contacts=tables["contacts"], relative_to=folder.resolve())
    write_text(proposal.to_toml(), config_path)
    later = ", ".join(field.name for field in proposal.suspects)
    init = "leads init leads.csv --outcomes outcomes.csv --contacts contacts.csv"
    _step(2, f"{config_path} names {len(proposal.fields)} fields; known later, so never scored with: {later}", init)

    registry = Registry(locate(folder.resolve(), os.environ))
    version, promised = _train(registry, config_path, budget, seed)
    _step(3, f"version {version} is champion: {promised}", f"leads train --budget {budget:.0f}")

    with _served(folder, port) as url:
        _step(4, f"serving at {url} ({url}/docs describes the API)", f"leads serve --port {port}")
        scores = _score(url, arriving)
        _step(5, f"{len(scores)} leads of today scored over HTTP; the top of the queue:", f"POST {url}/v1/score/batch")
        _show_queue(scores)
        if not once:
            err().print(f"\nStill serving at {url}. Ctrl-C stops it.")
            _wait()


def _split_off_newest(company: Simulation, folder: Path) -> pd.DataFrame:
    """Write the history; keep back the newest leads, as they are on the day they arrive."""
    newest = company.leads.sort_values("created_at").tail(NEW_LEADS)
    replace(
        company,
        leads=_without(company.leads, newest),
        contacts=_without(company.contacts, newest),
        outcomes=_without(company.outcomes, newest),
    ).write(folder)
    return newest


def _without(table: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    return table[~table.lead_id.isin(leads.lead_id)]


def _train(registry: Registry, config_path: Path, budget: float, seed: int) -> tuple[str, str]:
    config = read_config(config_path)
    with told_on_a_bar("reading the tables") as tell:
        history = read_history(config)
        run = train_model(config, history, Settings(None, budget, seed), champion_of(registry), time.monotonic, tell)
        tell("registering the model", 1.0)
        version = log_run(run, registry.location)
    registry.promote(version, by=getpass.getuser(), why="demo", at=datetime.now(UTC))
    metrics = run.evaluation.metrics
    return version, (
        f"AUC {metrics['auc']:.2f}; of its top tenth {metrics['lift_10']:.1f} times as many are won as of an average "
        f"tenth, on {run.evaluation.leads:,} later leads"
    )


@contextmanager
def _served(folder: Path, port: int) -> Iterator[str]:
    """`leads serve` as a process of its own, ready; ended with the block."""
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "commands", "serve", "--port", str(port)]
    with (folder / "serve.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=folder, stderr=log)  # noqa: S603 - our own command
        try:
            _wait_until_ready(server, url, folder / "serve.log")
            yield url
        finally:
            server.terminate()
            server.wait()


def _wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise DemoFailed(f"the service did not come up; the end of {log} says why:\n{log.read_text()[-500:]}")


class DemoFailed(Refused):
    """A step of the demo could not be done."""


def _score(url: str, leads: pd.DataFrame) -> list[dict[str, Any]]:
    """Send the leads as a CRM would and take the scores, the highest first."""
    answer = httpx2.post(f"{url}/v1/score/batch", json={"leads": [_as_json(lead) for _, lead in leads.iterrows()]})
    answer.raise_for_status()
    return sorted(answer.json()["results"], key=lambda score: -score["probability"])


def _as_json(lead: "pd.Series[Any]") -> dict[str, Any]:
    known = {name: value for name, value in json.loads(lead.to_json(date_format="iso")).items() if value is not None}
    return {role: known.pop(role) for role in ROLES if role in known} | {"fields": known}


def _show_queue(scores: Sequence[dict[str, Any]]) -> None:
    for place, score in enumerate(scores[:SHOWN_LEADS], 1):
        chance = f"{100 * score['probability']:.0f} in 100 become customers within {score['horizon_days']} days"
        out().print(f"\n   {place}. {score['lead_id']}  [bold]{score['grade']}[/bold]  {chance}")
        for reason in score["reasons"]:
            out().print(f"      {escape(reason['sentence'])}")


def _step(number: int, what: str, command: str) -> None:
    out().print(f"[bold]{number}[/bold]  {what}\n   [dim]{command}[/dim]")


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
