"""Stock of ready workspaces and sign-ups under way (ASP-30, ASP-10.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tenants import jobs, migration, pool, provisioning, tasks, waves
from tenants.errors import TenantRefusal
from tenants.models import PoolSchema, PoolTarget, Provisioning, SchemaMigrationRun, Tenant, TenantState
from tenants.operator import audit, plan_names, wording
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import TONES, say, show

LAGGING_SHOWN = 50


class TargetForm(forms.Form):
    """How many ready workspaces to keep."""

    size = forms.IntegerField(
        label=gettext_lazy("Keep in stock"), min_value=0, max_value=pool.MOST, required=True
    )


@operator_page
@require_safe
def platform(request: OperatorRequest) -> HttpResponse:
    """Stock, level of the workspaces, waves, sign-ups under way or failed."""
    return _page(request, TargetForm(initial={"size": pool.target_size()}))


def _page(request: OperatorRequest, form: TargetForm, status: int = 200) -> HttpResponse:
    level = migration.current_level()
    open_states = [Provisioning.State.PENDING, Provisioning.State.RUNNING, Provisioning.State.FAILED]
    runs = SchemaMigrationRun.objects.annotate(
        done=Count("tenants", filter=Q(tenants__state="done")),
        failed=Count("tenants", filter=Q(tenants__state="failed")),
        total=Count("tenants"),
    ).order_by("-started_at")
    tenants = list(Tenant.objects.exclude(state__in=[TenantState.DELETED, TenantState.PROVISIONING]))
    behind = migration.missing_migrations([tenant.schema_name for tenant in tenants])
    lagging = [(t, behind[t.schema_name]) for t in tenants if t.schema_name in behind]
    context = {
        "level": level[:12],
        "form": form,
        "ready": pool.ready_count(),
        "target": pool.target_size(),
        "chosen": PoolTarget.objects.first(),
        "outdated": PoolSchema.objects.filter(state=PoolSchema.State.READY)
        .exclude(level=pool.level())
        .count(),
        "building": PoolSchema.objects.filter(state=PoolSchema.State.BUILDING).count(),
        "up_to_date": len(tenants) - len(lagging),
        "workspaces": len(tenants),
        "lagging": lagging[:LAGGING_SHOWN],
        "lagging_count": len(lagging),
        "open_run": waves.open_run(),
        "wishes": [
            {"wish": wish, "tone": TONES.get(wish.state, "info"), "progress": _progress(wish)}
            for wish in Provisioning.objects.filter(state__in=open_states)[:50]
        ],
        "finished": Provisioning.objects.exclude(state__in=open_states).select_related("tenant")[:10],
        "runs": [{"run": run, "tone": TONES.get(run.state, "info")} for run in runs[:20]],
    }
    return show(request, "operator/platform.html", "platform", context, status)


def _progress(wish: Provisioning) -> list[tuple[str, str, str, Any]]:
    """(step, its name, its state, the state's name) in order."""
    return [
        (key, wording.step_name(key), state, wording.STEP_STATES[state][0])
        for key, state in provisioning.progress(wish)
    ]


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def set_target(request: OperatorRequest) -> HttpResponse:
    """Keep another number of ready workspaces; builds what is missing at once."""
    form = TargetForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    pool.set_target(form.cleaned_data["size"], request.operator.email)
    jobs.wake(tasks.fill_pool)
    say(request, _("%(size)s workspaces are kept ready from now on.") % form.cleaned_data)
    return redirect("operator:platform")


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def refill(request: OperatorRequest) -> HttpResponse:
    """Have a worker fill the stock now."""
    audit.record(request.operator.email, "pool.refilled", ready=pool.ready_count())
    jobs.wake(tasks.fill_pool)
    say(request, _("A worker fills the stock now."))
    return redirect("operator:platform")


@operator_page
@require_safe
def sign_up(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """The journal of one workspace's making."""
    wish = get_object_or_404(Provisioning.objects.select_related("tenant"), pk=pk)
    written = {step.name: step for step in wish.steps.all()}
    context = {
        "wish": wish,
        "tone": TONES.get(wish.state, "info"),
        "steps": [(*words, written.get(words[0])) for words in _progress(wish)],
        "is_failed": wish.state == Provisioning.State.FAILED,
        "most": provisioning.MAX_ATTEMPTS,
        "owner": wish.request_data.get("owner_email", ""),
        "plan": plan_names.by_code().get(wish.request_data.get("plan_code", ""), ""),
    }
    return show(request, "operator/sign_up.html", "platform", context)


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def retry_sign_up(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """Let a failed one go on behind the steps that are done."""
    get_object_or_404(Provisioning, pk=pk)
    try:
        wish = provisioning.retry(pk, request.operator.email)
    except TenantRefusal as error:
        say(request, error.message)
        response = sign_up(request, pk)
        response.status_code = error.status
        return response
    jobs.wake(tasks.provision, str(wish.pk))
    say(request, _("“%(slug)s” is tried again.") % {"slug": wish.slug})
    return redirect("operator:sign_up", pk=pk)
