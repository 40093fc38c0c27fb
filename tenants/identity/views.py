"""Log-in pages: server-rendered, working without script, on the workspace's and the operators' host."""

from __future__ import annotations

import logging
import math

from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants.context import current_tenant, in_public
from tenants.entitlements import admins_only
from tenants.identity import mail_requests, throttle
from tenants.identity.clients import client_address
from tenants.identity.forms import ForgotForm, LoginForm, NewPasswordForm
from tenants.identity.models import IdentityMail, OneTimeToken, User
from tenants.identity.paths import own_path
from tenants.identity.second_factor import pages
from tenants.identity.sessions import remember_client, revoke_user
from tenants.identity.sso import people as sso
from tenants.identity.tokens import find_one_time, use_one_time

logger = logging.getLogger(__name__)

Purpose = OneTimeToken.Purpose
# The secret stands in the address only on the first visit; then it moves into the session, so that it
# reaches neither the browser's history nor a Referer header.
_RESET_SECRET = "_reset_secret"  # noqa: S105 - a name, no secret
_IN_SESSION = "set"


def next_page(request: HttpRequest) -> str:
    """Where to go after signing in: a path on this host, else the start page."""
    return own_path(request.POST.get("next") or request.GET.get("next"))


@never_cache
@csrf_protect
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Sign in with e-mail and password (PLT-41). One text for every refusal, known account or not (A1)."""
    if request.method != "POST" and request.user.is_authenticated:
        return redirect(next_page(request))
    form = LoginForm(request.POST or None)
    status, error, wait = 200, "", None
    if request.method == "POST":
        address = client_address(request)
        email = request.POST.get("email", "")
        wait, failed_before = throttle.standing(email, address)
        user = None
        if not wait and form.is_valid():
            user = auth.authenticate(request, username=email, password=form.cleaned_data["password"])
        if isinstance(user, User) and user.is_operator == in_public():
            if not in_public() and not user.is_admin and admins_only(current_tenant()):
                error, status = _("This workspace is suspended. Only administrators can use it now."), 423
            elif sso.takes_no_password(user):
                error, status = (
                    _("Here you sign in with your organisation's account, not with a password."),
                    403,
                )
            else:
                if failed_before:
                    throttle.clear_account(user.email)
                return _sign_in(request, user)
        else:
            logger.warning("Sign-in refused from %s%s", address, " (throttled)" if wait else "")
            if not wait and throttle.record_failure(email, address):
                mail_requests.request(IdentityMail.Kind.ACCOUNT_LOCKED, email, get_language() or "en")
            error = _("That did not work. Check e-mail and password, or wait a little and try again.")
            status = 429 if wait else 422
    error = error or _arrived(request)
    context = {"form": form, "error": error, "next": next_page(request), "provider": sso.provider()}
    response = render(request, "identity/login.html", context, status=status)
    if wait:
        response["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response


def _arrived(request: HttpRequest) -> str:
    """Why single sign-on led back here."""
    return str(sso.REASONS.get(request.GET.get("sso", ""), ""))


def _sign_in(request: HttpRequest, user: User) -> HttpResponse:
    target = next_page(request)
    further = pages.begin(request, user, target)
    if further is not None:
        return further
    logger.info("Signed in: user %s from %s", user.pk, client_address(request))
    auth.login(request, user)
    remember_client(request)
    return HttpResponseRedirect(target)


@never_cache
@csrf_protect
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this session."""
    auth.logout(request)
    return redirect("identity:login")


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a reset link. The same answer, in the same time, whether or not the address is known."""
    form = ForgotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = client_address(request)
        if not throttle.reset_refused(form.cleaned_data["email"], address):
            mail_requests.request(
                IdentityMail.Kind.PASSWORD_RESET, form.cleaned_data["email"], get_language() or "en"
            )
        return redirect("identity:forgot_sent")
    return render(request, "identity/forgot.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_GET
def forgot_sent(request: HttpRequest) -> HttpResponse:
    """Says that a mail is on its way if there is an account."""
    return render(request, "identity/forgot_sent.html")


@never_cache
@csrf_protect
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a new password with a link from the mail. Opening the page uses nothing up (mail scanners do)."""
    if secret != _IN_SESSION:
        if find_one_time(secret, Purpose.PASSWORD_RESET) is None:
            return render(request, "identity/link_dead.html", status=410)
        request.session[_RESET_SECRET] = secret
        return redirect("identity:reset", secret=_IN_SESSION)
    secret = request.session.get(_RESET_SECRET, "")
    token = find_one_time(secret, Purpose.PASSWORD_RESET)
    if token is None:
        return render(request, "identity/link_dead.html", status=410)
    form = NewPasswordForm(token.user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(
            request, "identity/reset.html", {"form": form, "email": token.user.email}, status=status
        )
    with transaction.atomic():
        user = use_one_time(secret, Purpose.PASSWORD_RESET)
        if user is None:
            return render(request, "identity/link_dead.html", status=410)
        set_password(user, form.cleaned_data["password"])
    del request.session[_RESET_SECRET]
    return render(request, "identity/reset_done.html")


def set_password(user: User, password: str) -> None:
    """Give ``user`` a new password, end all sessions, lift the lock, and tell the owner by mail."""
    user.set_password(password)
    user.save(update_fields=["password", "password_changed_at"])
    revoke_user(user)
    throttle.clear_account(user.email)
    mail_requests.request(
        IdentityMail.Kind.PASSWORD_CHANGED, user.email, user.language or get_language() or "en"
    )


@never_cache
@require_GET
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in with the one-time link the sign-up hands over: 60 seconds, once (SAAS.md §1.3 row 13)."""
    # Operators always come in with both factors.
    user = None if in_public() else use_one_time(secret, Purpose.SIGN_IN)
    if user is None or user.is_operator:
        return redirect("identity:login")
    target = next_page(request)
    further = pages.begin(request, user, target)
    if further is not None:
        return further
    auth.login(request, user, backend="tenants.identity.backends.WorkspaceBackend")
    remember_client(request)
    return HttpResponseRedirect(target)
