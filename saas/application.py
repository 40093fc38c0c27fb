"""The page that carries the single-page application."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.errors import error_response

_NOT_PAGES = ("/api/", "/static/", "/assets/")


@require_safe
def single_page(request: HttpRequest, *_args: str) -> HttpResponse:
    """Every address of a workspace that is no other route: the application, for people who are signed in.

    Others are sent to the log-in page and come back afterwards. The answer sets the CSRF cookie the
    application sends back with each change.
    """
    if request.path.startswith(_NOT_PAGES):
        raise Http404
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
    index = settings.FRONTEND_DIST / "index.html"
    try:
        page = index.read_bytes()
    except FileNotFoundError:
        return error_response(request, 503, "not_built", _("The application is not built. Run “make run”."))
    get_token(request)
    response = HttpResponse(page)
    response["Cache-Control"] = "no-store"
    return response
