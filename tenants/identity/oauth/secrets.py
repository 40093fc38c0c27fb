"""Secrets of the OAuth server: made here, stored as SHA-256 (they are as random as keys, so no slow hash is needed)."""

from __future__ import annotations

import hashlib
import re
import secrets

CLIENT, SECRET, CODE, ACCESS, REFRESH = "app_", "ks_", "kc_", "ko_", "kr_"
_FORM = re.compile(r"(app_|ks_|kc_|ko_|kr_)[A-Za-z0-9_-]{22,43}")


def make(prefix: str) -> str:
    """A new secret of 256 random bits. Its prefix says what it is, to people and to scanners of leaked secrets."""
    return prefix + secrets.token_urlsafe(32)


def make_client_id() -> str:
    """The public name of a program, not guessable either."""
    return CLIENT + secrets.token_urlsafe(16)


def is_one(value: object, prefix: str) -> bool:
    """Whether ``value`` has the form of a secret of this kind; anything else needs no look into the database."""
    return isinstance(value, str) and value.startswith(prefix) and bool(_FORM.fullmatch(value))


def hashed(secret: str) -> str:
    """What is stored instead."""
    return hashlib.sha256(secret.encode()).hexdigest()
