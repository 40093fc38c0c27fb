"""JSON in and out, exactly: no floats for money, no NaN, bounded depth."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse

from crm_core.metadata.errors import Malformed

MAX_NESTING = 40
MAX_INTEGER = 2**63


def answer(body: Any, status: int = 200) -> HttpResponse:
    """A JSON answer."""
    content = b"" if body is None else orjson.dumps(body, default=str)
    response = HttpResponse(content, status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def parse_body(raw: bytes) -> Any:
    """The JSON body. Raises Malformed `request.malformed` for anything else, also for NUL, NaN and lone surrogates."""
    if not raw:
        return {}
    if raw.count(b"[") + raw.count(b"{") > 200_000:
        raise Malformed("request.malformed", "The body is nested too deeply.")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Malformed("request.malformed", f"The body is no JSON: {error.msg}.") from None
    _check_values(body)
    return body


def _check_values(body: Any) -> None:
    """Refuse what cannot be kept or answered exactly: too deep nesting, numbers beyond 64 bits."""
    level, current = 0, [body]
    while current:
        level += 1
        if level > MAX_NESTING:
            raise Malformed("request.malformed", "The body is nested too deeply.")
        following: list[Any] = []
        for item in current:
            for child in (
                item.values() if isinstance(item, dict) else item if isinstance(item, list) else (item,)
            ):
                if isinstance(child, (dict, list)):
                    following.append(child)
                elif isinstance(child, (int, float)) and abs(child) >= MAX_INTEGER:
                    raise Malformed("request.malformed", "A number is too large; send it as text.")
        current = following


def object_body(body: Any, known: set[str] | None = None) -> dict[str, Any]:
    """`body` as an object with only `known` keys. Raises Malformed `request.unknown_parameter`."""
    if not isinstance(body, dict):
        raise Malformed("request.malformed", "The body must be an object.")
    if known is not None and (unknown := sorted(set(body) - known)):
        raise Malformed("request.unknown_parameter", f"Unknown key “{unknown[0]}”.", field=unknown[0])
    return body
