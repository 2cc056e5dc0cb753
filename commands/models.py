"""`leads models`: what is registered, what it promises, and which one serves."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markdown import Markdown

from commands.console import Json, out, print_json, print_note, table
from commands.user import user_name
from training.registry import ModelVersion, open_registry

app = typer.Typer(
    help="List, show, compare, promote and roll back registered models.", rich_markup_mode=None, add_completion=False
)

Which = Annotated[str, typer.Argument(metavar="V", help="champion, challenger or a version number.")]
Why = Annotated[str, typer.Option(help="The reason, for the history of promotions.")]

SHOWN = ("log_loss", "auc", "lift_10")


@app.callback(invoke_without_command=True)
def _by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(json: Json = False) -> None:
    """List the registered models, the newest first."""
    versions = open_registry().versions()
    if json:
        print_json(versions)
        return
    shown = table("version", "alias", "trained", "project", "candidate", *(f">{name}" for name in SHOWN))
    for model in versions:
        metrics = (f"{model.metrics[name]:.3f}" if name in model.metrics else "–" for name in SHOWN)
        trained = f"{model.created_at:%Y-%m-%d %H:%M}"
        shown.add_row(model.version, ", ".join(model.aliases), trained, model.project, model.candidate, *metrics)
    out().print(shown)


@app.command("show")
def show(which: Which = "champion", json: Json = False) -> None:
    """Show a model's card: what it learned from, what it promises, and why it may serve.

    Example: leads models show challenger
    """
    details = open_registry().show(which)
    if json:
        print_json(details)
    else:
        out().print(Markdown(details.card), soft_wrap=False)  # else rich cuts long items of a list off


@app.command("compare")
def compare(first: Which, second: Annotated[str, typer.Argument(metavar="W")], json: Json = False) -> None:
    """Compare two models.

    Example: leads models compare champion challenger
    """
    comparison = open_registry().compare(first, second)
    if json:
        print_json(comparison)
        return
    shown = table("metric", f">{_name(comparison.first)}", f">{_name(comparison.second)}")
    for pair in comparison.metrics:
        shown.add_row(pair.name, f"{pair.first:.4f}", f"{pair.second:.4f}")
    out().print(shown)
    if not comparison.same_leads:
        print_note(
            "they were judged on different leads, so these figures do not say which is better; the decision of the "
            "newer one does."
        )
    for reason in comparison.second.decision:
        out().print(f"  {reason}")


@app.command("promote")
def promote(which: Which, why: Why = "promoted by hand", json: Json = False) -> None:
    """Make a model the champion; `leads serve` picks it up without a restart.

    Example: leads models promote 4 --why "better in every source"
    """
    promotion = open_registry().promote(which, by=user_name(), why=why, at=datetime.now(UTC))
    if json:
        print_json(promotion)
        return
    before = f" in place of {promotion.previous}" if promotion.previous else ""
    out().print(f"Version {promotion.version} is champion{before}.")


@app.command("rollback")
def rollback(why: Why = "rolled back by hand", json: Json = False) -> None:
    """Make the champion before this one champion again.

    Example: leads models rollback --why "too few A leads since Monday"
    """
    promotion = open_registry().rollback(by=user_name(), why=why, at=datetime.now(UTC))
    if json:
        print_json(promotion)
    else:
        out().print(f"Version {promotion.version} is champion again, in place of {promotion.previous}.")


def _name(model: ModelVersion) -> str:
    aliases = f" ({', '.join(model.aliases)})" if model.aliases else ""
    return f"{model.version}{aliases}"
