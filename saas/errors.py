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
    context = {"title": title_of(status, code), "message": message, "request_id": request_id.get()}
    return HttpResponse(loader.render_to_string("saas/error.html", context), status=status)


def title_of(status: int, code: str) -> str:
    """What happened, in two words."""
    titles = {
        403: _("The form has expired") if code == "csrf_failed" else _("Not allowed"),
        404: _("Nothing here"),
        413: _("Too large"),
    }
    return titles.get(status, _("Something went wrong") if status >= 500 else _("Not understood"))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request can't be understood."""
    return error_response(request, 400, "request.malformed", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, yet not allowed."""
    return error_response(
        request,
        403,
        "permission_denied",
        _("Your role does not allow this, and nothing was changed. Who gives out roles can change that."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's security token is missing or old."""
    message = _(
        "Nothing was changed. Go back, reload the page and send it again; you may have to sign in first."
    )
    return error_response(request, 403, "csrf_failed", message)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page or record."""
    return error_response(request, 404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; the request id finds it in the log."""
    return error_response(request, 500, "server_error", _("Something went wrong on our side."))
