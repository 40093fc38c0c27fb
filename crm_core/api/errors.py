"""Errors as answers: stable code, message, field, details and the request's id (PRODUCT_SPEC 0.5)."""

from __future__ import annotations

import errno
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.http import Http404, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from rest_framework import exceptions

from crm_core.api.answers import answer
from crm_core.metadata.errors import CrmError
from tenants.errors import TenantRefusal

log = structlog.get_logger(__name__)

_BY_STATUS = {
    400: "request.malformed",
    401: "session.required",
    403: "privilege.missing",
    404: "not_found",
    405: "request.method_not_allowed",
    406: "request.not_acceptable",
    415: "request.unsupported_media_type",
    429: "request.too_many",
}


def error_answer(
    status: int, code: str, message: str, *, field: str | None = None, details: dict | None = None
) -> HttpResponse:
    """An error body of the documented shape."""
    request_id = structlog.contextvars.get_contextvars().get("request_id") or _request_id()
    body = {
        "code": code,
        "message": message,
        "field": field,
        "details": details or {},
        "request_id": request_id,
    }
    response = answer(body, status)
    if status in (429, 503):
        response["Retry-After"] = "5"
    return response


def refusal_answer(error: TenantRefusal) -> HttpResponse:
    """A refusal by plan or state; `retry_after` in its details becomes the header of that name."""
    response = error_answer(error.status, error.code, str(error.message), details=error.details)
    if wait := error.details.get("retry_after"):
        response["Retry-After"] = str(wait)
    return response


def _request_id() -> str | None:
    from django.utils.module_loading import import_string

    try:
        return import_string("saas.request_context.request_id").get(None)
    except ImportError:
        return None


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler: every refusal rolls the request's transaction back."""
    found = _known(error)
    if found is not None:
        _roll_back()
    return found


def _known(error: Exception) -> HttpResponse | None:
    if isinstance(error, CrmError):
        return error_answer(error.status, error.code, error.message, field=error.field, details=error.details)
    if isinstance(error, TenantRefusal):
        return refusal_answer(error)
    if isinstance(error, Http404):
        return error_answer(404, "not_found", "There is nothing at this address.")
    if isinstance(error, PermissionDenied):
        return error_answer(403, "privilege.missing", "You do not have the right to do this.")
    if isinstance(error, exceptions.APIException):
        message = error.detail if isinstance(error.detail, str) else str(error.default_detail)
        code = str(getattr(error, "crm_code", None) or _BY_STATUS.get(error.status_code, "request.malformed"))
        return error_answer(error.status_code, code, message)
    if isinstance(error, RequestDataTooBig):
        return error_answer(413, "request.too_large", "The request is too large.")
    if isinstance(error, (MultiPartParserError, TooManyFilesSent, RawPostDataException)):
        return error_answer(400, "request.malformed", "The request's body cannot be read.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error("the disk for files is full", exc_info=error)
        return error_answer(
            507, "storage.full", "There is no room left on our side. Nothing was changed; try again later."
        )
    return _from_database(error)


def _from_database(error: Exception) -> HttpResponse | None:
    if isinstance(error, DataError):
        log.warning("value refused by the database", exc_info=error)
        return error_answer(400, "request.invalid_value", "A value is outside of what its field can hold.")
    if isinstance(error, IntegrityError):
        log.warning("constraint violated", exc_info=error)
        return error_answer(409, "record.conflict", "The change contradicts another one made meanwhile.")
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None)
    if isinstance(error, OperationalError) and state in ("40001", "40P01", "55P03"):
        return error_answer(409, "record.busy", "Somebody else is changing this right now; try again.")
    if isinstance(error, OperationalError) and state == "53100":
        log.error("the database's disk is full", exc_info=error)
        return error_answer(
            507, "storage.full", "There is no room left on our side. Nothing was changed; try again later."
        )
    if isinstance(error, OperationalError) and state in ("53200", "53300", "57P01", "57P02", "57P03"):
        return error_answer(503, "unavailable", "Try again in a moment.")
    if isinstance(error, OperationalError) and state == "57014":
        return error_answer(503, "request.took_too_long", "This took too long; narrow it down and try again.")
    return None


def _roll_back() -> None:
    if transaction.get_connection().in_atomic_block:
        transaction.set_rollback(True)
