"""The operators' audit and the proofs of deletion (ASP-30 Audit, ASP-40.5)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.lifecycle import certificate as proof
from tenants.models import Deletion, OperatorAudit, Tenant
from tenants.operator import audit, audit_words
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Operator
from tenants.operator.pages import show

PAGE_SIZE = 50


class FilterForm(forms.Form):
    """What to show; all of it where nothing is chosen. Moments are days of UTC."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": gettext_lazy("Workspace, operator, reason")}
        ),
    )
    operator = forms.ChoiceField(label=gettext_lazy("Operator"), required=False)
    act = forms.ChoiceField(label=gettext_lazy("Act"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        emails = Operator.objects.order_by("user__email").values_list("user__email", flat=True)
        offered = {
            "operator": [
                ("", _("All operators")),
                *((email, email) for email in emails),
                (audit.SYSTEM, _("System")),
            ],
            "act": [("", _("All acts")), *audit_words.named_acts()],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def found(self) -> QuerySet[OperatorAudit]:
        """The rows that match every filter that is in order; one that is not is told at its field."""
        self.is_valid()
        wanted, rows = self.cleaned_data, OperatorAudit.objects.all()
        if email := wanted.get("operator"):
            rows = rows.filter(operator_email=email)
        if act := wanted.get("act"):  # with what was asked for, approved or turned down of it
            rows = rows.filter(Q(act=act) | Q(act__startswith=f"{act}."))
        if since := wanted.get("since"):
            rows = rows.filter(at__gte=datetime.combine(since, time(), UTC))
        if until := wanted.get("until"):
            rows = rows.filter(at__lt=datetime.combine(until, time(), UTC) + timedelta(days=1))
        return rows.filter(_matching(wanted["q"])) if wanted.get("q") else rows


def _matching(query: str) -> Q:
    try:
        return Q(tenant_id=UUID(query))
    except ValueError:
        named = Tenant.objects.filter(name__icontains=query).values("pk")
        words = Q(operator_email__icontains=query) | Q(act__icontains=query) | Q(reason__icontains=query)
        return words | Q(tenant_id__in=named)


@operator_page
def audit_list(request: OperatorRequest) -> HttpResponse:
    """Every act, newest first, with what it changed; filtered by operator, act, time, workspace and words."""
    form = FilterForm(request.GET)
    page = Paginator(form.found(), PAGE_SIZE).get_page(request.GET.get("page"))
    names = dict(
        Tenant.objects.filter(pk__in={row.tenant_id for row in page if row.tenant_id}).values_list(
            "pk", "name"
        )
    )
    shown = [
        {
            "row": row,
            "act": audit_words.act_words(row.act),
            "tenant": names.get(row.tenant_id),
            "facts": audit_words.facts(row),
        }
        for row in page
    ]
    return show(request, "operator/audit.html", "audit", {"rows": shown, "page": page, "form": form})


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
