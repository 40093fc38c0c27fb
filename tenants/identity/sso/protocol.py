"""OpenID Connect as a client: discovery, authorization code with PKCE, and what an ID token must say (PLT-41, A8)."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tenants import sealing
from tenants.identity.models import IdentityProvider
from tenants.identity.sso.fetching import Away, fetch

#: Only signatures that need the provider's private key: our own secret or none at all is no proof.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY = 120
KEPT_SECONDS = 3600
SCOPES = "openid email profile"


class Refused(ValueError):
    """What the provider sent is not what was asked for; the text is for the log."""


@dataclass(frozen=True)
class Claims:
    """Who somebody is, as the provider vouches."""

    subject: str
    email: str
    is_verified: bool
    name: str


def discover(issuer: str, *, fresh: bool = False) -> dict[str, Any]:
    """The provider's own description. Raises Away, NotAllowed."""
    key = f"sso:{hashlib.sha256(issuer.encode()).hexdigest()}"
    found = None if fresh else cache.get(key)
    if found is None:
        found = fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise Away("it calls itself by another name")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if not all(isinstance(found.get(name), str) for name in wanted):
            raise Away("its description is incomplete")
        if not found["authorization_endpoint"].startswith(("https://", "http://")):
            raise Away("its description is unusable")
        cache.set(key, found, KEPT_SECONDS)
    return dict(found)


def question(provider: IdentityProvider, back: str) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what to remember until it comes ``back``. Raises Away, NotAllowed."""
    kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    challenge = hashlib.sha256(kept["verifier"].encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = discover(provider.issuer)["authorization_endpoint"]
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", kept


def answer(provider: IdentityProvider, code: str, back: str, kept: dict[str, str]) -> Claims:
    """Who came back with ``code``. Raises Away, NotAllowed, Refused."""
    described = discover(provider.issuer)
    secret = sealing.unseal(provider.client_secret)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": kept["verifier"],
    }
    methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    basic = None
    if "client_secret_basic" in methods:
        basic = (provider.client_id, secret)
    else:
        form |= {"client_id": provider.client_id, "client_secret": secret}
    token = fetch(described["token_endpoint"], form, basic).get("id_token")
    if not isinstance(token, str):
        raise Refused("no ID token")
    return _checked(provider, token, described["jwks_uri"], kept["nonce"])


def _checked(provider: IdentityProvider, token: str, jwks_uri: str, nonce: str) -> Claims:
    try:
        claims = jwt.decode(token, KeySet.import_key_set(_keys(jwks_uri)), algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Refused(f"signature: {type(error).__name__}") from error
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    now = time.time()
    faults = {
        "issuer": claims.get("iss") != provider.issuer,
        "audience": provider.client_id not in audiences,
        "party": len(audiences) > 1 and claims.get("azp") != provider.client_id,
        "nonce": not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
        "expiry": not _is_time(claims.get("exp")) or claims["exp"] < now - LEEWAY,
        "issue": not _is_time(claims.get("iat")) or not now - 600 < claims["iat"] < now + LEEWAY,
        "subject": not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255,
    }
    wrong = [name for name, is_wrong in faults.items() if is_wrong]
    if wrong:
        raise Refused(", ".join(wrong))
    email, name = claims.get("email"), claims.get("name")
    return Claims(
        subject=claims["sub"],
        email=email.strip() if isinstance(email, str) else "",
        is_verified=claims.get("email_verified") is True,
        name=" ".join(name.split())[:160] if isinstance(name, str) else "",
    )


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _keys(jwks_uri: str) -> Any:
    """The provider's keys as they are now: one more request per sign-in, and a replaced key counts at once."""
    return fetch(jwks_uri)
