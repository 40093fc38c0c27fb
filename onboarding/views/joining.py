"""Accepting an invitation, on the workspace's own host. Opening the link changes nothing; the button does."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from onboarding.forms import JoinForm
from onboarding.services import invitations
from onboarding.services.invitations import JoinRefused
from tenants.context import current_tenant
from tenants.errors import TenantRefusal
from tenants.identity.models import Invitation, User
from tenants.identity.second_factor import pages
from tenants.identity.sessions import remember_client
from tenants.identity.sso import people as sso

_STATUS = {"unknown": 404, "expired": 410, "revoked": 410, "used": 200}


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows who invites to what; POST with name and password makes the user and signs in."""
    with translation.override(current_tenant().language):
        try:
            invitation = invitations.find(token)
        except JoinRefused as refused:
            return _dead(request, refused.reason)
        similar = User(email=invitation.email, full_name=invitation.full_name)
        form = JoinForm(request.POST or None, similar=similar, initial={"name": invitation.full_name})
        if request.method != "POST" or not form.is_valid():
            return _page(request, invitation, form, status=422 if form.is_bound else 200)
        try:
            user = invitations.accept(token, form.cleaned_data["name"], form.cleaned_data["password"])
        except JoinRefused as refused:
            return _dead(request, refused.reason)
        except TenantRefusal as refusal:
            return _page(request, invitation, form, status=refusal.status, refusal=refusal)
    auth.logout(request)  # whoever was signed in here before is somebody else
    if sso.takes_no_password(user):
        return HttpResponseRedirect("/login/", status=303)
    further = pages.begin(request, user, "/")
    if further is not None:
        return further
    auth.login(request, user, backend="tenants.identity.backends.WorkspaceBackend")
    remember_client(request)
    return HttpResponseRedirect("/", status=303)


def _page(
    request: HttpRequest,
    invitation: Invitation,
    form: JoinForm,
    *,
    status: int,
    refusal: TenantRefusal | None = None,
) -> HttpResponse:
    form.describe()
    texts = {
        "plan.seats": _(
            "All seats of this workspace are taken. Please ask the person who invited you for one."
        ),
        "tenant.read_only": _("This workspace takes no changes at the moment."),
        "tenant.suspended": _("This workspace takes no changes at the moment."),
    }
    context = {
        "invitation": invitation,
        "form": form,
        "problem": texts.get(refusal.code, str(refusal.message)) if refusal else "",
        "problem_code": refusal.code if refusal else "",
    }
    response = render(request, "onboarding/join.html", context, status=status)
    response["Referrer-Policy"] = "same-origin"
    return response


def _dead(request: HttpRequest, reason: str) -> HttpResponse:
    texts = {
        "unknown": _(
            "This link is incomplete, or a newer one was sent. Please use the link of the latest message."
        ),
        "expired": _("Invitations work for seven days. Please ask for a new one."),
        "revoked": _("This invitation was withdrawn. Please ask the person who sent it."),
        "used": _("This invitation was accepted already. Sign in with your e-mail address and password."),
    }
    context = {"code": f"invitation.{reason}", "explanation": texts[reason], "can_sign_in": reason == "used"}
    return render(request, "onboarding/join_dead.html", context, status=_STATUS[reason])
