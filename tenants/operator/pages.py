"""What all pages of the console share: navigation, the word after an act, tones of states."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenants.models import Operation, PoolSchema, Provisioning, SchemaMigrationRun, Tenant, TenantState
from tenants.operator import navigation
from tenants.operator.access import OperatorRequest
from tenants.operator.models import Approval
from tenants.operator.models.operator import GRANTED

_FLASH = "_operator_word"

TONES: dict[str, str] = {
    TenantState.ACTIVE: "good",
    TenantState.TRIALING: "info",
    TenantState.PAST_DUE: "warn",
    TenantState.EXPIRED: "warn",
    TenantState.SUSPENDED: "bad",
    TenantState.DELETED: "bad",
    TenantState.FAILED: "bad",
    Provisioning.State.DONE: "good",
    SchemaMigrationRun.State.STOPPED: "bad",
    SchemaMigrationRun.State.PAUSED: "warn",
    PoolSchema.State.READY: "good",
    Operation.State.RUNNING: "info",
    Approval.State.APPROVED: "good",
    Approval.State.PENDING: "warn",
}


def show(
    request: OperatorRequest | HttpRequest,
    template: str,
    section: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Render a page of the console inside its frame; ``section`` is the one marked in the navigation."""
    operator = request.operator  # type: ignore[union-attr]
    frame = {
        "section": section,
        "operator": operator,
        "capabilities": GRANTED.get(operator.role, frozenset()),
        "navigation": navigation.groups_for(operator),
        "section_label": navigation.label_of(section),
        "word": request.session.pop(_FLASH, ""),
        "pending_approvals": Approval.objects.filter(state=Approval.State.PENDING).count(),
    }
    return render(request, template, {**frame, **context}, status=status)


def say(request: HttpRequest, text: object) -> None:
    """Show ``text`` on the next page."""
    request.session[_FLASH] = str(text)


def state_label(tenant: Tenant) -> str:
    """The state people see: what the workspace acts as."""
    if tenant.deletion_due_at is not None and tenant.state != TenantState.DELETED:
        from django.utils.translation import gettext

        return gettext("Being deleted")
    return str(TenantState(tenant.acting_state).label)
