"""Every request's workspace, decided by the host alone (ARCHITECTURE.md §5, SAAS.md T6, T8)."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import set_urlconf
from django.utils.translation import gettext as _

from tenants import addresses, counting, hosts, pressure, rates, timeouts
from tenants.context import activate, activate_public, assert_public, assert_workspace
from tenants.gate import Busy, Gate
from tenants.heavy_turns import Turns
from tenants.identity.clients import client_address
from tenants.models import Tenant, TenantState

logger = logging.getLogger(__name__)

NOT_FOUND_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>404</title><body style='font:15px system-ui,sans-serif;margin:20vh auto;max-width:28rem;"
    "text-align:center;color:#334'><h1 style='font-size:20px'>404</h1>"
    "<p>There is nothing at this address.</p>"
)


class WorkspaceMiddleware:
    """Sets ``request.tenant`` (None on the provider's hosts), the URL configuration and the search path.

    The path never contains public inside a workspace and is asserted against the database once per
    request. Unknown, malformed and gone hosts get one neutral 404.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        turns = Turns(settings.KONTOR_DATA / "run" / "heavy", max(1, settings.KONTOR_WEB_PROCESSES // 2))
        self.gate = Gate(settings.KONTOR_WEB_THREADS, turns=turns, waited=pressure.waited)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant = None  # type: ignore[attr-defined]
        try:
            host = hosts.host_name(request.get_host())
        except DisallowedHost:
            host = None
        if host is None:
            return _nothing_here(request)
        if hosts.is_public_host(host):
            return self._provider(request, settings.PUBLIC_SCHEMA_URLCONF)
        if hosts.is_operator_host(host):
            if not _is_operator_network(request):
                return _nothing_here(request)
            return self._provider(request, settings.OPERATOR_URLCONF)
        return self._workspace(request, host)

    def _provider(self, request: HttpRequest, urlconf: str) -> HttpResponse:
        _route(request, urlconf)
        with activate_public():
            try:
                assert_public(timeouts.request_ms())
            except (OperationalError, InterfaceError) as error:
                return _database_away(request, error)
            return self.get_response(request)

    def _workspace(self, request: HttpRequest, host: str) -> HttpResponse:
        try:
            found = hosts.find(host)
        except (OperationalError, InterfaceError) as error:
            return _database_away(request, error)
        if found is None:
            return _nothing_here(request)
        tenant = found.tenant
        if tenant.state == TenantState.PROVISIONING:
            return _being_prepared(request)
        if not tenant.is_reachable:
            return _nothing_here(request)
        if found.redirect_to and not (found.pages_only and _is_program(request)):
            # Temporary: after its 90 days the old name may belong to somebody else.
            target = addresses.origin(found.redirect_to) + request.get_full_path()
            moved = HttpResponseRedirect(target)
            moved.status_code = 302 if request.method in {"GET", "HEAD"} else 307
            return moved
        started = time.perf_counter()
        wait = rates.seconds_to_wait(tenant)
        try:
            if wait:
                raise Busy
            with self.gate.passing((tenant.pk, _has_token(request))):
                response = self._serve(request, tenant, host)
        except Busy as busy:
            wait = wait or busy.retry_after
            response = _too_many(request, wait)
        counting.note_request(
            tenant.pk, response.status_code, time.perf_counter() - started, is_refused=bool(wait)
        )
        return response

    def _serve(self, request: HttpRequest, tenant: Tenant, host: str) -> HttpResponse:
        tenant.domain_url = host
        request.tenant = tenant  # type: ignore[attr-defined]
        _route(request, settings.ROOT_URLCONF)
        with activate(tenant), structlog.contextvars.bound_contextvars(tenant=str(tenant.pk)):
            try:
                assert_workspace(timeouts.request_ms(tenant))
            except (OperationalError, InterfaceError) as error:
                return _database_away(request, error)
            return self.get_response(request)


def _has_token(request: HttpRequest) -> bool:
    """Whether a program asks with a token of its own; people's browsers send cookies."""
    return "HTTP_AUTHORIZATION" in request.META


def _is_program(request: HttpRequest) -> bool:
    """Whether a program asks, which follows no redirect to another host with its token, or something is sent."""
    return request.path_info.startswith("/api/") or request.method not in {"GET", "HEAD"}


def _is_operator_network(request: HttpRequest) -> bool:
    """Whether the console answers to the network the request comes from (SAAS.md §5.1 allow-list)."""
    networks = settings.KONTOR_OPERATOR_NETWORKS
    address = ipaddress.ip_address(client_address(request))
    return not networks or any(address in ipaddress.ip_network(network, strict=False) for network in networks)


def _too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 for a workspace above its rate; its neighbours go on (SAAS.md §5.2)."""
    message = _("This workspace sends too many requests. Wait a moment and try again.")
    if _wants_json(request):
        response: HttpResponse = _error_json(429, "tenant.too_many_requests", message)
    else:
        response = HttpResponse(message, status=429, content_type="text/plain; charset=utf-8")
        if request.method == "GET":
            # A browser that opens a page comes back by itself, as the pages' own requests do.
            response["Refresh"] = str(wait)
    response["Retry-After"] = str(wait)
    return response


def _route(request: HttpRequest, urlconf: str) -> None:
    request.urlconf = urlconf
    set_urlconf(urlconf)


def _wants_json(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _error_json(status: int, code: str, message: str) -> JsonResponse:
    body: dict[str, Any] = {"code": code, "message": message, "field": None, "details": {}}
    return JsonResponse(body, status=status)


def _nothing_here(request: HttpRequest) -> HttpResponse:
    """The same answer for an unknown, a malformed and a gone host; never public content (T6)."""
    if _wants_json(request):
        return _error_json(404, "not_found", "There is nothing at this address.")
    return HttpResponseNotFound(NOT_FOUND_PAGE)


def _being_prepared(request: HttpRequest) -> HttpResponse:
    if _wants_json(request):
        response: HttpResponse = _error_json(503, "tenant.preparing", _("The workspace is being prepared."))
    else:
        response = HttpResponse(render_to_string("tenants/preparing.html", request=None), status=503)
    response["Retry-After"] = "2"
    response["Cache-Control"] = "no-store"
    return response


def _database_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """503 while the database restarts; the next request takes a fresh connection (F4)."""
    from django.db import connection

    logger.error("The database does not answer: %s", error)
    connection.close()
    if _wants_json(request):
        response: HttpResponse = _error_json(503, "unavailable", _("Try again in a moment."))
    else:
        response = HttpResponse(_("The service is restarting. Try again in a moment."), status=503)
    response["Retry-After"] = "5"
    return response
