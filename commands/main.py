"""`leads`: finds the command, and turns a refusal into its message and exit code 1."""

import gc
import os
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from commands.console import err
from features.errors import Refused

COMMANDS: Mapping[str, str] = {
    "demo": "The whole product on simulated leads, on this machine.",
    "simulate": "Simulate a company's leads, contacts, outcomes and spend.",
    "init": "Propose a scoring.toml for a table of leads.",
    "train": "Train, judge and register a model.",
    "retrain": "Export, train, and promote what the gate lets through; for cron.",
    "score": "Score a file of leads with a registered model.",
    "models": "List, show, compare, promote and roll back registered models.",
    "serve": "Serve the champion over HTTP.",
    "keys": "Create, list and revoke API keys.",
    "report": "What changed in conversion, and whose part it was.",
    "export": "Tell ad platforms what leads are worth.",
    "connect": "Connect a CRM: asks, tries, says what it found.",
    "pull": "Pull a CRM's past, as tables of leads as they arrived.",
    "webhooks": "List the webhook's events and send them again.",
    "migrate": "Bring the database to the newest version.",
    "backup": "Copy the store into a file, while the service runs.",
    "restore": "Bring a copy into an empty place.",
    "import-history": "Bring tables of past leads into the store.",
    "export-history": "Write the store's tables out for training.",
}
"""Each is a module of this package, with _ for -, loaded when it is called: MLflow alone takes a second to import."""


class Commands(TyperGroup):
    """The commands by name; their one-line help without loading them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's own context
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        return typer.main.get_command(import_module(f"commands.{cmd_name.replace('-', '_')}").app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


STARTED = time.monotonic()
"""When the command began: imports count too in the time that it may take."""
OBJECTS = 300_000
"""New objects after which Python looks for garbage: imports and a million leads make many that stay."""

app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def leads() -> None:
    """One number for marketing and sales: a calibrated, explained score for every lead."""


def main() -> None:
    """Run the command line; exit 0 on success, 1 for refused input, 2 for wrong usage."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when MLflow is imported
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by numpy: folds run in threads of their own
    gc.set_threshold(OBJECTS)
    try:
        app()
    except Refused as refused:
        err().print(Text.assemble(("Refused:", "red"), f" {refused}"))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # at its end Python would look through all that was imported for garbage, which takes a second
