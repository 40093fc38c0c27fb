"""Where programs and people meet: consent, tokens, revocation, and the description of it all (RFC 6749, 7009, 8414, 9207)."""

from __future__ import annotations

import logging
import math
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import FatalClientError, OAuth2Error

from tenants.context import current_tenant
from tenants.identity import throttle
from tenants.identity.clients import client_address
from tenants.identity.models import User
from tenants.identity.oauth import redirects
from tenants.identity.oauth.scopes import SCOPES, WRITE
from tenants.identity.oauth.server import issuer, parameters, server

logger = logging.getLogger(__name__)

_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self' {target}"
)


# consent -------------------------------------------------------------------------------------------------------------
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person who is signed in whether a program may act for him; lead back with a code or a refusal.

    Nobody is ever led to an address the program did not register: then the page itself says what is wrong, with 400.
    """
    uri = f"{request.path}?{urlencode(parameters(request.GET))}"
    wrong: OAuth2Error | None = None
    try:
        _scopes, asked = server.validate_authorization_request(uri)
    except (FatalClientError, ValueError) as error:
        logger.info("OAuth: authorization refused: %s", getattr(error, "error", "malformed"))
        return render(request, "identity/oauth_refused.html", status=400)
    except OAuth2Error as error:
        wrong = error
    user = request.user
    if not isinstance(user, User):
        return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
    if wrong is not None:
        return _back(request, str(wrong.redirect_uri), wrong.twotuples)
    if user.is_operator:  # somebody of the provider looks around; nobody's access is his to give
        return render(request, "identity/oauth_refused.html", status=403)
    wanted = asked["request"]
    if request.method != "POST":
        return _consent_page(request, user, wanted)
    decision = request.POST.get("decision")
    if decision == "switch":
        auth.logout(request)
        return redirect(f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}")
    if decision != "allow":
        state = [("state", wanted.state)] if wanted.state else []
        return _back(request, wanted.redirect_uri, [("error", "access_denied"), *state])
    headers, _body, _status = server.create_authorization_response(
        uri, scopes=wanted.scopes, credentials={"user": user}
    )
    logger.info("OAuth: user %s lets application %s in", user.pk, wanted.client.pk)
    return _back(request, headers["Location"], [])


def _consent_page(request: HttpRequest, user: User, wanted: Any) -> HttpResponse:
    target = redirects.form_target(wanted.redirect_uri)
    context = {
        "application": wanted.client,
        "user": user,
        "may_write": WRITE in wanted.scopes,
        "target": target.partition("://")[2] or _("an app on this device"),
        "action": request.get_full_path(),
    }
    response = render(request, "identity/oauth_consent.html", context)
    response["Content-Security-Policy"] = _POLICY.format(target=target)
    return response


def _back(request: HttpRequest, target: str, answer: list[tuple[str, str]]) -> HttpResponse:
    """To the program, with who answers (RFC 9207). 303: what was posted here is not posted there."""
    location = add_params_to_uri(target, [*answer, ("iss", issuer(request))])
    response = HttpResponse(status=303)  # django's redirect knows no schemes of desktop programs
    response["Location"] = location
    response["Referrer-Policy"] = "no-referrer"
    return response


# programs ------------------------------------------------------------------------------------------------------------
def _for_programs(view: Any) -> Any:
    """A form posted by a program, never twice as fast as it may guess: refusals are counted per address."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            response: HttpResponse = _refusal("invalid_request", "Use POST.", 405)
            response["Allow"] = "POST"
            return response
        if request.content_type != "application/x-www-form-urlencoded" or request.META.get("QUERY_STRING"):
            return _refusal("invalid_request", "Send a form in the body.")
        address = client_address(request)
        wait = throttle.client_wait(address)
        if wait:
            response = _refusal("temporarily_unavailable", "Too many refused requests.", 429)
            response["Retry-After"] = str(math.ceil(wait.total_seconds()))
            return response
        if current_tenant().is_held:
            return _refusal("access_denied", "This workspace is suspended.", 403)
        response = view(request)
        if response.status_code in (400, 401):
            throttle.record_client_failure(address)
        return response

    return never_cache(csrf_exempt(sensitive_post_parameters()(answered)))


@_for_programs
def token(request: HttpRequest) -> HttpResponse:
    """A code, a refresh token or the program's own secret for tokens. Refusals are answers, so what they end stays ended."""
    return _answer(server.create_token_response, request)


@_for_programs
def revoke(request: HttpRequest) -> HttpResponse:
    """A program gives a token back. Unknown tokens are no error (RFC 7009 §2.2)."""
    return _answer(server.create_revocation_response, request)


def _answer(endpoint: Any, request: HttpRequest) -> HttpResponse:
    header = request.headers.get("Authorization")
    try:
        given = urlencode(parameters(request.POST))
        headers, body, status = endpoint(
            request.path, body=given, headers={"Authorization": header} if header else {}
        )
    except OAuth2Error as error:
        headers, body, status = error.headers, error.json, error.status_code
    except ValueError:
        return _refusal("invalid_request", "Malformed form.")
    if status == 401:
        headers = {**headers, "WWW-Authenticate": 'Basic realm="oauth"'}
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    return response


def _refusal(error: str, description: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": error, "error_description": description}, status=status)


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """What this server is and can do, for programs that set themselves up (RFC 8414)."""
    here = issuer(request)
    methods = ["client_secret_basic", "client_secret_post", "none"]
    return JsonResponse(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}/oauth/authorize",
            "token_endpoint": f"{here}/oauth/token",
            "revocation_endpoint": f"{here}/oauth/revoke",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": methods,
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": ["en", "de"],
        }
    )
