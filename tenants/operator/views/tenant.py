"""The page of one workspace: how it is, what can be done to it, what happened to it (ASP-30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from tenants import support
from tenants.entitlements import limit
from tenants.models import (
    Backup,
    Deletion,
    Operation,
    OperatorAudit,
    OwnerNotice,
    Provisioning,
    ProvisioningStep,
    Tenant,
    TenantMigration,
)
from tenants.operator import audit_words, registry, wording
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Approval
from tenants.operator.pages import show
from tenants.operator.services.tenant_rows import rows_of, with_sandboxes

#: Backups shown without asking: a week of daily ones.
NEWEST = 7


@operator_page
def tenant_page(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """One tenant: facts, what can be done, what it uses, who went in, then its history."""
    tenant = get_object_or_404(Tenant.objects.prefetch_related("domains"), pk=pk)
    panels = [(panel, panel.context(tenant)) for panel in registry.panels_for(request.operator)]
    acts = registry.acts_for(request.operator, tenant)
    context = {
        "row": rows_of([tenant])[0],
        "tenant": tenant,
        "country": wording.country_name(tenant.country),
        "language_name": wording.language_name(tenant.language),
        "marks": registry.marks([tenant]).get(tenant.pk, []),
        "sandboxes": rows_of(with_sandboxes([tenant])[1:]),
        "acts": [act for act in acts if act.is_first],
        "menu": registry.menu_of(acts),
        "approvals": [(row, registry.act(row.act).label) for row in _waiting(tenant)],
        "panels": [(panel, values) for panel, values in panels if values is not None],
        "grant": support.open_grant(tenant),
        "support_events": [
            (event, wording.SUPPORT_ACTS.get(event.act, event.act)) for event in support.events(tenant, 20)
        ],
        "limits": _limits(tenant),
        "domains": tenant.domains.all(),
        **_history(tenant),
    }
    return show(request, "operator/tenant.html", "tenants", context)


def _history(tenant: Tenant) -> dict[str, Any]:
    """What was done with the workspace and to it, newest first."""
    backups = list(Backup.objects.filter(tenant=tenant)[:40])
    wish = Provisioning.objects.filter(tenant=tenant).first()
    return {
        "deletions": list(Deletion.objects.filter(tenant=tenant)),
        "operations": list(Operation.objects.filter(tenant=tenant)[:7]),
        "backups": backups,
        "newest_backups": backups[:NEWEST],
        "older_backups": backups[NEWEST:],
        "notices": list(OwnerNotice.objects.filter(tenant=tenant)[:10]),
        "audit": [
            (row, audit_words.act_words(row.act))
            for row in OperatorAudit.objects.filter(tenant_id=tenant.pk)[:12]
        ],
        "steps": [shown_step(step) for step in wish.steps.all()] if wish else [],
        "migrations": list(
            TenantMigration.objects.filter(tenant=tenant)
            .select_related("run")
            .order_by("-run__started_at")[:10]
        ),
    }


def shown_step(step: ProvisioningStep) -> dict[str, Any]:
    """A line of the journal of a workspace's making, in words."""
    state, tone = wording.STEP_STATES.get(step.state, (step.state, ""))
    return {"name": wording.step_name(step.name), "state": state, "tone": tone, "row": step}


def _waiting(tenant: Tenant) -> QuerySet[Approval]:
    """What waits for a second operator."""
    rows = Approval.objects.filter(tenant=tenant, state=Approval.State.PENDING)
    return rows.select_related("requested_by__user")


def _limits(tenant: Tenant) -> list[tuple[str, str]]:
    """(name, value as people read it) of every limit that counts for the workspace."""
    return [
        (wording.limit_name(name), wording.limit_value(name, limit(tenant, name))) for name in wording.LIMITS
    ]
