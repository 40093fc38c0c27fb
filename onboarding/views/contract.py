"""What the workspace and the provider have agreed on: texts with versions, to read, accept and file away (ASP-40.5)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from billing.views.access import acting, administrators_only
from onboarding.services import legal, subprocessors
from onboarding.services.legal_document import document_pdf
from tenants.addresses import public_url
from tenants.errors import TenantRefusal
from tenants.identity.clients import client_address
from tenants.models import Tenant


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def contract(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """All texts with what was accepted; `POST document, version` accepts one. Works in every state of the workspace."""
    refused = None
    if request.method == "POST":
        try:
            legal.accept(
                tenant,
                request.POST.get("document", ""),
                request.POST.get("version", ""),
                email=acting(request),
                language=translation.get_language() or "en",
                ip=client_address(request),
            )
        except TenantRefusal as refusal:
            refused = refusal
        else:
            return redirect("/billing/contract/")
    rows = legal.standings(tenant)
    context = {
        "rows": [(row, public_url(f"/legal/{row.document.code}/{row.document.current}/")) for row in rows],
        "agreed": any(row.acceptance for row in rows),
        "list_url": public_url("/legal/subprocessors/"),
        "list_changed": subprocessors.last_change(),
        "refused": refused,
    }
    return render(request, "onboarding/contract.html", context, status=refused.status if refused else 200)


@require_safe
@administrators_only
def document(request: HttpRequest, tenant: Tenant, code: str) -> HttpResponse:
    """A text as PDF: the version that was accepted, else the one in force (`?version=current` always that one)."""
    row = next((row for row in legal.standings(tenant) if row.document.code == code), None)
    if row is None:
        raise Http404
    accepted = None if request.GET.get("version") == "current" and not row.is_current else row.acceptance
    version = accepted.version if accepted else row.document.current
    body = document_pdf(row.document, version, tenant, accepted)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{code}-{version}.pdf"'
    return response
