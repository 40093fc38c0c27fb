"""Confirmation link, waiting page and the doorway into the own workspace (ASP-10.1, ASP-10.2).

Opening a link changes nothing: mail scanners open every link. Only the button does.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from onboarding.forms import NAME_MESSAGES, ConfirmForm
from onboarding.models import SignUp
from onboarding.progress import Progress, progress_of
from onboarding.services import confirmation, rates, signup
from onboarding.services.confirmation import Confirmed, LinkRefused
from onboarding.views.signup import address_suffix, free_name, resend_key
from onboarding.visitor import page, site_page
from tenants import slugs
from tenants.errors import TenantRefusal
from tenants.identity.clients import client_address
from tenants.identity.models import User
from tenants.models import Provisioning

# Says "this browser confirmed that sign-up", so that a reload of the waiting page may still let it in.
_COOKIE = "setup"
_COOKIE_SECONDS = 24 * 3600


# Steps of provisioning commit one by one, so no transaction may enclose the view.
@transaction.non_atomic_requests
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@site_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the mailed link: GET shows it, POST with a password opens the workspace."""
    with transaction.atomic():
        found = signup.find(token)
        allowed = request.method != "POST" or rates.allow(rates.CONFIRMATIONS_PER_IP, client_address(request))
    if not allowed:
        refused = _link_page(request, "rate.exceeded", None)
        refused["Retry-After"] = str(rates.wait(rates.CONFIRMATIONS_PER_IP, client_address(request)))
        return refused
    if found is None:
        return _link_page(request, "link.unknown", None)
    if request.method != "POST":
        return _opened(request, found)
    form = ConfirmForm(request.POST, similar=User(email=found.email, full_name=found.name))
    if not form.is_valid():
        return _confirm_page(request, found, form, asks_name="slug" in request.POST, status=422)
    try:
        confirmed = confirmation.confirm(token, form.cleaned_data["password"], form.cleaned_data["slug"])
    except LinkRefused as refused:
        return _link_page(request, f"link.{refused.reason}", found)
    except TenantRefusal as refusal:
        shown = request.POST.copy()
        shown["slug"] = form.cleaned_data["slug"] or free_name(found.company)
        form.data = shown
        form.add_error("slug", _name_error(refusal))
        return _confirm_page(request, found, form, asks_name=True, status=422)
    return _enter(request, confirmed)


def _name_error(refusal: TenantRefusal) -> Any:
    return ValidationError(NAME_MESSAGES[refusal.code], code=refusal.code)


def _opened(request: HttpRequest, found: SignUp) -> HttpResponse:
    if found.state == SignUp.State.CONFIRMED:
        if _is_confirming_browser(request, found.pk):
            return HttpResponseRedirect(reverse("onboarding:setup", args=[found.pk]))
        return _link_page(request, "link.used", found)
    if signup.is_expired(found):
        return _link_page(request, "link.expired", found)
    return _confirm_page(request, found, ConfirmForm(initial={"slug": found.slug}), asks_name=_is_gone(found))


def _is_gone(found: SignUp) -> bool:
    """Whether somebody took the name between sign-up and confirmation."""
    try:
        slugs.check_name(found.slug)
    except TenantRefusal:
        return True
    return False


def _confirm_page(
    request: HttpRequest, found: SignUp, form: ConfirmForm, *, asks_name: bool, status: int = 200
) -> HttpResponse:
    if asks_name and not form.is_bound:
        form.initial["slug"] = free_name(found.company)
    form.describe()
    context = {
        "signup": found,
        "form": form,
        "asks_name": asks_name,
        "address_suffix": address_suffix(),
        "hide_signup": True,
    }
    response = page(request, "onboarding/confirm.html", context, status=status)
    # The address of this page is a secret: no other site may learn it. (With "no-referrer" browsers post the
    # form with "Origin: null", which the CSRF check refuses.)
    response["Referrer-Policy"] = "same-origin"
    return response


_STATUS = {
    "link.unknown": 404,
    "link.expired": 410,
    "link.used": 200,
    "link.limit": 403,
    "rate.exceeded": 429,
}


def _link_page(request: HttpRequest, code: str, found: SignUp | None) -> HttpResponse:
    texts = {
        "link.unknown": (
            _("This link does not work"),
            _("It is incomplete, or a newer one was sent. Please use the link of the latest message."),
        ),
        "link.expired": (
            _("This link has expired"),
            _("Links work for 24 hours. Your entries are kept; we send you a new link."),
        ),
        "link.limit": (
            _("You have opened as many trials as one may"),
            _("Three within 30 days. Use one of them, or write to us if you need another one."),
        ),
        "link.used": (
            _("This address is confirmed already"),
            _("The link works once and was used. Sign in to your workspace with the password you chose."),
        ),
        "rate.exceeded": (_("Too many attempts"), _("Please wait ten minutes and try again.")),
    }
    heading, explanation = texts[code]
    context = {"code": code, "heading": heading, "explanation": explanation, "hide_signup": True}
    if found is not None and code == "link.used":
        context["workspace_url"] = confirmation.workspace_address(found)
    if found is not None and code == "link.expired":
        context["resend_key"] = resend_key(found)
    return page(request, "onboarding/link_problem.html", context, status=_STATUS[code])


def _enter(request: HttpRequest, confirmed: Confirmed) -> HttpResponse:
    """Claim a ready workspace and send the browser into it; to the waiting page when there is none."""
    confirmation.run(confirmed.provisioning_id)
    target = confirmation.doorway(confirmed.signup_id) or reverse(
        "onboarding:setup", args=[confirmed.signup_id]
    )
    response = HttpResponseRedirect(target, status=303)
    response.set_cookie(
        _COOKIE,
        signing.dumps(str(confirmed.signup_id), salt=_COOKIE),
        max_age=_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _is_confirming_browser(request: HttpRequest, signup_id: UUID) -> bool:
    try:
        held = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_COOKIE, max_age=_COOKIE_SECONDS)
    except signing.BadSignature:
        return False
    return held == str(signup_id)


@transaction.non_atomic_requests
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@site_page
def setup(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """The waiting page: real steps, survives reload, lets the confirming browser in when all is done.

    POST tries again at once.
    """
    found, wish = _confirmed(signup_id)
    if request.method == "POST":
        confirmation.run(wish.pk)
        return HttpResponseRedirect(reverse("onboarding:setup", args=[signup_id]), status=303)
    current = progress_of(wish)
    if current.state == "done":
        target = confirmation.doorway(signup_id) if _is_confirming_browser(request, signup_id) else None
        if target:
            return HttpResponseRedirect(target)
        context = {"workspace_url": confirmation.workspace_address(found), "hide_signup": True}
        return page(request, "onboarding/ready.html", context)
    return _progress_page(request, found, current)


def _progress_page(request: HttpRequest, found: SignUp, current: Progress) -> HttpResponse:
    context = {
        "steps": current.steps,
        "state": current.state,
        "failed": current.state == "failed",
        "status_url": reverse("onboarding:setup_status", args=[found.pk]),
        "hide_signup": True,
    }
    return page(request, "onboarding/progress.html", context)


@never_cache
@require_safe
@site_page
def setup_status(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """For the waiting page: `{"state": "running|failed|done", "steps": [{name, state, state_label}]}`."""
    current = progress_of(_confirmed(signup_id)[1])
    steps = [{"name": s.name, "state": s.state, "state_label": str(s.state_label)} for s in current.steps]
    return JsonResponse({"state": current.state, "steps": steps})


def _confirmed(signup_id: UUID) -> tuple[SignUp, Provisioning]:
    with transaction.atomic():
        found = SignUp.objects.select_related("provisioning__tenant").filter(pk=signup_id).first()
    if found is None or found.provisioning is None:
        raise Http404
    return found, found.provisioning
