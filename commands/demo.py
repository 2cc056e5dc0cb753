"""`leads demo`: the whole product on simulated leads, step by step, with the commands that do the same."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as datetime_time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pandas as pd
import typer
from rich.text import Text

from commands.console import err, out, progress_bar
from commands.demo_steps.company import first_scored, make_company
from commands.demo_steps.day import COLLEAGUES, READER, live_a_day
from commands.demo_steps.scores import replay_scores
from commands.simulate import today
from commands.training_runs.options import champion_of
from commands.user import user_name
from features.config import ScoringConfig, read_config
from features.errors import Refused
from features.history import History, read_history
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.tables.import_tables import open_tables
from features.whole_files import write_text
from serving.migrations import prepare
from serving.operations.import_history import import_tables
from serving.operations.leads import LeadOperations
from serving.pages.sign_in.routes import ONCE
from serving.server import listen
from serving.settings import read_settings
from serving.store import Store, keys, sign_in_links
from serving.store.keys import Scope
from serving.store.outbox import NOBODY
from simulation.company import Simulation
from training.model import ScoringModel
from training.pipeline import Settings
from training.pipeline import train as train_model
from training.registry import Registry, locate
from training.registry.log import log_run
from training.training_run import TrainingRun

NEW_LEADS = 40
SHOWN_LEADS = 8
BETWEEN_LEADS = timedelta(minutes=6)
READY_WITHIN_S = 60
ROLES = ("lead_id", "created_at", "source", "campaign", "value")
CHAMPION_PART, CHALLENGER_PART = 0.8, 0.4
"""Of the budget: the champion leaves some to the scores of the past; the challenger is made while the pages are up."""


app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop when the queue has been shown.")] = False,
    leads: Annotated[int, typer.Option(min=2_000, help="How many historical leads to simulate.")] = 12_000,
    budget: Annotated[float, typer.Option(min=1, help="Seconds for training.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another company.")] = 7,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where to serve.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its files.")] = Path("demo"),
) -> None:
    """Simulate a company, train and register a model, and serve it with a sales queue of today's leads.

    Nothing outside its folder is touched: what LEADS_* and MLFLOW_TRACKING_URI name is left alone.

    Example: leads demo --once
    """
    _forget_settings()
    listen(read_settings(port=port)).close()  # a port that is taken is reported now, not after the training
    until = today()
    company = make_company(leads + NEW_LEADS, seed, until)
    arriving = _split_off_newest(company, folder)
    _step(1, f"{leads:,} leads of {len(company.leads.columns)} columns in {folder}/", "leads simulate demo")

    config_path = folder / "scoring.toml"
    tables = {name: str(folder / f"{name}.csv") for name in ("leads", "outcomes", "contacts")}
    locations = TableLocations(tables["leads"], outcomes=tables["outcomes"], contacts=tables["contacts"])
    proposal = propose(locations, relative_to=folder.resolve())
    # The simulated companies have a hundred names, which predict nothing; real ones are left out by themselves.
    proposal = replace(proposal, fields=tuple(field for field in proposal.fields if field.name != "company"))
    write_text(proposal.to_toml(), config_path)
    later = ", ".join(field.name for field in proposal.suspects)
    init = "leads init leads.csv --outcomes outcomes.csv --contacts contacts.csv"
    _step(2, f"{config_path} names {len(proposal.fields)} fields; known later, so never scored with: {later}", init)

    registry, since = Registry(locate(folder.resolve(), os.environ)), first_scored(until)
    config = read_config(config_path)
    history = read_history(config)
    train = partial(_train, registry, config, history, seed)
    run, version = train(datetime.combine(since, datetime_time(), UTC), CHAMPION_PART * budget)
    registry.promote(version, by=user_name(), why="demo", at=datetime.now(UTC))
    command = f"leads train --as-of {since} --budget {CHAMPION_PART * budget:.0f}"
    _step(3, f"version {version} is champion: {_in_words(run)}", command)

    keys_made = _fill_store(folder, config_path, registry.load("champion"), since)
    _step(4, "the past in demo/leads.db, the later leads with the scores they would have had", "leads import-history")

    with _served(folder, port) as url:
        _step(5, f"serving at {url} ({url}/docs describes the API)", f"leads serve --port {port}")
        with _client(url, keys_made["CRM"]) as crm:
            lead_ids = _arrive(crm, arriving, datetime.now(UTC))
        _step(6, f"{len(arriving)} leads of today sent as a CRM does; the top of the queue:", "PUT /v1/leads/{lead_id}")
        with _client(url, keys_made[READER]) as sales:
            _show_queue(_ask(sales.get("/v1/queue", params={"limit": SHOWN_LEADS})))
            _ask(sales.get("/v1/report"))  # it takes some seconds, and will be there when the page is opened
        link = _start_day(folder, keys_made[READER], lead_ids)
        if not once:
            _step(7, "a challenger that knows all outcomes is in the making, for the model's page", "leads train")
            err().print(f"\n{READER}'s key, for {url}: {keys_made[READER]}\nCtrl-C stops it.")
            err().print(f"\nOpen this; it signs in once, within ten minutes:\n{url}{link}")
            train(None, CHALLENGER_PART * budget)
            _wait()


def _forget_settings() -> None:
    """A company's own store, webhook and registry are no place for simulated leads, whatever the shell has set."""
    for name in [name for name in os.environ if name.startswith(("LEADS_", "MLFLOW_TRACKING_", "MLFLOW_REGISTRY_"))]:
        del os.environ[name]


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


def _train(
    registry: Registry, config: ScoringConfig, history: History, seed: int, as_of: datetime | None, budget: float
) -> tuple[TrainingRun, str]:
    """The run that knows nothing from `as_of` on, and the version that it was registered as."""
    with progress_bar("training") as report_progress:
        settings = Settings(as_of, budget, seed)
        run = train_model(config, history, settings, champion_of(registry), time.monotonic, report_progress)
        report_progress("registering the model", 1.0)
        return run, log_run(run, registry.location)


def _in_words(run: TrainingRun) -> str:
    metrics = run.evaluation.metrics
    return (
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


def _fill_store(folder: Path, config_path: Path, model: ScoringModel, since: date) -> dict[str, str]:
    """Make the store anew with the company's past; the keys of a CRM, of the reader and of colleagues, by name."""
    for old in folder.glob("leads.db*"):
        old.unlink()
    store, now = Store(_address(folder)), datetime.now(UTC)
    with closing(store.database), progress_bar("importing") as report_progress:
        prepare(store.database)
        lead_operations = LeadOperations(read_settings().queue_rules, NOBODY)
        tables = open_tables(folder, read_config(config_path))
        list(import_tables(store, tables, lead_operations, lambda: datetime.now(UTC), report_progress))
        report_progress("scoring as they arrived", 1.0)
        replay_scores(store, lead_operations, model, since, now)
        scopes: list[tuple[str, Scope]] = [("CRM", "score"), (READER, "admin")]
        scopes += [(name, "sales") for name in COLLEAGUES]
        return {name: store.write_now(keys.create, name, scope, now) for name, scope in scopes}


def _start_day(folder: Path, key: str, lead_ids: Sequence[str]) -> str:
    """Let today's calls happen; the path that signs the key's holder in, once."""
    store, now = Store(_address(folder)), datetime.now(UTC)
    with closing(store.database):
        live_a_day(store, read_settings().queue_rules, lead_ids, now)
        token = store.write_now(sign_in_links.offer, keys.id_of(key), now)
    return f"{ONCE}?token={token}"


def _address(folder: Path) -> str:
    return f"sqlite:///{folder / 'leads.db'}"


def _arrive(crm: httpx2.Client, leads: pd.DataFrame, now: datetime) -> list[str]:
    """Send leads as if they had arrived in the last hours, the newest just now; their ids, in this order."""
    for at, (_, lead) in enumerate(leads.iterrows(), 1):
        arrived = now - (len(leads) - at) * BETWEEN_LEADS
        sent = _as_json(lead) | {"created_at": arrived.isoformat()}
        _ask(crm.put(f"/v1/leads/{sent.pop('lead_id')}", json=sent))
    return leads["lead_id"].tolist()


def _client(url: str, key: str) -> httpx2.Client:
    """Whoever asks with this key; as patient as a loaded machine is slow."""
    return httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=READY_WITHIN_S)


def _ask(answer: httpx2.Response) -> Any:
    if not answer.is_success:
        raise DemoFailed(f"{answer.request.method} {answer.request.url.path} was answered with {answer.text}")
    return answer.json()


def _as_json(lead: "pd.Series[Any]") -> dict[str, Any]:
    known = {name: value for name, value in json.loads(lead.to_json(date_format="iso")).items() if value is not None}
    return {role: known.pop(role) for role in ROLES if role in known} | {"fields": known}


def _show_queue(queue: dict[str, Any]) -> None:
    for place, waiting in enumerate(queue["leads"], 1):
        score = waiting["score"]
        chance = f"{100 * score['probability']:.0f} in 100 become customers within {score['horizon_days']} days"
        out().print(Text.assemble(f"\n   {place}. {waiting['lead_id']}  ", (score["grade"], "bold"), f"  {chance}"))
        for reason in score["reasons"]:
            out().print(f"      {reason['sentence']}")


def _step(number: int, what: str, command: str) -> None:
    out().print(Text.assemble((str(number), "bold"), f"  {what}\n   ", (command, "dim")))


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return
