"""Who may see and do what on the operators' console (ASP-30): second factor, role, idle time, network."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import quote

from django.contrib import auth
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from tenants.context import in_public
from tenants.operator.models import Capability, Operator

# Written by the sign-in after the second factor; a session without it is no operator's.
MARK = "_operator"
IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 10 * 3600
_NOTE_EVERY = 60

View = Callable[..., HttpResponse]


class OperatorRequest(HttpRequest):
    """A request that passed :func:`operator_page`."""

    operator: Operator


def mark_session(request: HttpRequest) -> None:
    """Note in the fresh session that the second factor was given now."""
    now = int(time.time())
    request.session[MARK] = {"since": now, "seen": now}
    request.session.set_expiry(LONGEST_SECONDS)


def operator_of(request: HttpRequest) -> Operator | None:
    """The operator signed in with both factors and not idle for too long, or None.

    An idle or over-long session is ended.
    """
    user = request.user
    if not (user.is_authenticated and user.is_operator):
        return None
    mark, now = request.session.get(MARK), int(time.time())
    if not isinstance(mark, dict):
        return None
    if not (now - mark["seen"] <= IDLE_SECONDS and now - mark["since"] <= LONGEST_SECONDS):
        auth.logout(request)
        return None
    if now - mark["seen"] >= _NOTE_EVERY:
        request.session[MARK] = {**mark, "seen": now}
    return Operator.objects.select_related("user").filter(pk=user.pk).first()


def operator_page(view: View | None = None, *, needs: str = Capability.VIEW) -> Any:
    """For signed-in operators whose role grants ``needs``, on the operators' host.

    Others are sent to sign in, 403 when only the role is missing, 404 inside a workspace.
    """

    def decorate(inner: View) -> View:
        @never_cache
        @csrf_protect
        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not in_public():
                raise Http404
            operator = operator_of(request)
            if operator is None:
                return redirect(f"/login/?next={quote(request.get_full_path())}")
            if not operator.can(needs):
                raise PermissionDenied
            cast(OperatorRequest, request).operator = operator
            return inner(request, *args, **kwargs)

        return guarded

    return decorate(view) if view is not None else decorate
