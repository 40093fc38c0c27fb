"""The page behind "no more such mails": an administrator's choice without signing in (ASP-30 Announcements)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tenants import mail_choice
from tenants.context import current_tenant, in_public


@never_cache
@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed address is the right to do so
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """What he gets, with a button for the other; looking changes nothing, because mail scanners follow links."""
    if in_public():
        raise Http404
    tenant = current_tenant()
    email = mail_choice.address_of(token, tenant)
    if email is None:
        raise Http404
    if request.method == "POST":
        mail_choice.choose(tenant, email, wanted=request.POST.get("wanted") == "yes")
    context = {"email": email, "is_wanted": mail_choice.is_wanted(tenant, email)}
    return render(request, "identity/mail_choice.html", context)
