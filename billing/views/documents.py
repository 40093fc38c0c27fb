"""Invoices and credit notes as PDF; a document of another tenant does not exist."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from billing.models import CreditNote, Invoice
from billing.providers import provider_named
from billing.services.purchase import told
from billing.views.access import administrators_only
from tenants.models import Tenant


@require_safe
@administrators_only
def invoice(request: HttpRequest, tenant: Tenant, invoice_id: UUID) -> HttpResponse:
    """The PDF, or the provider's address of it."""
    found = Invoice.objects.filter(pk=invoice_id, tenant=tenant).exclude(number="").first()
    if found is None:
        raise Http404
    return answer(found.provider, found.provider_id, found.number, found.document_url)


@require_safe
@administrators_only
def credit_note(request: HttpRequest, tenant: Tenant, note_id: UUID) -> HttpResponse:
    """The PDF, or the provider's address of it."""
    found = CreditNote.objects.filter(pk=note_id, invoice__tenant=tenant).select_related("invoice").first()
    if found is None:
        raise Http404
    return answer(found.invoice.provider, found.provider_id, found.number, found.document_url)


def answer(provider: str, document_id: str, number: str, url: str) -> HttpResponse:
    """The document for a download, whoever asks for it. The operators' console uses this too."""
    with told():
        pdf = provider_named(provider).document(document_id)
    if pdf is None:
        if not url:
            raise Http404
        return HttpResponseRedirect(url)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{number}.pdf"'
    return response
