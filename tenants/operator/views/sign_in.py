"""The second step of an operator's sign-in: setting up an authenticator app, or giving its code (A5)."""

from __future__ import annotations

import math
import time
from typing import Any

import segno
from django import forms
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tenants.context import in_public
from tenants.identity import throttle
from tenants.identity.clients import client_address
from tenants.identity.models import User
from tenants.identity.sessions import remember_client
from tenants.operator import audit
from tenants.operator.access import mark_session
from tenants.operator.models import Operator
from tenants.operator.services import second_factor

_PENDING = "_pending_operator"
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
    """After an operator's right password: remember him as half signed in and ask for the second factor."""
    if not in_public():
        return None
    operator, _made = Operator.objects.get_or_create(user=user)
    request.session.flush()
    request.session[_PENDING] = {"user": str(user.pk), "at": int(time.time()), "next": target}
    request.session.set_expiry(PENDING_SECONDS)
    return redirect("operator:code" if second_factor.is_enrolled(operator) else "operator:enrol")


def _pending(request: HttpRequest) -> Operator | None:
    """The operator who gave the right password less than ten minutes ago, in this browser."""
    if not in_public():
        raise Http404
    noted: dict[str, Any] = request.session.get(_PENDING) or {}
    if not noted or abs(time.time() - noted["at"]) > PENDING_SECONDS:
        return None
    found = Operator.objects.select_related("user").filter(pk=noted["user"])
    return found.filter(user__is_active=True, user__is_operator=True).first()


def _key(operator: Operator) -> str:
    """Wrong codes are counted apart from wrong passwords."""
    return f"code:{operator.email}"


def _refused(request: HttpRequest, operator: Operator) -> tuple[str, int]:
    """Count a wrong code. Returns the text and status to answer with."""
    audit.record(operator.email, "operator.code_refused", address=client_address(request))
    if throttle.record_failure(_key(operator), client_address(request)):
        audit.record(operator.email, "operator.locked", address=client_address(request))
    return str(_("That code did not work. Each code works once; wait for the next one and try again.")), 422


def _finish(request: HttpRequest, operator: Operator, how: str) -> str:
    """Sign the operator in. Returns where he wanted to go."""
    target = str(request.session[_PENDING]["next"])
    throttle.clear_account(_key(operator))
    auth.login(request, operator.user, backend=_BACKEND)
    request.session.pop(_PENDING, None)
    remember_client(request)
    mark_session(request)
    audit.record(operator.email, "operator.signed_in", how=how, address=client_address(request))
    return target


@never_cache
@csrf_protect
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the authenticator app, or a recovery code."""
    operator = _pending(request)
    if operator is None or not second_factor.is_enrolled(operator):
        return redirect("identity:login")
    form, error, status, wait = CodeForm(request.POST or None), "", 200, None
    if request.method == "POST":
        wait = throttle.blocked_for(_key(operator), client_address(request))
        how = (
            second_factor.verify(operator, form.cleaned_data["code"])
            if not wait and form.is_valid()
            else None
        )
        if how:
            return redirect(_finish(request, operator, how))
        if wait:
            error, status = str(_("Too many wrong codes. Wait a little and try again.")), 429
        else:
            error, status = _refused(request, operator)
    response = render(request, "operator/code.html", {"form": form, "error": error}, status=status)
    if wait:
        response["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response


@never_cache
@csrf_protect
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the authenticator app; afterwards the recovery codes are shown, once."""
    operator = _pending(request)
    if operator is None or second_factor.is_enrolled(operator):
        return redirect("identity:login")
    form, error, status = CodeForm(request.POST or None), "", 200
    if request.method == "POST":
        wait = throttle.blocked_for(_key(operator), client_address(request))
        codes = (
            second_factor.confirm(operator, form.cleaned_data["code"])
            if not wait and form.is_valid()
            else None
        )
        if codes is not None:
            target = _finish(request, operator, "enrolled")
            audit.record(operator.email, "operator.second_factor_set_up")
            return render(request, "operator/recovery_codes.html", {"codes": codes, "target": target})
        if wait:
            error, status = str(_("Too many wrong codes. Wait a little and try again.")), 429
        else:
            error, status = _refused(request, operator)
    secret = second_factor.enrolment_secret(operator)
    picture = segno.make(second_factor.provisioning_uri(operator, secret), error="m")
    context = {
        "form": form,
        "error": error,
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": picture.svg_data_uri(scale=4, border=2, light="white"),
    }
    return render(request, "operator/enrol.html", context, status=status)
