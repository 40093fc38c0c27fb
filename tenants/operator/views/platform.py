"""Stock of ready workspaces, sign-ups under way, migration waves (ASP-30 Upgrade)."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse

from tenants import migration, pool, provisioning
from tenants.models import PoolSchema, Provisioning, SchemaMigrationRun, TenantMigration
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.pages import TONES, show


@operator_page
def platform(request: OperatorRequest) -> HttpResponse:
    """Stock of ready workspaces, sign-ups under way or failed, and migration waves."""
    level = migration.current_level()
    open_states = [Provisioning.State.PENDING, Provisioning.State.RUNNING, Provisioning.State.FAILED]
    runs = SchemaMigrationRun.objects.annotate(
        done=Count("tenants", filter=Q(tenants__state="done")),
        failed=Count("tenants", filter=Q(tenants__state="failed")),
        total=Count("tenants"),
    )
    context = {
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
    return show(request, "operator/platform.html", "platform", context)
