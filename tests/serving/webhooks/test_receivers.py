"""Receivers of a company's own: with its own CA, gone for good, or out of reach, and why."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from serving.migrations import prepare
from serving.settings import SettingsRefused, read_settings
from serving.store import Store, outbox
from serving.webhooks.delivery import DISABLED
from tests.serving.webhooks.receiver import Inbox, receiving
from tests.serving.webhooks.test_delivery import CLAIMED, NEW, deliver, now, states, tell

YESTERDAY, TOMORROW = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))


class Ca:
    """A company's own certificate authority."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example Works CA")])
        basic = x509.BasicConstraints(ca=True, path_length=0)
        own = self._builder(self._name, self._key, TOMORROW).add_extension(basic, critical=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server(self, address: str = "127.0.0.1", until: datetime = TOMORROW) -> ssl.SSLContext:
        """What a server at this address shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crm.example")])
        its = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        certificate = (
            self._builder(name, key, until).add_extension(its, critical=False).sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / "server.pem"
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        valid = builder.not_valid_before(YESTERDAY - timedelta(days=1)).not_valid_after(until)
        return valid.serial_number(x509.random_serial_number())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/leads.db")
    prepare(store.database)
    with store.running():
        yield store


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path)


def trouble(store: Store, inbox: Inbox) -> str | None:
    """Why an event did not arrive."""
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1, schedule=())
    return store.read_now(outbox.find_events)[0].trouble


# A CA of its own


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "LEADS_WEBHOOK_CA_FILE"])
def test_a_receiver_with_the_companys_own_ca_is_told(
    store: Store, ca: Ca, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(ca.file))
    with receiving(ca.server()) as inbox:
        tell(store, CLAIMED)
        deliver(store, inbox, lambda: states(store)["sent"] == 1)
        assert inbox.posts[0].verified_by(NEW)["type"] == "lead.claimed"


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "LEADS_WEBHOOK_CA_FILE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_cannot_be_used_is_refused_by_its_name(
    variable: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "wrong.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv(variable, str(file))
    with pytest.raises(SettingsRefused, match=variable):
        read_settings(webhook_url="https://crm.example/hook", webhook_secrets=NEW)


# Out of reach, and why


def test_a_certificate_of_an_unknown_ca_is_named_with_what_to_do(store: Store, ca: Ca) -> None:
    with receiving(ca.server()) as inbox:
        assert "certificate: its CA is not trusted; name the CA in LEADS_WEBHOOK_CA_FILE" in str(trouble(store, inbox))


def test_a_certificate_that_has_expired_is_named(store: Store, ca: Ca, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.file))
    with receiving(ca.server(until=YESTERDAY)) as inbox:
        assert trouble(store, inbox) == "certificate: it has expired"


def test_a_certificate_of_another_host_is_named(store: Store, ca: Ca, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.file))
    with receiving(ca.server(address="192.0.2.1")) as inbox:
        assert trouble(store, inbox) == "certificate: it is of another address"


def test_no_tls_where_it_is_expected_is_named(store: Store, inbox: Inbox) -> None:
    inbox.url = inbox.url.replace("http:", "https:")
    assert str(trouble(store, inbox)).startswith("TLS: ")


def test_a_name_that_is_not_known_and_a_port_where_nobody_listens_are_named_apart(store: Store) -> None:
    assert trouble(store, Inbox("https://no-such-host.invalid/hook")) == "DNS: the host's name is not known"
    store.write_now(outbox.resend_dead, now())
    deliver(store, Inbox("http://127.0.0.1:1/"), lambda: states(store)["dead"] == 1, schedule=())
    assert store.read_now(outbox.find_events)[0].trouble == "connection refused: nobody listens there"


# Gone for good


def test_a_receiver_that_is_gone_is_sent_nothing_more_until_somebody_asks_for_it(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [410]
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1)
    tell(store, CLAIMED, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 3)  # as after a restart
    assert len(inbox.posts) == 1
    assert {event.trouble for event in store.read_now(outbox.find_events)} == {DISABLED}
    assert store.write_now(outbox.resend_dead, now()) == 3
    deliver(store, inbox, lambda: states(store)["sent"] == 3)


def test_asking_for_an_event_that_is_not_there_has_no_gone_receiver_tried_again(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [410]
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1)
    assert store.write_now(outbox.resend, "evt_0", now()) is None
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 2)
    assert len(inbox.posts) == 1


def test_another_receiver_is_not_gone_with_it(store: Store, inbox: Inbox) -> None:
    inbox.statuses = [410]
    tell(store, CLAIMED)
    deliver(store, inbox, lambda: states(store)["dead"] == 1)
    tell(store, CLAIMED)
    elsewhere = Inbox(f"{inbox.url}/elsewhere")
    deliver(store, elsewhere, lambda: states(store)["sent"] == 1)
    assert len(inbox.posts) == 2
