"""The page of one act, and the work-list of acts that wait for a second operator (ASP-30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants import support
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tenants.operator import audit, registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.errors import Refused
from tenants.operator.models import Approval, Capability
from tenants.operator.pages import TONES, say, show, state_label
from tenants.operator.services import approvals, performing
from tenants.operator.views.tenant import tenant_page


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def act_page(request: OperatorRequest, pk: UUID, name: str) -> HttpResponse:
    """The form of an act; posting it does the act, or asks a second operator."""
    tenant = get_object_or_404(Tenant.objects.prefetch_related("domains"), pk=pk)
    try:
        act = registry.act(name)
    except KeyError:
        raise Http404 from None
    if not request.operator.can(act.needs):
        raise PermissionDenied
    if request.method == "POST":
        form, status = act.form(tenant, request.POST, request.FILES), 422
        if form.is_valid():
            try:
                asked = performing.perform(
                    request.operator, act, tenant, form.values(), form.cleaned_data["reason"]
                )
            except Refused as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = error.status
            else:
                say(request, _told(act, asked is not None) % {"act": act.label})
                return redirect("operator:tenant", pk=tenant.pk)
    else:
        if not act.is_possible(tenant):
            return redirect("operator:tenant", pk=tenant.pk)
        form, status = act.form(tenant), 200
    context = {
        "act": act,
        "form": form,
        "tenant": tenant,
        "state": state_label(tenant),
        "tone": TONES.get(tenant.acting_state, ""),
    }
    return show(request, "operator/act.html", "tenants", context, status)


def _told(act: registry.Act, is_asked: bool) -> str:
    """What happened now that the form was sent."""
    if is_asked:
        return _("A second operator has to approve “%(act)s” now.")
    return (
        _("Started: %(act)s. How far it is stands under Operations.") if act.is_long else _("Done: %(act)s.")
    )


@operator_page
def approval_list(request: OperatorRequest) -> HttpResponse:
    """What waits for a second operator, and what was decided lately."""
    approvals.expire()
    rows = Approval.objects.select_related("tenant", "requested_by__user", "decided_by__user")
    waiting = [
        {
            **_about(row),
            "values": _shown_values(row),
            "is_own": row.requested_by_id == request.operator.pk,
            "may": request.operator.can(_act_of(row).needs),
        }
        for row in rows.filter(state=Approval.State.PENDING)
    ]
    decided = [
        {**_about(row), "tone": TONES.get(row.state, "")}
        for row in rows.exclude(state=Approval.State.PENDING)[:50]
    ]
    return show(request, "operator/approvals.html", "approvals", {"waiting": waiting, "decided": decided})


def _act_of(row: Approval) -> registry.Act | registry.InstallationAct:
    return registry.act(row.act) if row.tenant_id else registry.installation_act(row.act)


def _about(row: Approval) -> dict[str, Any]:
    """The request, its act, and what it is about: a workspace, or something of the installation."""
    if row.tenant is not None:
        title, url = row.tenant.name, reverse("operator:tenant", args=[row.tenant.pk])
    else:
        subject = registry.installation_act(row.act).subject(row.values)
        title, url = subject.title, subject.url
    return {"approval": row, "act": _act_of(row), "title": title, "url": url}


def _shown_values(row: Approval) -> list[tuple[registry.Words, Any]]:
    if row.tenant is not None:
        return registry.act(row.act).shown_values(row.tenant, row.values)
    return registry.installation_act(row.act).shown(row.values)


@operator_page
@require_POST
def decide(request: OperatorRequest, pk: UUID, decision: str) -> HttpResponse:
    """Approve, turn down or withdraw a waiting act."""
    row = get_object_or_404(Approval, pk=pk)
    if not request.operator.can(_act_of(row).needs):
        raise PermissionDenied
    try:
        if decision == "approve":
            performing.approve(request.operator, row.pk)
            say(request, _("Approved and done."))
        else:
            approvals.turn_down(request.operator, row.pk)
            say(request, _("Turned down. Nothing was done."))
    except Refused as error:
        say(request, error.message)
        response = approval_list(request)
        response.status_code = error.status
        return response
    return redirect("operator:approvals")


@operator_page(needs=Capability.ENTER_WORKSPACES)
@require_POST
def enter(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """Go into a workspace whose administrator agreed; without consent 403 and nothing is made."""
    tenant = get_object_or_404(Tenant, pk=pk)
    try:
        grant, address = support.mint_link(tenant, request.operator.email)
    except TenantRefusal as error:
        audit.record(request.operator.email, "support.refused", tenant, code=error.code)
        say(request, error.message)
        response = tenant_page(request, pk)
        response.status_code = error.status
        return response
    facts = {"grant": str(grant.pk), "granted_by": grant.granted_by, "may_write": grant.may_write}
    audit.record(request.operator.email, "support.entered", tenant, reason=grant.note, **facts)
    return redirect(address)
