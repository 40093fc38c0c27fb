"""Refusals with a stable code that the HTTP layers answer as they are (PRODUCT_SPEC 0.5)."""

from __future__ import annotations

from typing import Any


class TenantRefusal(Exception):
    """A request that can't be served because of the tenant's name, state or plan.

    ``code`` is stable, ``status`` the HTTP status, ``message`` translated text for people, ``field`` the
    input at fault, ``details`` facts for the client.
    """

    def __init__(
        self, code: str, message: Any, *, status: int, field: str | None = None, **details: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.field = field
        self.details = details

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
