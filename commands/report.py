"""`leads report`: what changed, whose doing it was, and how that is known."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from analytics.periods import Ask
from analytics.report.report import Report, Window
from commands.console import Json, err, out
from commands.database import open_store
from commands.report_page import load_page
from commands.send_report import check_destinations, send_report
from features.whole_files import write_text
from serving.operations.build_report import json_of, make_report
from serving.pages.report.agreed import AgreedView, read_agreed
from serving.settings import read_settings
from stats.estimates import Estimate
from training.registry import open_registry

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def report(
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the later period; by default of the newest."),
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Its last day.")] = None,
    before_first: Annotated[
        datetime | None,
        typer.Option("--before-from", formats=["%Y-%m-%d"], help="First day of the earlier period; by default before."),
    ] = None,
    before_last: Annotated[
        datetime | None, typer.Option("--before-to", formats=["%Y-%m-%d"], help="Its last day.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Nothing from this day on is seen; by default today.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write the page as one HTML file, to send or to print.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it by mail or to a channel, as the settings say; for cron.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --send: show what would be sent, to how many.")
    ] = False,
    json: Json = False,
) -> None:
    """Compare the newest leads that have matured with those before: who came, and what was done with them.

    Days are in UTC, and both ends of a period are included.

    Example: leads report --out week.html

    Example: leads report --send --dry-run
    """
    if dry_run and not send:
        raise typer.BadParameter("it goes with --send", param_hint="--dry-run")
    ask = Ask(*(None if day is None else day.date() for day in (first, last, before_first, before_last)))
    now = as_of.replace(tzinfo=UTC) if as_of else datetime.now(UTC)
    settings = read_settings()
    if send:
        check_destinations(settings)
    with open_store() as store:
        is_mailed = send and not dry_run and settings.report_to is not None
        render = load_page(soon=is_mailed or file is not None)
        made = make_report(store, open_registry(), settings, now, ask)
        agreed = store.read_now(read_agreed, ZoneInfo(settings.queue_rules.hours.zone), now, None)
    if file is not None:
        write_text(render(made, agreed), file)
    if send:
        send_report(made, agreed, render, settings, dry_run=dry_run)
    elif json:
        sys.stdout.write(json_of(made).decode() + "\n")
    else:
        _show(made, agreed, file)


def _show(made: Report, agreed: AgreedView, file: Path | None) -> None:
    windows = made.windows
    out().print(f"{_days(windows.after)} against {_days(windows.before)}\n")
    for sentence in (*made.answer.sentences, made.answer.meaning, *made.answer.cautions):
        out().print(sentence)
    out().print(f"\n{made.reference.says}")
    conversion, response = made.conversion.whole, made.response
    for name, figure in (
        ("Conversion", _share(conversion.rate)),
        ("Expected of the young leads", _share(conversion.expected)),
        ("Promises about the first attempt kept", _share(response.whole.kept)),
        ("Spend for each win", _money(made)),
    ):
        out().print(f"{name}: {figure}")
    for point in made.discuss:
        out().print(f"\n• {point.says}")
    for item in (*agreed.earlier, *agreed.this_week):
        out().print(f"\nAgreed on {item.when}, {item.state}: {item.owner}: {item.note}")
    if file is not None:
        err().print(f"\nThe page is in {file}")


def _days(window: Window) -> str:
    return f"{window.start:%Y-%m-%d} to before {window.end:%Y-%m-%d} ({window.matured:,} matured leads)"


def _share(share: Estimate) -> str:
    if share.value is None or share.low is None or share.high is None:
        return f"not known: {share.reason}"
    return f"{100 * share.value:.1f} % (between {100 * share.low:.1f} and {100 * share.high:.1f})"


def _money(made: Report) -> str:
    cost = made.cost.whole
    if cost is None:
        return f"not known: {made.cost.note}"
    if cost.per_win.value is None:
        return f"not known: {cost.per_win.reason}"
    return f"{cost.per_win.value:,.0f} {made.currency}"
