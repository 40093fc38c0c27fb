"""The webhook inbox on the operators' console: what the payment provider sent, and replay (ASP-30 Monitor)."""

from __future__ import annotations

import json

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.models import ProviderEvent
from billing.services import inbox, rehearsal
from tenants.operator import audit, navigation
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

PAGE_SIZE = 50
_TONES = {"done": "good", "failed": "bad", "orphan": "warn", "received": "info", "ignored": ""}
app_name = "inbox"


@operator_page
def event_list(request: OperatorRequest) -> HttpResponse:
    """Events, newest first, filtered by what became of them."""
    state = request.GET.get("state", "")
    rows = ProviderEvent.objects.select_related("tenant")
    if state in ProviderEvent.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = dict(ProviderEvent.objects.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "rows": [{"event": row, "tone": _TONES[row.state]} for row in page],
        "page": page,
        "state": state,
        "query": "",
        "states": [(value, label, counts.get(value, 0)) for value, label in ProviderEvent.State.choices],
        "total": sum(counts.values()),
        "disturbed": ", ".join(rehearsal.disturbances()),
    }
    return show(request, "saas/console/inbox.html", "inbox", context)


@operator_page(needs=Capability.MANAGE_MONEY)
def event_page(request: OperatorRequest, event_id: str) -> HttpResponse:
    """One event with what it carried."""
    row = get_object_or_404(ProviderEvent.objects.select_related("tenant"), pk=event_id)
    body = json.dumps(row.payload, indent=2, ensure_ascii=False, sort_keys=True)
    return show(
        request, "saas/console/event.html", "inbox", {"event": row, "tone": _TONES[row.state], "body": body}
    )


@operator_page(needs=Capability.MANAGE_MONEY)
@require_POST
def replay(request: OperatorRequest, event_id: str) -> HttpResponse:
    """Do again what an event asks for; doing it twice has one effect."""
    row = get_object_or_404(ProviderEvent, pk=event_id)
    state = inbox.replay(row.pk, by=request.operator.email)
    audit.record(request.operator.email, "webhook.replayed", row.tenant_id, event=row.pk, state=state)
    say(
        request,
        _("Replayed: %(state)s.")
        % {"state": ProviderEvent.State(state).label if state in ProviderEvent.State.values else state},
    )
    return redirect("inbox:events")


urlpatterns = [
    path("", event_list, name="events"),
    path("<str:event_id>/", event_page, name="event"),
    path("<str:event_id>/replay/", replay, name="replay"),
]


def register() -> None:
    """Add the page to the navigation."""
    navigation.register_section(
        navigation.Section("inbox", gettext_lazy("Webhooks"), "inbox:events", navigation.BILLING, order=50)
    )
