"""The second step of a sign-in, for people and operators: giving a code, or setting up an authenticator app (A5)."""

from __future__ import annotations

import logging
import time
from typing import Any

from django import forms
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tenants.context import in_public
from tenants.identity.clients import client_address
from tenants.identity.models import IdentityMail, User
from tenants.identity.second_factor import codes, own, rules
from tenants.identity.sessions import remember_client, revoke_user

logger = logging.getLogger(__name__)

_PENDING = "_second_step"
PENDING_SECONDS = 600
_BACKEND = "tenants.identity.backends.WorkspaceBackend"


class CodeForm(forms.Form):
    """Six digits of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "inputmode": "text"}
        ),
    )


def begin(request: HttpRequest, user: User, target: str) -> HttpResponse | None:
    """After whatever stands for the password: the page that asks for more, or None when nothing more is needed.

    The browser is then half signed in, for ten minutes, and opens nothing but that page.
    """
    if not user.has_second_factor and not rules.needs(user):
        return None
    request.session.flush()
    request.session[_PENDING] = {
        "user": str(user.pk),
        "at": int(time.time()),
        "next": target,
        "mark": user.get_session_auth_hash(),
    }
    request.session.set_expiry(PENDING_SECONDS)
    return redirect("identity:code" if user.has_second_factor else "identity:set_up")


def _pending(request: HttpRequest) -> User | None:
    """Who came this far less than ten minutes ago, in this browser, with the password he still has."""
    noted: dict[str, Any] = request.session.get(_PENDING) or {}
    if not noted or abs(time.time() - noted["at"]) > PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=noted["user"], is_active=True, is_operator=in_public()).first()
    if user is None or not constant_time_compare(noted["mark"], user.get_session_auth_hash()):
        return None
    return user


def _finish(request: HttpRequest, user: User, how: str) -> str:
    """Sign in. Returns where he wanted to go."""
    target = str(request.session[_PENDING]["next"])
    auth.login(request, user, backend=_BACKEND)
    request.session.pop(_PENDING, None)
    request.session.set_expiry(None)  # no longer only for ten minutes
    remember_client(request)
    logger.info("Signed in: user %s from %s, second factor: %s", user.pk, client_address(request), how)
    rules.given.send(User, request=request, user=user, how=how)
    return target


def _refusal(response: HttpResponse, refused: own.FactorRefused | None) -> HttpResponse:
    if refused is not None and refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    return response


@never_cache
@csrf_protect
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the authenticator app, or a recovery code."""
    user = _pending(request)
    if user is None or not user.has_second_factor:
        return redirect("identity:login")
    form, refused, status = CodeForm(request.POST or None), None, 200
    if request.method == "POST":
        try:
            given = form.cleaned_data["code"] if form.is_valid() else ""
            how = own.proven(request, user, lambda: codes.verify(user, given))
            return redirect(_finish(request, user, how))
        except own.FactorRefused as error:
            refused, status = error, error.status
    context = {"form": form, "error": refused.message if refused else ""}
    return _refusal(render(request, "identity/code.html", context, status=status), refused)


@never_cache
@csrf_protect
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up the authenticator app where one is asked for; afterwards the recovery codes are shown, once."""
    user = _pending(request)
    if user is None or user.has_second_factor:
        return redirect("identity:login")
    form, refused, status = CodeForm(request.POST or None), None, 200
    secret = codes.begun(user) if request.method == "POST" else None
    if request.method == "POST":
        try:
            given = form.cleaned_data["code"] if form.is_valid() else ""
            made = own.proven(request, user, lambda: codes.confirm(user, given))
            revoke_user(user)  # browsers that came in before there was a second factor
            target = _finish(request, user, "set_up")
            own.tell(IdentityMail.Kind.FACTOR_ON, user)
            rules.changed.send(User, user=user, what=rules.ON, address=client_address(request))
            return render(request, "identity/recovery_codes.html", {"codes": made, "target": target})
        except own.FactorRefused as error:
            refused, status = error, error.status
    try:
        secret = secret or codes.begin(user)
    except codes.AlreadyOn:  # in another window, meanwhile
        return redirect("identity:login")
    context = {
        "form": form,
        "error": refused.message if refused else "",
        "secret": codes.grouped(secret),
        "picture": codes.picture(user, secret),
    }
    return _refusal(render(request, "identity/set_up.html", context, status=status), refused)
