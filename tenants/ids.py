"""Keys made by the application: time-ordered UUIDs and opaque schema names (ARCHITECTURE.md §5)."""

from __future__ import annotations

import secrets
import uuid

from uuid_utils import compat

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def uuid7() -> uuid.UUID:
    """A new time-ordered UUID version 7, the key of every row that the application creates."""
    return compat.uuid7()


def new_schema_name() -> str:
    """A schema name that says nothing about its tenant: ``t_`` and 12 random base32 characters (60 bits)."""
    return "t_" + "".join(secrets.choice(_BASE32) for _ in range(12))
