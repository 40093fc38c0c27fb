"""Reads the envelope of an event: id, type, time, and which object of which customer it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from billing.providers.interface import Envelope, ProviderError


def read(body: bytes) -> Envelope:
    """The envelope in `body`. Raises ProviderError `provider.invalid` when it is none.

    The old event shape and the thin one of API v2 (`related_object`) are both understood.
    """
    try:
        event: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProviderError("provider.invalid", "The body is no JSON.") from error
    if not isinstance(event, dict):
        raise ProviderError("provider.invalid", "The event is no object.")
    if b"u0000" in body:
        event = _storable(event)
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else event.get("related_object")
    thing = thing if isinstance(thing, dict) else {}
    identifier, kind = event.get("id"), event.get("type")
    if not _name(identifier) or not _name(kind):
        raise ProviderError("provider.invalid", "The event has no id or type.")
    object_type = _text(thing.get("object")) or _text(thing.get("type"))
    metadata = thing.get("metadata")
    tenant = metadata.get("tenant") if isinstance(metadata, dict) else None
    is_customer = object_type == "customer"
    return Envelope(
        id=str(identifier),
        type=str(kind),
        created_at=_moment(event.get("created")),
        object_type=object_type,
        object_id=_text(thing.get("id")),
        customer_id=_text(thing.get("id")) if is_customer else _reference(thing.get("customer")),
        tenant_id=_text(thing.get("client_reference_id")) or _text(tenant),
        payload=event,
    )


def _storable(value: Any) -> Any:
    """Without the one character the database cannot hold; nobody should lose an event for it."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 80 and value.isprintable()


def _text(value: Any) -> str:
    return value[:80] if isinstance(value, str) and value.isprintable() else ""


def _reference(value: Any) -> str:
    """An id, given bare or as the expanded object."""
    return _text(value.get("id")) if isinstance(value, dict) else _text(value)


def _moment(value: Any) -> datetime:
    try:
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value)
            return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ProviderError("provider.invalid", "The event has no time.") from error
