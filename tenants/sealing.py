"""Secrets that must be readable again (authenticator secrets), encrypted before they reach a table (ASP-40.2)."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotOpen(ValueError):
    """The sealed text was made with a key this installation no longer has, or was altered."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    derived = (hashlib.sha256(b"kontor.sealing:" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def _keys() -> tuple[str, ...]:
    """The current key first; after a rotation the former ones still open (F16)."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def seal(text: str) -> str:
    """`text` encrypted and authenticated with the installation's key."""
    return _box(_keys()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text :func:`seal` was given. Raises CannotOpen."""
    try:
        return _box(_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotOpen("This secret cannot be opened with the keys of this installation.") from error
