"""The v1 signature scheme: `t=<seconds>,v1=<hex>` over `<t>.<body>` with HMAC-SHA256 (SAAS.md §3.1)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """Missing, malformed, wrong, or too old; the text says which and is for the log only."""


def sign(body: bytes, secret: str, at_seconds: int) -> str:
    """The header for `body`."""
    return f"t={at_seconds},v1={_digest(body, secret, str(at_seconds))}"


def _digest(body: bytes, secret: str, at_seconds: str) -> str:
    return hmac.new(secret.encode(), at_seconds.encode() + b"." + body, hashlib.sha256).hexdigest()


def check(body: bytes, header: str, secrets: Iterable[str], now_seconds: float) -> None:
    """Accept `body` when one of `secrets` signed it within five minutes. Raises BadSignature."""
    stamps: list[str] = []
    given: list[str] = []
    for item in header[:2000].split(","):
        name, _equals, value = item.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1":
            given.append(value)
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or len(stamps[0]) > 12:
        raise BadSignature("no time stamp")
    if not given:
        raise BadSignature("no v1 signature")
    expected = [_digest(body, secret, stamps[0]).encode() for secret in secrets if secret]
    # Every pair is compared, in constant time each.
    matches = [hmac.compare_digest(e, g.encode("utf-8", "replace")) for e in expected for g in given]
    if not any(matches):
        raise BadSignature("no signature of ours")
    if abs(now_seconds - int(stamps[0])) > TOLERANCE_SECONDS:
        raise BadSignature("outside the replay window")
