"""An announcement by mail: what it says, how many it reaches, and sending it (ASP-30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tenants import announcement_mails, announcements
from tenants.errors import TenantRefusal
from tenants.models import Announcement, Tenant
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show


@operator_page(needs=Capability.ANNOUNCE)
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """The mail as it will arrive and whom it reaches; posting sends it to whoever has not got it."""
    row = get_object_or_404(Announcement, pk=pk)
    if request.method == "POST":
        try:
            count = announcement_mails.send(row, request.operator.email)
        except TenantRefusal as refusal:
            say(request, refusal.message)
        else:
            words = ngettext("Being sent to %(n)s workspace.", "Being sent to %(n)s workspaces.", count)
            say(request, words % {"n": count} if count else _("Everybody it is for has got it already."))
        return redirect("operator:announcement", pk=pk)
    context = {
        "row": row,
        "title": row.title("en"),
        "reach": announcement_mails.reach(row),
        "can_opt_out": announcement_mails.can_opt_out(row),
        "is_over": row.state() == "over",
        "samples": _samples(row),
    }
    return show(request, "operator/announcement_mail.html", "announcements", context)


def _samples(row: Announcement) -> list[dict[str, Any]]:
    """The mail in each language it was written in, as the first workspace it is for would get it."""
    meant = announcements.tenants_of(row.audience)
    tenant = meant[0] if meant else Tenant.objects.order_by("created_at").first()
    if tenant is None:
        return []
    names, samples = dict(settings.LANGUAGES), []
    for language in [code for code in names if code in row.texts]:
        subject, body = announcement_mails.text(row, tenant, language, None)
        samples.append({"language": names[language], "subject": subject, "body": body})
    return samples
