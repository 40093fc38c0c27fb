"""What a token may do of what its person may: `read`, or `read` and `write`."""

from __future__ import annotations

from collections.abc import Collection

READ, WRITE = "read", "write"
SCOPES = (READ, WRITE)


def complete(asked: Collection[str]) -> list[str] | None:
    """The scopes meant by ``asked``, in their order: who may write may read. None when one is unknown or none is there."""
    if not asked or set(asked) - set(SCOPES):
        return None
    return list(SCOPES) if WRITE in asked else [READ]
