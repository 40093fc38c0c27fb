"""Up to 1,000 operations in one request, all or nothing or each by itself (PRODUCT_SPEC 0.5 Transactions)."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse
from django.urls import Resolver404, resolve

from crm_core.api.answers import object_body
from crm_core.api.base import Endpoint
from crm_core.metadata.errors import CrmError, Malformed

MAX_OPERATIONS = 1000
BASE = "/api/v1"
_FORBIDDEN = ("/batch", "/session", "/me/", "/oauth_applications", "/files", "/imports")


class _Undo(Exception):
    """Leaves the savepoint of a refused operation."""


class BatchEndpoint(Endpoint):
    """POST /batch"""

    reads = True  # each operation is checked by itself

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"atomic", "operations"})
        operations = body.get("operations")
        if not isinstance(operations, list) or not 1 <= len(operations) <= MAX_OPERATIONS:
            raise Malformed(
                "batch.operations", f"1 to {MAX_OPERATIONS} operations are needed.", field="operations"
            )
        atomic = body.get("atomic", False)
        if not isinstance(atomic, bool):
            raise Malformed("request.malformed", "atomic is true or false.", field="atomic")
        results = []
        for index, operation in enumerate(operations):
            status, answer = self._run(request._request, operation, index)
            if status >= 400 and atomic:
                code = answer.get("code") if isinstance(answer, dict) else None
                raise _refusal(status, code or "batch.failed", answer, index)
            results.append({"status": status, "body": answer})
        return self.answer({"results": results})

    def _run(self, outer: Any, operation: Any, index: int) -> tuple[int, Any]:
        operation = object_body(operation, {"method", "path", "body", "if_match"})
        method, path = operation.get("method", "GET"), operation.get("path")
        if (
            method not in ("GET", "POST", "PATCH", "PUT", "DELETE")
            or not isinstance(path, str)
            or not path.startswith("/")
            or len(path) > 8000
        ):
            raise Malformed(
                "batch.operation", "An operation has method and path.", field=f"operations.{index}"
            )
        parts = urlsplit(path)
        if parts.path.startswith(_FORBIDDEN) or parts.netloc or "\x00" in path:
            raise Malformed(
                "batch.path", "This address cannot be used in a batch.", field=f"operations.{index}.path"
            )
        try:
            match = resolve(BASE + parts.path, urlconf=getattr(outer, "urlconf", None))
        except (Resolver404, ValueError):
            return 404, {
                "code": "not_found",
                "message": "There is nothing at this address.",
                "field": None,
                "details": {},
            }
        inner = _inner_request(outer, method, parts.path, parts.query, operation)
        response: Any = None
        try:
            with transaction.atomic():
                response = match.func(inner, *match.args, **match.kwargs)
                if response.status_code >= 400:
                    raise _Undo
        except _Undo:
            transaction.set_rollback(False)
        return response.status_code, orjson.loads(response.content) if response.content else None


def _inner_request(outer: Any, method: str, path: str, query: str, operation: dict[str, Any]) -> WSGIRequest:
    """A request like the outer one, for another address."""
    content = orjson.dumps(operation["body"]) if operation.get("body") is not None else b""
    dropped = ("HTTP_IDEMPOTENCY_KEY", "HTTP_IF_MATCH")
    environ = {k: v for k, v in outer.META.items() if k not in dropped}
    environ.update({
        "REQUEST_METHOD": method,
        "PATH_INFO": BASE + path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": BytesIO(content),
    })  # fmt: skip
    if operation.get("if_match") is not None:
        environ["HTTP_IF_MATCH"] = str(operation["if_match"])
    inner = WSGIRequest(environ)
    for name in ("tenant", "session", "user", "urlconf", "LANGUAGE_CODE"):
        if hasattr(outer, name):
            setattr(inner, name, getattr(outer, name))
    return inner


def _refusal(status: int, code: str, answer: Any, index: int) -> CrmError:
    message = answer.get("message", "") if isinstance(answer, dict) else ""
    error = CrmError(code, message, field=f"operations.{index}", details={"index": index, "answer": answer})
    error.status = status
    return error
