"""Migration waves on the console: start, watch, pause, go on, try again (ASP-30 Upgrade)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants import migration, wave_runs, waves
from tenants.errors import TenantRefusal
from tenants.models import SchemaMigrationRun, Tenant, TenantMigration, TenantState
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.errors import Refused
from tenants.operator.models import Capability
from tenants.operator.pages import TONES, say, show
from tenants.operator.services import wave_control

PAGE_SIZE = 100
GROUPS = {
    0: gettext_lazy("Canary group"),
    1: gettext_lazy("First tenth"),
    2: gettext_lazy("All others"),
}


class WaveForm(forms.Form):
    """When a wave begins, and who is told."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("From (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Empty means now."),
    )
    hold_after_canary = forms.BooleanField(
        label=gettext_lazy("Pause after the canary group"), required=False, initial=True
    )
    announce_minutes = forms.IntegerField(
        label=gettext_lazy("Announce a maintenance of so many minutes"),
        required=False,
        min_value=1,
        max_value=24 * 60,
        help_text=gettext_lazy(
            "Administrators of the workspaces concerned and the status page are told. Empty means nobody is told."
        ),
    )

    def clean_starts_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["starts_at"]
        if at is not None and not timezone.now() < at <= timezone.now() + timedelta(days=31):
            raise forms.ValidationError(_("Choose a time within the next month."))
        return at


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: OperatorRequest) -> HttpResponse:
    """The form; posting it plans the wave and has a worker begin."""
    form, status = WaveForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values: dict[str, Any] = form.cleaned_data
            try:
                run = waves.plan(
                    request.operator.email,
                    starts_at=values["starts_at"],
                    hold_after_canary=values["hold_after_canary"],
                    announce_minutes=values["announce_minutes"] or 0,
                )
            except TenantRefusal as error:
                form.add_error(None, str(error.message))
                status = error.status
            else:
                say(request, _("The wave is planned.") if run.starts_at else _("The wave begins."))
                return redirect("operator:wave", pk=run.pk)
    tenants = list(Tenant.objects.exclude(state__in=[TenantState.DELETED, TenantState.PROVISIONING]))
    lagging = migration.missing_migrations([tenant.schema_name for tenant in tenants])
    behind = [tenant for tenant in tenants if tenant.schema_name in lagging]
    context = {
        "form": form,
        "behind": len(behind),
        "canaries": [tenant for tenant in behind if wave_runs.CANARY_FLAG in tenant.flags],
        "flag": wave_runs.CANARY_FLAG,
    }
    return show(request, "operator/wave_form.html", "platform", context, status)


@operator_page
@require_safe
def wave(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """One run: how far it is, and a row per workspace."""
    return _page(request, pk)


def _page(request: OperatorRequest, pk: UUID, status: int = 200) -> HttpResponse:
    run = get_object_or_404(SchemaMigrationRun.objects.select_related("announcement"), pk=pk)
    counts = dict(run.tenants.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("state", "")
    rows = run.tenants.select_related("tenant").order_by("wave", "id")
    if state in TenantMigration.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    is_current = run.target == migration.current_level()
    total, ended = sum(counts.values()), counts.get("done", 0) + counts.get("failed", 0)
    context = {
        "run": run,
        "tone": TONES.get(run.state, "info"),
        "level": run.target[:12],
        "is_current": is_current,
        "total": total,
        "percent": ended * 100 // total if total else 100,
        "failed": counts.get("failed", 0),
        "states": [(value, label, counts.get(value, 0)) for value, label in TenantMigration.State.choices],
        "rows": [
            {"row": row, "group": GROUPS[row.wave], "tone": TONES.get(row.state, ""), "took": _seconds(row)}
            for row in page
        ],
        "page": page,
        "state": state,
        "query": "",
        "may": is_current and request.operator.can(Capability.MANAGE_PLATFORM),
    }
    return show(request, "operator/wave.html", "platform", context, status)


def _seconds(row: TenantMigration) -> str:
    if row.started_at is None or row.finished_at is None:
        return ""
    return f"{(row.finished_at - row.started_at).total_seconds():.1f}"


_CONTROLS: dict[str, Callable[[str, UUID], Any]] = {
    "pause": wave_control.pause,
    "go-on": lambda by, pk: wave_control.go_on(by, pk, retry_failed=False),
    "retry": lambda by, pk: wave_control.go_on(by, pk, retry_failed=True),
    "call-off": wave_control.call_off,
}


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def control(request: OperatorRequest, pk: UUID, act: str) -> HttpResponse:
    """Pause, go on, go on with another try of what failed, call off."""
    if act not in _CONTROLS:
        raise Http404
    words = {
        "pause": _("Paused. The workspace under way is finished."),
        "go-on": _("The wave goes on."),
        "retry": _("What failed is tried again."),
        "call-off": _("Called off."),
    }
    return _do(request, pk, lambda: _CONTROLS[act](request.operator.email, pk), words[act])


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def retry(request: OperatorRequest, pk: UUID, row: UUID) -> HttpResponse:
    """Try one failed workspace again."""
    word = _("It is tried again, at the latest when the wave goes on.")
    return _do(request, pk, lambda: wave_control.retry(request.operator.email, pk, row), word)


def _do(request: OperatorRequest, pk: UUID, act: Callable[[], Any], word: str) -> HttpResponse:
    try:
        act()
    except Refused as error:
        say(request, error.message)
        return _page(request, pk, error.status)
    say(request, word)
    return redirect("operator:wave", pk=pk)
