"""A workspace made by an operator: as sign-up does, without confirming the address (ASP-30 Create)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenants import jobs, provisioning, tasks
from tenants.errors import TenantRefusal
from tenants.operator import audit, plan_names
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

_CODE = r"^[A-Z]{%d}$"


class CreateForm(forms.Form):
    """What sign-up asks, and own terms: any plan, any length of trial."""

    name = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    slug = forms.CharField(label=gettext_lazy("Sub-domain"), max_length=40)
    owner_name = forms.CharField(label=gettext_lazy("Owner's name"), max_length=160)
    owner_email = forms.EmailField(label=gettext_lazy("Owner's e-mail"), max_length=254)
    country = forms.RegexField(label=gettext_lazy("Country (two letters)"), regex=_CODE % 2, initial="DE")
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    currency = forms.RegexField(
        label=gettext_lazy("Currency (three letters)"), regex=_CODE % 3, initial="EUR"
    )
    time_zone = forms.CharField(label=gettext_lazy("Time zone"), initial="Europe/Berlin", max_length=64)
    plan_code = forms.ChoiceField(label=gettext_lazy("Plan"), choices=plan_names.priced)
    trial_days = forms.IntegerField(
        label=gettext_lazy("Days of trial"), min_value=1, max_value=365, initial=30
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), min_length=5, max_length=500)

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone."))
        return zone


@operator_page(needs=Capability.MANAGE_TENANTS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: OperatorRequest) -> HttpResponse:
    """The form; posting it starts the provisioning and shows its progress."""
    form, status = CreateForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data: dict[str, Any] = dict(form.cleaned_data)
            reason = data.pop("reason")
            try:
                wish = provisioning.request_workspace(data, key=f"operator:{uuid4()}")
            except TenantRefusal as error:
                form.add_error("slug", str(error.message))
                status = error.status
            else:
                audit.record(
                    request.operator.email,
                    "tenant.requested",
                    reason=reason,
                    slug=wish.slug,
                    plan=data["plan_code"],
                )
                jobs.wake(tasks.provision, str(wish.pk))
                say(request, _("“%(slug)s” is being prepared.") % {"slug": wish.slug})
                return redirect("operator:platform")
    return show(request, "operator/create.html", "tenants", {"form": form}, status)
