"""A provider of identities over real HTTP, in a thread of the test process; it can lie and fall silent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "kontor", "s3cret/with:odd +signs"
#: Made once: keys take a while.
_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
_OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class FakeProvider:
    """`claims` override those of the next ID token (None leaves one out); `sign` chooses how it is signed."""

    def __init__(self, port: int = 0) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.claims: dict[str, Any] = {}
        self.sign = "own"
        self.described: dict[str, Any] = {}
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return self.issuer.removeprefix("http://")

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def agree(self, address: str) -> dict[str, str]:
        """What a browser that was sent to ``address`` and agreed there brings back."""
        assert address.startswith(f"{self.issuer}/authorize?")
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.described,
        }

    def token(self, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        user, _, password = base64.b64decode(basic.removeprefix("Basic ")).decode().partition(":")
        known = (unquote(user), unquote(password)) == (CLIENT, SECRET)
        if asked is None or not known or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "sub-ada", "nonce": asked["nonce"], "iat": now, "exp": now + 300,
            "email": "ada@example.com", "email_verified": True, "name": "Ada Lovelace", **self.claims,
        }  # fmt: skip
        return 200, {"id_token": self.signed({k: v for k, v in claims.items() if v is not None})}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.sign == "none":
            return f"{_coded({'alg': 'none'})}.{_coded(claims)}."
        if self.sign == "public":  # the public key taken for a shared secret
            coded = f"{_coded({'alg': 'HS256', 'kid': 'one'})}.{_coded(claims)}"
            mac = hmac.digest(_KEY.as_pem(private=False), coded.encode(), "sha256")
            return f"{coded}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        key = _OTHER if self.sign == "stranger" else _KEY
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def _coded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _handler(provider: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self._say(200, provider.description())
            elif self.path == "/keys":
                self._say(200, {"keys": [_KEY.as_dict(private=False)]})
            elif self.path.startswith("/authorize?"):  # a browser, whose owner agrees at once
                asked = dict(parse_qsl(urlsplit(self.path).query))
                self._lead(
                    f"{asked['redirect_uri']}?{urlencode(provider.agree(provider.issuer + self.path))}"
                )
            else:
                self._lead(f"{provider.issuer}/keys")

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {k: v[0] for k, v in parse_qs(body).items()}
            if self.path != "/token":
                self._lead(f"{provider.issuer}/token", 307)
                return
            self._say(*provider.token(form, self.headers.get("Authorization", "")))

        def _lead(self, address: str, status: int = 302) -> None:
            self.send_response(status)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _say(self, status: int, body: Any) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: Any) -> None:
            pass

    return Handler
