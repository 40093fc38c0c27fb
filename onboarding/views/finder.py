""" "Find my workspace": one answer for every address, the list goes to the mailbox."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onboarding.forms import FindForm
from onboarding.mailbox import is_open as mailbox_is_open
from onboarding.services import finder, rates
from onboarding.visitor import page, site_language, site_page
from tenants.addresses import operator_url
from tenants.identity.clients import client_address


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@site_page
def find(request: HttpRequest) -> HttpResponse:
    """Asks for an address; answers the same whether it is known or not."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return page(request, "onboarding/find.html", {"form": form})
    if not form.is_valid() and "email" in form.errors:
        form.describe()
        return page(request, "onboarding/find.html", {"form": form}, status=422)
    if not rates.allow(rates.FINDS_PER_IP, client_address(request)):
        problem = _("There were many requests from your network. Please try again in an hour.")
        context = {"form": form, "problem": problem, "problem_code": "rate.exceeded"}
        refused = page(request, "onboarding/find.html", context, status=429)
        refused["Retry-After"] = str(rates.wait(rates.FINDS_PER_IP, client_address(request)))
        return refused
    email = form.cleaned_data["email"]
    if not request.POST.get("website"):
        finder.send_workspaces(email, site_language())
    mailbox_url = operator_url("/mailbox/") if mailbox_is_open() else ""
    return page(request, "onboarding/find.html", {"sent_to": email, "mailbox_url": mailbox_url})
