"""A real nginx in front of the service, with a configuration of its own in a folder of its own."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port
from tests.serving.conftest import wait_until

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
NAME = "leads.example"

_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {upstreams}
  server {{
    listen 127.0.0.1:{port};
    {locations}
  }}
  server {{
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    {locations}
  }}
}}
"""


class Nginx:
    """A running nginx: its address without TLS and with, and what trusts its certificate."""

    def __init__(self, port: int, tls_port: int, certificate: Path) -> None:
        self.port, self.tls_port = port, tls_port
        self.url, self.tls_url = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{tls_port}"
        self.host = f"{NAME}:{tls_port}"
        self.trust = ssl.create_default_context(cafile=certificate)


@contextmanager
def nginx(folder: Path, locations: str, upstreams: str = "") -> Iterator[Nginx]:
    """An nginx with these locations, once without TLS and once with; skips where there is none."""
    if not Path(NGINX).exists():
        pytest.skip("there is no nginx; `make tools` brings it")
    folder.mkdir()
    _certify(folder)
    port, tls_port = free_port(), free_port()
    places = {"folder": folder, "port": port, "tls_port": tls_port}
    configuration = _CONFIGURATION.format(**places, locations=locations, upstreams=upstreams)
    (folder / "nginx.conf").write_text(configuration)
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(tls_port) or process.poll() is not None)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield Nginx(port, tls_port, folder / "cert.pem")
    finally:
        process.terminate()
        process.wait()


def _certify(folder: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
