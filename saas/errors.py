"""Error answers: JSON below /api/ as deploy/docs/api.md says, a plain page elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _

from saas.request_context import request_id


def error_response(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    """The answer for `status` with the stable `code` and a `message` for people."""
    if request.path.startswith("/api/"):
        body: dict[str, Any] = {
            "code": code,
            "message": message,
            "field": None,
            "details": {},
            "request_id": request_id.get(),
        }
        return JsonResponse(body, status=status)
    context = {"status": status, "message": message, "request_id": request_id.get()}
    return HttpResponse(loader.render_to_string("saas/error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request can't be understood."""
    return error_response(request, 400, "request.malformed", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, yet not allowed."""
    return error_response(request, 403, "permission_denied", _("You are not allowed to do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's security token is missing or old."""
    message = _("The form has expired. Go back, reload the page and send it again.")
    return error_response(request, 403, "csrf_failed", message)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page or record."""
    return error_response(request, 404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; the request id finds it in the log."""
    return error_response(request, 500, "server_error", _("Something went wrong on our side."))
