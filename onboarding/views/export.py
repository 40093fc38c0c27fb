"""Everything a workspace has, to take away: the one archive, in every state and without a fee (ASP-40.4).

The same export as under Settings; this page is what is left of it when the workspace is canceled.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from crm_core.exchange.exporting import archives
from crm_core.metadata import workspace
from crm_core.metadata.errors import Conflict
from crm_core.security.actor import Actor, actor_for_login


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Shows the last archive; `POST` starts a new one. Administrators only."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), "/login/")
    workspace.begin()
    actor = actor_for_login(request.user.pk, "screen")
    if actor is None or not actor.is_administrator:
        return render(request, "billing/administrators_only.html", status=403)
    if request.method == "POST":
        with suppress(Conflict):  # one is being written: the page shows it
            archives.start({}, actor)
        return redirect("/billing/export/")
    return render(request, "onboarding/export.html", shown(actor))


def shown(actor: Actor) -> dict[str, Any]:
    """What the page says: the archive to download, whether one is being written, whether the last one failed."""
    newest, made = archives.latest(actor)
    return {
        "made": made,
        "url": archives.link(made, actor) if made else None,
        "writing": newest if newest and newest.state in archives.ACTIVE else None,
        "failed": newest if newest and newest.state == "failed" else None,
    }
