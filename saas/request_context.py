"""What belongs to the request or task now running: its id, for logs, answers and error reports."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

#: The id of the request being answered; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def add_request_context(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """structlog processor: adds the workspace's schema and the request id to every log line."""
    from django.apps import apps

    if apps.ready:
        from django.db import connection

        event.setdefault("schema", getattr(connection, "schema_name", None))
    current = request_id.get()
    if current:
        event.setdefault("request_id", current)
    return event
