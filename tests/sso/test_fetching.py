"""The connection goes to the address that was judged, and only to who proves by a certificate to be the one asked."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tenants.identity.sso import fetching

NAME = "login.example.test"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"host": "%s"}' % self.headers["Host"].encode())

    def log_message(self, *_args: Any) -> None:
        pass


def certificate(folder: Path) -> tuple[Path, Path]:
    """Certificate of NAME, signed by itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(days=1)
    )
    signed = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(
        key, hashes.SHA256()
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return files


def test_who_answers_must_be_who_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificate(tmp_path)
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(fetching, "_public_address", lambda _host: "127.0.0.1")
    address = f"https://{NAME}:{server.server_port}/x"
    try:
        with pytest.raises(fetching.Away):
            fetching.fetch(address)  # signed by nobody we know
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        assert fetching.fetch(address) == {"host": f"{NAME}:{server.server_port}"}
        with pytest.raises(fetching.Away):
            fetching.fetch(address.replace("login", "other"))
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "address",
    ["http://example.com/", "https://user:pass@example.com/", "https://10.1.2.3/", "https://[::1]/", "https://[fd00::1]/",
     "https://100.64.0.1/", "https://169.254.169.254/latest/meta-data", "https://example.com:x/", "https:///x", "file:///etc/passwd",
     "https://127.1/", "https://0x7f000001/", "https://2130706433/"],
)  # fmt: skip
def test_addresses_nobody_is_asked_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Zone:
        def addresses(self, name: str) -> list[str]:
            return []  # an odd spelling of a number is no name

    monkeypatch.setattr(fetching.lookup, "zone", Zone)
    with pytest.raises((fetching.NotAllowed, fetching.Away)):
        fetching.fetch(address)
