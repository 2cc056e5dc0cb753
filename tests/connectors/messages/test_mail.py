"""Mails are handed in to a real server, encrypted, and what goes wrong is said without what is secret."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.messages.errors import NotSent
from connectors.messages.mail import Attachment, parse_addresses, parse_server, send_mail, write_mail
from serving.webhooks.trust import ssl_context
from tests.connectors.messages.smtp_server import Mailbox, mail_server
from tests.ports import free_port
from tests.serving.webhooks.test_receivers import Ca

PASSWORD = "let-me-in"
PEOPLE = ("mia@example.com", "sam@example.com")
PAGE = Attachment("week.html", f"<!doctype html>{'x' * 3_000} – 9.1 %")


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path)


@pytest.fixture
def send(ca: Ca) -> Callable[..., None]:
    def send(url: str, password: str = PASSWORD, trust: ssl.SSLContext | None = None) -> None:
        mail = write_mail("leads@example.com", PEOPLE, "Conversion fell – a lot", "Äpfel\n.\nend", PAGE)
        send_mail(parse_server(url), password, mail, trust or ssl_context(str(ca.file)))

    return send


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_mail_arrives_whole_and_encrypted(ca: Ca, send: Callable[..., None], scheme: str) -> None:
    box = Mailbox(tls=ca.server(), is_tls_first=scheme == "smtps", password=PASSWORD)
    with mail_server(box):
        send(f"{scheme}://ann@127.0.0.1:{box.port}")
    (mail,) = box.mails
    assert (box.recipients, box.was_encrypted) == ([*PEOPLE], [True])
    assert mail["subject"] == "Conversion fell – a lot"
    assert mail.get_body().get_content().replace("\r\n", "\n") == "Äpfel\n.\nend\n"
    (page,) = mail.iter_attachments()
    assert page.get_filename() == "week.html"
    assert page.get_content().rstrip() == PAGE.html


def test_this_machine_needs_neither_encryption_nor_a_user(send: Callable[..., None]) -> None:
    with mail_server(Mailbox()) as box:
        send(f"smtp://localhost:{box.port}")
    assert box.was_encrypted == [False]


def test_a_wrong_password_is_said_without_it(ca: Ca, send: Callable[..., None]) -> None:
    said = r"refused the user name or LEADS_SMTP_PASSWORD \(535\)"
    with mail_server(Mailbox(tls=ca.server(), password=PASSWORD)) as box, pytest.raises(NotSent, match=said) as refused:
        send(f"smtp://ann@127.0.0.1:{box.port}", "wrong-one")
    assert "wrong-one" not in str(refused.value)
    assert "ann" not in str(refused.value)


@pytest.mark.parametrize(
    ("refused", "said"),
    [(PEOPLE, "took none of the addresses"), (PEOPLE[:1], r"did not take 1 of the addresses \(550\)")],
)
def test_addresses_that_are_refused_are_counted_not_named(
    send: Callable[..., None], refused: tuple[str, ...], said: str
) -> None:
    with mail_server(Mailbox(refused=refused)) as box, pytest.raises(NotSent, match=said) as told:
        send(f"smtp://127.0.0.1:{box.port}")
    assert "mia" not in str(told.value)
    assert box.recipients == [one for one in PEOPLE if one not in refused]


def test_a_server_whose_certificate_is_not_trusted_gets_nothing(ca: Ca, send: Callable[..., None]) -> None:
    box = Mailbox(tls=ca.server(), password=PASSWORD)
    with mail_server(box), pytest.raises(NotSent, match="is not trusted"):
        send(f"smtp://ann@127.0.0.1:{box.port}", trust=ssl_context(None))
    assert box.mails == []


def test_a_server_that_speaks_no_tls_on_its_port_or_is_away_is_said(send: Callable[..., None]) -> None:
    with mail_server(Mailbox()) as box, pytest.raises(NotSent, match="does not speak TLS on this port"):
        send(f"smtps://127.0.0.1:{box.port}")
    with pytest.raises(NotSent, match="cannot be reached: Connection refused"):
        send(f"smtp://127.0.0.1:{free_port()}")


def test_a_server_elsewhere_that_offers_no_encryption_gets_nothing(
    send: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.messages.mail.THIS_MACHINE", frozenset())  # as if it were another machine
    box = Mailbox(password=PASSWORD)
    with mail_server(box), pytest.raises(NotSent, match="offers no encryption"):
        send(f"smtp://ann@127.0.0.1:{box.port}")
    assert box.mails == []


@pytest.mark.parametrize(
    "url", ["mail.example.com", "smtp://", "smtp://a:secret@b", "smtp://a b", "smtp://b:x", "http://b", "smtps://b/x"]
)
def test_a_url_that_names_no_server_is_refused_without_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^expected smtps://") as refused:
        parse_server(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("text", ["mia", "@b", "a@", "a@b\nBcc: c@d", "Mia <a@b>", "ü@b.de"])
def test_what_is_no_address_is_refused_without_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^expected an address such as leads@example\.com$"):
        parse_addresses(text)
    assert parse_addresses(" a@b.de, c@d.de ,") == ("a@b.de", "c@d.de")
