"""How `leads report --send` tells people: by mail with the page, to a channel with a link."""

from collections.abc import Callable
from dataclasses import dataclass

from analytics.report import Report
from commands.console import out
from commands.report_page import Render
from connectors.messages.chat import escape, post_message
from connectors.messages.errors import NotSent
from connectors.messages.mail import Attachment, parse_addresses, parse_server, send_mail, write_mail
from features.errors import Refused
from serving.pages.report.agreed import AgreedView
from serving.pages.report.headline import headline
from serving.settings import Settings
from serving.webhooks.trust import ssl_context

NOWHERE = (
    "--send needs to know where: LEADS_REPORT_TO with LEADS_SMTP_URL and LEADS_REPORT_FROM, or LEADS_REPORT_WEBHOOK"
)


class NowhereToSend(Refused):
    """The settings name nobody whom the report could be sent to."""


@dataclass(frozen=True)
class Message:
    """What is sent: a subject, and a text of paragraphs."""

    subject: str
    paragraphs: tuple[str, ...]


def check_destinations(settings: Settings) -> None:
    """See that the settings name somebody, before the report is made.

    Raises:
        NowhereToSend: naming the settings that are lacking.
    """
    mail = {"LEADS_SMTP_URL": settings.smtp_url, "LEADS_REPORT_FROM": settings.report_from}
    lacking = [name for name, value in mail.items() if not value]
    if settings.report_to and lacking:
        raise NowhereToSend(f"LEADS_REPORT_TO needs {' and '.join(lacking)} too")
    if not settings.report_to and not settings.report_webhook:
        raise NowhereToSend(NOWHERE)


def send_report(report: Report, agreed: AgreedView, render: Render, settings: Settings, *, dry_run: bool) -> None:
    """Send it everywhere that the settings name, even where another place fails; with `dry_run` show it only.

    By mail its page is sent too, as `render` writes it.

    Raises:
        NotSent: with what went wrong at each place.
    """
    message = write_message(report, agreed)
    ways: list[tuple[str, Callable[[], None]]] = []
    if settings.report_to:
        by_mail = f"{len(parse_addresses(settings.report_to))} by mail"
        ways.append((by_mail, lambda: _mail(message, report, render(report, agreed), settings)))
    if settings.report_webhook:
        ways.append(("the channel", lambda: _post(message, settings)))
    if dry_run:
        for name, _ in ways:
            out().print(f"Would be sent to {name}.")
        out().print("\n".join(("", message.subject, *message.paragraphs)))
        return
    troubles = [trouble for name, send in ways if (trouble := _try(name, send))]
    if troubles:
        raise NotSent("; ".join(troubles))


def _try(name: str, send: Callable[[], None]) -> str:
    """What kept it from being sent this way; empty where it was."""
    try:
        send()
    except NotSent as trouble:
        return str(trouble)
    out().print(f"Sent to {name}.")
    return ""


def write_message(report: Report, agreed: AgreedView) -> Message:
    """The verdict, who moved it, what to discuss and what was agreed."""
    told = headline(report)
    discussed = tuple(f"• {point.says}" for point in report.discuss) or ("Nothing asks to be discussed.",)
    kept = tuple(
        f"Agreed on {one.when}, {one.state}: {one.owner}: {one.note}" for one in (*agreed.earlier, *agreed.this_week)
    )
    paragraphs = tuple(filter(None, (told.parts, told.would_show, *discussed, *kept)))
    return Message(f"Weekly report: {told.verdict.rstrip('.')}", paragraphs)


def _mail(message: Message, report: Report, page: str, settings: Settings) -> None:
    text = "\n\n".join((*message.paragraphs, *([settings.report_link] if settings.report_link else [])))
    attachment = Attachment(f"report-{report.as_of:%Y-%m-%d}.html", page)
    recipients = parse_addresses(settings.report_to or "")
    mail = write_mail(settings.report_from or "", recipients, message.subject, f"{text}\n", attachment)
    server, trust = parse_server(settings.smtp_url or ""), ssl_context(settings.webhook_ca_file)
    send_mail(server, settings.smtp_password.get_secret_value(), mail, trust)


def _post(message: Message, settings: Settings) -> None:
    link = [f"<{settings.report_link}|The whole report>"] if settings.report_link else []
    text = "\n".join((f"*{escape(message.subject)}*", *map(escape, message.paragraphs), *link))
    post_message(settings.report_webhook.get_secret_value(), text, ssl_context(settings.webhook_ca_file))
