"""Requests nobody can mean: refused with a 4xx before a view sees them, or when the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import structlog
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from saas.errors import error_response

_log = structlog.get_logger("saas.bad_input")
_UPLOAD_TYPES = ("multipart/form-data", "application/octet-stream", "text/csv", "application/zip")


def _is_text(raw: bytes) -> bool:
    """UTF-8 without NUL: what PostgreSQL can store."""
    try:
        return "\x00" not in raw.decode("utf-8")
    except UnicodeDecodeError:
        return False


class BadInputMiddleware:
    """Answers 400 for NUL or broken UTF-8 in path or query, 413 for bodies above the limit.

    `process_exception` turns values the database can't hold (NUL in a text, a number out of range) that no
    field has caught into 400 instead of 500; the request's transaction is rolled back by then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = self._refuse(request)
        return refusal or self.get_response(request)

    def _refuse(self, request: HttpRequest) -> HttpResponse | None:
        # Bytes that are no UTF-8 stay percent-encoded in Django's path: only NUL is left to look for there.
        # WSGI gives the query as one character per byte (PEP 3333).
        query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace").replace(b"+", b" ")
        if "\x00" in request.path_info or not _is_text(unquote_to_bytes(query)):
            return error_response(
                request, 400, "request.bad_encoding", _("The address contains characters that are not text.")
            )
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        is_upload = (request.content_type or "").startswith(_UPLOAD_TYPES)
        if size > (settings.KONTOR_MAX_UPLOAD if is_upload else settings.KONTOR_MAX_BODY):
            return error_response(request, 413, "request.too_large", _("The request is too large."))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DataError):
            return None
        _log.warning("value_refused_by_database", path=request.path, exc_info=exception)
        return error_response(
            request, 400, "request.invalid_value", _("A value is outside of what its field can hold.")
        )
