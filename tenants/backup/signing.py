"""Which packages this installation believes: only those it, or an installation it shares a key with, has written.

A package holds statements that build tables, so loading an altered one would run somebody's SQL.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def _keys() -> list[str]:
    """The first one signs, all of them are believed."""
    return list(settings.KONTOR_PACKAGE_KEYS) or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _mac(key: str, manifest: bytes) -> str:
    return hmac.new(b"kontor.package:" + key.encode(), manifest, hashlib.sha256).hexdigest()


def sign(manifest: bytes) -> str:
    """HMAC-SHA-256 of the manifest, 64 hex digits. The manifest holds the hashes of everything else."""
    return _mac(_keys()[0], manifest)


def is_ours(manifest: bytes, signature: str) -> bool:
    """Whether one of the known keys made ``signature``."""
    return any(hmac.compare_digest(_mac(key, manifest), signature) for key in _keys())
