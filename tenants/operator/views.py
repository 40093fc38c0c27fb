"""The operators' console: what is rented, what is in stock, what is being migrated (ASP-30). Read-only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_datetime

from tenants import addresses, migration, pool, provisioning
from tenants.models import (
    Domain,
    PoolSchema,
    Provisioning,
    SchemaMigrationRun,
    Tenant,
    TenantMigration,
    TenantState,
)
from tenants.operator.access import operator_page

PAGE_SIZE = 50
TONES: dict[str, str] = {
    TenantState.ACTIVE: "good",
    TenantState.TRIALING: "info",
    TenantState.PAST_DUE: "warn",
    TenantState.EXPIRED: "warn",
    TenantState.SUSPENDED: "bad",
    TenantState.FAILED: "bad",
    Provisioning.State.DONE: "good",
    SchemaMigrationRun.State.STOPPED: "bad",
    PoolSchema.State.READY: "good",
}


def _shown(tenant: Tenant) -> dict[str, Any]:
    """One row of the tenant list."""
    primary = next((domain for domain in tenant.domains.all() if domain.is_primary), None)
    return {
        "tenant": tenant,
        "slug": primary.slug or primary.domain if primary else "",
        "url": addresses.origin(primary.domain) + "/" if primary else "",
        "tone": TONES.get(tenant.state, ""),
        "users": tenant.usage.get("users"),
        "size": tenant.usage.get("database_bytes"),
        "last_seen_at": parse_datetime(tenant.usage.get("last_seen_at") or ""),
    }


@operator_page
def tenant_list(request: HttpRequest) -> HttpResponse:
    """All tenants, newest first; search by name, address or owner, filter by state."""
    query, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    tenants = Tenant.objects.prefetch_related(Prefetch("domains", Domain.objects.order_by("created_at")))
    if query:
        found = (
            Q(name__icontains=query) | Q(owner_email__icontains=query) | Q(domains__domain__icontains=query)
        )
        tenants = tenants.filter(found).distinct()
    if state in TenantState.values:
        tenants = tenants.filter(state=state)
    page = Paginator(tenants, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = dict(Tenant.objects.order_by().values_list("state").annotate(Count("pk")))
    states = [(value, label, counts.get(value, 0)) for value, label in TenantState.choices if value in counts]
    context = {
        "section": "tenants",
        "rows": [_shown(tenant) for tenant in page],
        "page": page,
        "query": query,
        "state": state,
        "states": states,
        "total": sum(counts.values()),
    }
    return render(request, "operator/tenants.html", context)


@operator_page
def tenant_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One tenant: facts, addresses, how it was made, its migrations."""
    tenant = get_object_or_404(Tenant.objects.prefetch_related("domains"), pk=pk)
    wish = Provisioning.objects.filter(tenant=tenant).first()
    behind = bool(migration.lagging_schemas([tenant.schema_name]))
    context = {
        "section": "tenants",
        "row": _shown(tenant),
        "tenant": tenant,
        "domains": tenant.domains.all(),
        "steps": wish.steps.all() if wish else [],
        "migrations": TenantMigration.objects.filter(tenant=tenant)
        .select_related("run")
        .order_by("-run__started_at")[:10],
        "behind": behind,
        "limits": sorted(tenant.entitlements.get("limits", {}).items()),
    }
    return render(request, "operator/tenant.html", context)


@operator_page
def platform(request: HttpRequest) -> HttpResponse:
    """Stock of ready workspaces, sign-ups under way or failed, and migration waves."""
    level = migration.current_level()
    open_states = [Provisioning.State.PENDING, Provisioning.State.RUNNING, Provisioning.State.FAILED]
    runs = SchemaMigrationRun.objects.annotate(
        done=Count("tenants", filter=Q(tenants__state="done")),
        failed=Count("tenants", filter=Q(tenants__state="failed")),
        total=Count("tenants"),
    )
    context = {
        "section": "platform",
        "level": level[:12],
        "ready": pool.ready_count(),
        "target": pool.target_size(),
        "outdated": PoolSchema.objects.filter(state=PoolSchema.State.READY).exclude(level=level).count(),
        "wishes": [
            {"wish": wish, "tone": TONES.get(wish.state, ""), "progress": provisioning.progress(wish)}
            for wish in Provisioning.objects.filter(state__in=open_states)[:50]
        ],
        "runs": [{"run": run, "tone": TONES.get(run.state, "")} for run in runs[:20]],
        "failures": TenantMigration.objects.filter(state=TenantMigration.State.FAILED)
        .select_related("tenant", "run")
        .order_by("-finished_at")[:20],
    }
    return render(request, "operator/platform.html", context)
