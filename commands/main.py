"""`leads`: assembles the commands, and turns refusals into a message and exit code 1."""

import sys
from collections.abc import Callable

import typer
from rich.markup import escape

from commands import demo, init, models, score, serve, simulate, train
from commands.console import err
from commands.demo import DemoFailed
from features.config import ConfigRefused
from features.tables import TableRefused
from serving.server import PortTaken
from serving.settings import SettingsRefused
from training.labels import TooFewOutcomes
from training.model import ModelBroken
from training.registry import RegistryError

REFUSALS = (
    ConfigRefused,
    TableRefused,
    TooFewOutcomes,
    ModelBroken,
    RegistryError,
    DemoFailed,
    SettingsRefused,
    PortTaken,
)
"""What a user can mend: shown as a message, without a traceback."""

app = typer.Typer(
    name="leads",
    help="One number for marketing and sales: a calibrated, explained score for every lead.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _add(name: str, command: Callable[..., None]) -> None:
    app.command(name)(command)


_add("demo", demo.demo)
_add("simulate", simulate.simulate)
_add("init", init.init)
_add("train", train.train)
_add("score", score.score)
app.add_typer(models.app, name="models")
_add("serve", serve.serve)


def main() -> None:
    """Run the command line; exit 0 on success, 1 for refused input, 2 for wrong usage."""
    try:
        app()
    except REFUSALS as refusal:
        err().print(f"[red]Refused:[/red] {escape(str(refusal))}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
