"""The page that shows what an installation without a mail server would have sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from onboarding.mailbox import is_open, messages
from onboarding.visitor import site_page
from tenants.identity.clients import client_address

View = Callable[..., HttpResponse]
# No script, no form, nothing loaded from anywhere; links open in a tab of their own.
_BODY_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def local_only(view: View) -> View:
    """404 unless mails are kept here and the reader sits at this machine or is a signed-in operator.

    The messages carry links that open accounts: they are for the person who started the installation.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_open() or not (_is_this_machine(request) or _is_operator(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _is_this_machine(request: HttpRequest) -> bool:
    if "X-Forwarded-For" in request.headers:  # a proxy speaks for somebody else
        return False
    return ip_address(client_address(request)).is_loopback


def _is_operator(request: HttpRequest) -> bool:
    return bool(
        getattr(request.user, "is_authenticated", False) and getattr(request.user, "is_operator", False)
    )


@never_cache
@require_safe
@local_only
@site_page
def index(request: HttpRequest) -> HttpResponse:
    """The list of messages, newest first; `?to=` narrows to one recipient."""
    wanted = request.GET.get("to", "").strip().lower()
    found = [message for message in messages.recent() if wanted in message.to.lower()]
    return render(request, "onboarding/mailbox/index.html", {"messages": found, "wanted": wanted})


@never_cache
@require_safe
@local_only
@site_page
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One message: as HTML in a frame that can do nothing, and as text."""
    return render(request, "onboarding/mailbox/show.html", {"message": _message(name)})


@never_cache
@require_safe
@local_only
@xframe_options_sameorigin
def body(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part for the frame, sanitised and under a policy that allows no script."""
    response = render(request, "onboarding/mailbox/body.html", {"message": _message(name)})
    response["Content-Security-Policy"] = _BODY_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response


def _message(name: str) -> messages.Message:
    message = messages.read(name)
    if message is None:
        raise Http404
    return message
