"""To the provider of identities and back (PLT-41 Login)."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import auth
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tenants.addresses import workspace_url
from tenants.context import current_tenant, in_public
from tenants.entitlements import admins_only
from tenants.identity.clients import client_address
from tenants.identity.models import IdentityProvider
from tenants.identity.paths import own_path
from tenants.identity.second_factor import pages
from tenants.identity.sessions import remember_client
from tenants.identity.sso import people, protocol
from tenants.identity.sso.fetching import Away, NotAllowed

logger = logging.getLogger(__name__)

_KEPT = "_sso"
KEPT_SECONDS = 600
_BACKEND = "tenants.identity.backends.WorkspaceBackend"


def _provider() -> IdentityProvider:
    found = people.provider()
    if found is None:
        raise Http404
    return found


def return_address() -> str:
    """Where the provider leads back to; from the Domain row and never from a Host header (T8)."""
    return workspace_url(current_tenant(), "/login/sso/callback/")


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, remembering what its answer must match."""
    if in_public():
        raise Http404
    provider = _provider()
    target = own_path(request.GET.get("next"))
    try:
        address, kept = protocol.question(provider, return_address())
    except (Away, NotAllowed) as error:
        return _back(request, "away", error)
    request.session.flush()
    request.session[_KEPT] = {**kept, "at": int(time.time()), "next": target, "issuer": provider.issuer}
    request.session.set_expiry(KEPT_SECONDS)
    return HttpResponseRedirect(address)


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider: check everything, then sign in, or say on the log-in page why not."""
    if in_public():
        raise Http404
    provider = _provider()
    kept: dict[str, Any] = request.session.pop(_KEPT, None) or {}
    given = request.GET.get("state", "")
    if (
        not kept
        or abs(time.time() - kept["at"]) > KEPT_SECONDS
        or kept["issuer"] != provider.issuer
        or not secrets.compare_digest(given.encode("utf-8", "replace"), kept["state"].encode())
    ):
        return _back(request, "expired")
    if request.GET.get("iss", provider.issuer) != provider.issuer:
        return _back(request, "refused", ValueError("another issuer answers"))
    code = request.GET.get("code", "")
    if request.GET.get("error") or not code or len(code) > 4096:
        return _back(request, "canceled")
    try:
        claims = protocol.answer(provider, code, return_address(), kept)
        user = people.person_of(claims, provider)
    except (Away, NotAllowed) as error:
        return _back(request, "away", error)
    except protocol.Refused as error:
        return _back(request, "refused", error)
    except people.NotLetIn as error:
        return _back(request, error.reason, error)
    except IntegrityError as error:  # the same person in two browsers at the same moment
        return _back(request, "expired", error)
    if not user.is_admin and admins_only(current_tenant()):
        return _back(request, "closed")
    further = pages.begin(request, user, kept["next"])
    if further is not None:
        return further
    request.session.flush()
    logger.info("Signed in by single sign-on: user %s from %s", user.pk, client_address(request))
    auth.login(request, user, backend=_BACKEND)
    request.session.set_expiry(None)
    remember_client(request)
    return HttpResponseRedirect(kept["next"])


def _back(request: HttpRequest, reason: str, error: Exception | None = None) -> HttpResponse:
    logger.warning("Single sign-on refused (%s) from %s: %s", reason, client_address(request), error or "")
    return HttpResponseRedirect(f"/login/?{urlencode({'sso': reason})}")
