"""Everything a workspace has, to take away: a table per object, in every state and without a fee (ASP-40.4)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from crm_core.exchange.exporting import exports
from crm_core.metadata import registry, workspace
from crm_core.records import files
from crm_core.records.models import Job
from crm_core.security.actor import Actor, actor_for_login
from tenants.entitlements import effective_state
from tenants.models import Tenant

SHOWN = 30


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Lists what was prepared; `POST` prepares a CSV of every object. Administrators only."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), "/login/")
    workspace.begin()
    actor = actor_for_login(request.user.pk, "screen")
    if actor is None or not actor.is_administrator:
        return render(request, "billing/administrators_only.html", status=403)
    if request.method == "POST":
        prepare(actor)
        return redirect("/billing/export/")
    return render(request, "onboarding/export.html", {**prepared(actor), "state": _state(request)})


def _state(request: HttpRequest) -> str:
    tenant: Tenant = request.tenant  # type: ignore[attr-defined]
    return effective_state(tenant)


def prepare(actor: Actor) -> list[Job]:
    """Start an export of every object that can be exported; small ones are ready at once."""
    found = [e for e in registry.all() if not e.internal and e.has("export") and actor.depth(e, "export")]
    return [exports.start(entity, {"format": "csv", "with_ids": True}, actor) for entity in found]


def prepared(actor: Actor) -> dict[str, Any]:
    """The newest export of each object by this person, and whether some are still being written."""
    newest: dict[str, Job] = {}
    jobs = Job.objects.filter(kind="export", created_by=actor.user_id).select_related("file")
    for job in jobs.order_by("-created_at")[: SHOWN * 4]:
        newest.setdefault(job.object or "", job)
    rows = [
        {"job": job, "url": files.link(job.file.pk) if job.file else None}
        for job in sorted(newest.values(), key=lambda job: job.label)
    ]
    return {"rows": rows, "waiting": any(job.state in ("queued", "running") for job in newest.values())}
