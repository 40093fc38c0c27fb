"""Refusals of the console with a stable code."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An act that cannot be done; nothing was changed. ``message`` is translated text, ``field`` the input at fault."""

    def __init__(self, code: str, message: Any, *, field: str | None = None, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.status = status
