"""A mail with a file, by SMTP: encrypted, unless the server is this machine."""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from urllib.parse import unquote, urlsplit

from connectors.messages.errors import NotSent

ACCEPTED = (
    "expected smtps://user@mail.example.com:465, or smtp://user@mail.example.com:587 for STARTTLS, "
    "with the password in LEADS_SMTP_PASSWORD"
)
ADDRESS = "expected an address such as leads@example.com"
PORTS = {"smtps": 465, "smtp": 587}
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
SECONDS = 30.0
"""How long the server may keep us waiting at each step."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in: with TLS from the start, or by STARTTLS; `user` is None where nobody signs in."""

    host: str
    port: int
    user: str | None
    is_tls: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A page that goes with a mail."""

    name: str
    html: str


def parse_server(url: str) -> MailServer:
    """The server that a URL names.

    Raises:
        ValueError: saying what is accepted; the URL is not in it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        raise ValueError(ACCEPTED) from None
    plain = url.isprintable() and " " not in url and parts.path in ("", "/")
    if not host or port is None or parts.scheme not in PORTS or parts.password is not None or not plain:
        raise ValueError(ACCEPTED)
    return MailServer(host, port, unquote(parts.username) if parts.username else None, parts.scheme == "smtps")


def parse_addresses(text: str) -> tuple[str, ...]:
    """The addresses in a text, with commas between.

    Raises:
        ValueError: saying what is accepted; the text is not in it.
    """
    addresses = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(_ADDRESS.fullmatch(address) for address in addresses):
        raise ValueError(ADDRESS)
    return addresses


def write_mail(sender: str, recipients: Sequence[str], subject: str, text: str, attachment: Attachment) -> EmailMessage:
    """The mail as it is sent."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(recipients), subject
    mail["Date"] = localtime()
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail.set_content(text)
    mail.add_attachment(attachment.html, subtype="html", filename=attachment.name)
    return mail


def send_mail(server: MailServer, password: str, mail: EmailMessage, trust: ssl.SSLContext) -> None:
    """Hand a mail in; a server whose certificate is not trusted, or that offers no encryption, gets nothing.

    Raises:
        NotSent: where not all of its recipients were accepted.
    """
    with _told_plainly(server), _connect(server, trust) as smtp:
        if not server.is_tls:
            smtp.ehlo()
            if server.host not in THIS_MACHINE or smtp.has_extn("starttls"):
                smtp.starttls(context=trust)
        if server.user is not None:
            smtp.login(server.user, password)
        refused = smtp.send_message(mail)
    if refused:
        codes = ", ".join(sorted({str(code) for code, _ in refused.values()}))
        raise NotSent(f"the mail server did not take {len(refused)} of the addresses ({codes}); the others have it")


def _connect(server: MailServer, trust: ssl.SSLContext) -> smtplib.SMTP:
    if server.is_tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=trust)
    return smtplib.SMTP(server.host, server.port, timeout=SECONDS)


@contextmanager
def _told_plainly(server: MailServer) -> Iterator[None]:
    """What went wrong with a server, without what it says of people."""
    where = f"the mail server {server.host}:{server.port}"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"{where} refused the user name or LEADS_SMTP_PASSWORD ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
        raise NotSent(f"{where} took none of the addresses in LEADS_REPORT_TO ({codes})") from None
    except smtplib.SMTPSenderRefused as error:
        raise NotSent(f"{where} does not send for LEADS_REPORT_FROM ({error.smtp_code})") from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent(
            f"{where} offers no encryption or no sign-in, so nothing was sent; use its port for TLS"
        ) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{where} answered {error.smtp_code}") from None
    except ssl.SSLCertVerificationError as error:
        raise NotSent(
            f"the certificate of {where} is not trusted ({error.verify_message}); "
            "LEADS_WEBHOOK_CA_FILE names a company's own CA"
        ) from None
    except ssl.SSLError:
        raise NotSent(
            f"{where} does not speak TLS on this port; smtp:// begins without and goes on by STARTTLS"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it hung up"
        raise NotSent(f"{where} cannot be reached: {reason}") from None
