"""The operators' audit and the proofs of deletion (ASP-30 Audit, ASP-40.5)."""

from __future__ import annotations

import json
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from tenants.lifecycle import certificate as proof
from tenants.models import Deletion, OperatorAudit, Tenant
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.pages import show

PAGE_SIZE = 100


@operator_page
def audit_list(request: OperatorRequest) -> HttpResponse:
    """Every act, newest first; filter by operator, act or workspace id."""
    query = request.GET.get("q", "").strip()[:100]
    rows = OperatorAudit.objects.all()
    if query:
        try:
            rows = rows.filter(tenant_id=UUID(query))
        except ValueError:
            rows = rows.filter(operator_email__icontains=query) | rows.filter(act__icontains=query)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    names = dict(
        Tenant.objects.filter(pk__in={row.tenant_id for row in page if row.tenant_id}).values_list(
            "pk", "name"
        )
    )
    shown = [{"row": row, "tenant": names.get(row.tenant_id), "details": facts(row)} for row in page]
    return show(request, "operator/audit.html", "audit", {"rows": shown, "page": page, "query": query})


def facts(row: OperatorAudit) -> str:
    """The details in one line of text."""
    return ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in row.details.items()
    )


@operator_page
def certificate(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """The signed proof that a workspace was destroyed, to read and to print; ``?format=pdf`` or ``json`` to keep."""
    row = get_object_or_404(Deletion, pk=pk, state=Deletion.State.DESTROYED)
    if request.GET.get("format") == "json":
        body = json.dumps(
            {"certificate": row.certificate, "signature": row.signature}, indent=2, ensure_ascii=False
        )
        response = HttpResponse(body, content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="deletion-{row.pk}.json"'
        return response
    if request.GET.get("format") == "pdf":
        response = HttpResponse(proof.pdf(row), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="deletion-{row.pk}.pdf"'
        return response
    context = {
        "deletion": row,
        "facts": proof.facts(row.certificate),
        "sections": proof.sections(row.certificate),
        "is_genuine": proof.is_genuine(row),
    }
    return show(request, "operator/certificate.html", "audit", context)
