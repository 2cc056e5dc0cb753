"""`leads export`: tell ad platforms what leads are worth, as a file or over their API; a dry run shows it first."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.console import Json, err, out, print_json, table
from commands.database import open_store
from connectors.ads.config import AdsRefused, example_text, read_ads_config
from connectors.ads.lead import Kind
from connectors.ads.platform import Context, Platform
from connectors.ads.platforms import PLATFORMS, make_platform
from connectors.ads.preview import CampaignValue, compare_campaigns
from connectors.ads.sending import Pace
from features.whole_files import write_text
from serving.operations.export_conversions import Asked, Exporter, Proposal, open_channel, split_by_id
from serving.settings import read_settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def export(
    platform: Annotated[str, typer.Argument(help=f"One of {', '.join(PLATFORMS)}.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[OUT]", help="The file to write; by default PLATFORM-DATE-TIME.csv.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Only leads that arrived from this day on.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Only leads that arrived until this day.")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Send it over the platform's API, instead of a file.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be said, and note nothing; with OUT, write that too.")
    ] = False,
    init: Annotated[
        bool, typer.Option("--init", help="Write an ads.toml with a comment on each line, where there is none.")
    ] = False,
    confirm: Annotated[
        bool,
        typer.Option("--confirm", help="Say that the platform accepted all earlier files; only then are changes sent."),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Say once more what nobody confirmed, such as a file that was lost.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Export sources too whose wins disagree with their scores; it is recorded.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell an ad platform what each lead is worth: its probability times the margin that it would bring.

    Each conversion is sent once, and once more when its outcome is known. ads.toml says what leads are worth and where
    their click ids stand (docs/ads.md). Days are in UTC.

    Examples: leads export csv --init · leads export google-ads --dry-run · leads export google-ads-enhanced week.csv ·
    leads export meta --send
    """
    if sum((send, dry_run, confirm, init)) > 1:
        raise typer.BadParameter("--send, --dry-run, --confirm and --init exclude each other")
    if send and file is not None:
        raise typer.BadParameter("--send writes no file: leave OUT out")
    settings = read_settings()
    if init:
        _write_example(Path(settings.ads_file), json)
        return
    context = Context(read_ads_config(Path(settings.ads_file)), settings.currency, settings.ad_tokens)
    made = make_platform(platform, context)
    asked = Asked(first and first.date(), last and last.date(), force, "unconfirmed" if again else "nothing")
    with open_store() as store:
        exporter = Exporter(store, settings.currency, lambda: datetime.now(UTC))
        if confirm:
            _tell({"confirmed": exporter.confirm(made)}, json)
        elif dry_run:
            _show_dry_run(exporter.propose(made, asked), file, json)
        elif send:
            _send(exporter, made, asked, json)
        else:
            _write(exporter, made, asked, file, json)


def _write(exporter: Exporter, platform: Platform, asked: Asked, file: Path | None, json: bool) -> None:
    if not platform.writes:
        raise AdsRefused(f"{platform.title} takes no file: use --send, or --dry-run to see what would be sent")
    place = file or Path(f"{platform.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.csv")
    places = {kind: _place_of(place, kind, platform) for kind in platform.id_kinds}
    if there := [str(path) for path in places.values() if path.exists()]:
        raise AdsRefused(f"{', '.join(there)} is there, and may not be uploaded yet: move it away, or name another OUT")

    def keep(texts: Mapping[str, str]) -> None:
        for kind, text in texts.items():
            write_text(text, places[kind])

    proposal, files = exporter.write(platform, asked, keep)
    written = {str(places[kind]): len(statements) for kind, statements in files.items()}
    if json:
        print_json({"files": written, **_summary(proposal)})
        return
    for path, count in written.items():
        out().print(f"{path}: {count:,} {'row' if count == 1 else 'rows'}")
    _show_rest(proposal)
    if written:
        err().print(f"Upload it, and once {platform.title} accepted it: leads export {platform.name} --confirm")


def _write_example(place: Path, json: bool) -> None:
    if place.exists():
        raise AdsRefused(f"{place} is there already, and is kept")
    write_text(example_text(), place)
    if json:
        print_json({"written": str(place)})
    else:
        out().print(f"{place}: set up the platforms that you use, then leads export PLATFORM --dry-run")


def _place_of(place: Path, kind: str, platform: Platform) -> Path:
    """OUT for the first kind of id, and OUT with the kind in its name for the others."""
    return place if kind == platform.id_kinds[0] else place.with_name(f"{place.stem}-{kind}{place.suffix}")


def _send(exporter: Exporter, platform: Platform, asked: Asked, json: bool) -> None:
    channel = open_channel(platform)
    proposal, states = exporter.send(platform, asked, channel, Pace())
    if json:
        print_json({"states": states, **_summary(proposal)})
        return
    for state, count in sorted(states.items()):
        out().print(f"{count:,} {state}")
    _show_rest(proposal)


def _show_dry_run(proposal: Proposal, file: Path | None, json: bool) -> None:
    platform = proposal.platform
    today = platform.config.value_today
    rows = compare_campaigns(proposal.plan.statements, today)
    if file is not None:
        for kind, statements in split_by_id(platform, proposal.plan.statements).items():
            write_text(platform.write(statements, kind), _place_of(file, kind, platform))
    if json:
        print_json({"campaigns": rows, **_summary(proposal)})
        return
    out().print(f"{platform.title}: a dry run, nothing is noted or sent\n")
    _show_campaigns(rows, today, platform.context.currency)
    _show_rest(proposal)


def _show_campaigns(rows: list[CampaignValue], today: float | None, currency: str) -> None:
    flat = [] if today is None else [f">today, {currency}"]
    shown = table(
        "source", "campaign", ">leads", *flat, f">new value, {currency}", ">share today", ">new share", ">moves"
    )
    for row in rows:
        money = [] if row.today is None else [f"{row.today:,.2f}"]
        moves = f"{100 * (row.share - row.share_today):+.1f} points"
        shares = (f"{100 * row.share_today:.1f} %", f"{100 * row.share:.1f} %", moves)
        shown.add_row(row.source, row.campaign, f"{row.leads:,}", *money, f"{row.value:,.2f}", *shares)
    out().print(shown)
    note = "as if every lead counted alike" if today is None else f"{today:,.2f} {currency} for every lead"
    out().print(f"\nToday: {note}. New: probability times margin; a win counts with what it brought.")


def _show_rest(proposal: Proposal) -> None:
    """What an export says in numbers, what it leaves out, and what it holds back."""
    summary = _summary(proposal)
    said = summary["said"]
    assert isinstance(said, dict)  # noqa: S101 - made below
    out().print(f"\n{said['new']:,} new conversions, {said['restate']:,} new values, {said['retract']:,} taken back")
    for reason, count in sorted(proposal.plan.left_out.items(), key=lambda item: -item[1]):
        out().print(f"left out: {count:,} {reason}")
    for one in proposal.held:
        name, verb = one.name[0] or "no source", "exported all the same" if proposal.forced else "held back"
        out().print(
            f"{verb}: {name}, whose scores promised {one.promised:.1f} wins of {one.n:,} leads, and {one.delivered:,} "
            "came: more than chance explains"
        )


def _summary(proposal: Proposal) -> dict[str, object]:
    kinds = [one.kind for one in proposal.plan.statements]
    return {
        "platform": proposal.platform.name,
        "said": {kind.value: kinds.count(kind) for kind in Kind},
        "value": round(sum(one.value for one in proposal.plan.statements), 2),
        "left_out": proposal.plan.left_out,
        "held": proposal.held_rows,
        "forced": proposal.forced,
    }


def _tell(counts: dict[str, int], json: bool) -> None:
    if json:
        print_json(counts)
        return
    for what, count in counts.items():
        out().print(f"{count:,} {what}")
