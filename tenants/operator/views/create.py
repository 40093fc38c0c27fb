"""A workspace made by an operator: as sign-up does, without confirming the address (ASP-30 Create)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants import countries, jobs, provisioning, tasks
from tenants.errors import TenantRefusal
from tenants.operator import audit, plan_names
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show
from tenants.operator.registry import ReasonForm
from tenants.plain_select import PlainSelect

_USUAL = gettext_lazy("As usual in the country")


def _choice(label: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, widget=PlainSelect, **kwargs)


class CreateForm(ReasonForm):
    """What sign-up asks, and own terms: any plan, any length of trial."""

    name = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    slug = forms.CharField(
        label=gettext_lazy("Sub-domain"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    owner_name = forms.CharField(label=gettext_lazy("Owner's name"), max_length=160)
    owner_email = forms.EmailField(label=gettext_lazy("Owner's e-mail"), max_length=254)
    country = _choice(gettext_lazy("Country"), initial="DE")
    language = _choice(gettext_lazy("Language"), required=False)
    currency = _choice(gettext_lazy("Currency"), required=False)
    time_zone = _choice(gettext_lazy("Time zone"), required=False)
    plan_code = forms.ChoiceField(label=gettext_lazy("Plan"), choices=plan_names.priced)
    trial_days = forms.IntegerField(
        label=gettext_lazy("Days of trial"), min_value=1, max_value=365, initial=30
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (get_language() or "en")[:2]
        listed = countries.countries(language)
        names, usual = dict(listed), ("", _USUAL)
        frequent = [(code, names[code]) for code in countries.FREQUENT_COUNTRIES]
        offered: dict[str, list[tuple[Any, Any]]] = {
            "country": [(_("Frequent"), frequent), (_("All"), list(listed))],
            "language": [
                usual,
                *((code, countries.LANGUAGE_NAMES[code]) for code in countries.WORKSPACE_LANGUAGES),
            ],
            "currency": [usual, *countries.currencies(language)],
            "time_zone": [usual, *((zone, zone.replace("_", " ")) for zone in countries.time_zones())],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def wish(self) -> dict[str, Any]:
        """The valid form but the reason; what was left to the country is filled in."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        usual = countries.usual(data["country"])
        for name in ("language", "currency", "time_zone"):
            data[name] = data[name] or getattr(usual, name)
        return data

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings, for the template."""
        parts = (
            (_("Customer"), ("name", "slug", "owner_name", "owner_email")),
            (_("Country and language"), ("country", "language", "currency", "time_zone")),
            (_("Terms"), ("plan_code", "trial_days")),
        )
        return [(heading, [self[name] for name in names]) for heading, names in parts]


@operator_page(needs=Capability.MANAGE_TENANTS)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: OperatorRequest) -> HttpResponse:
    """The form; posting it starts the provisioning and shows its progress."""
    form, status = CreateForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.wish()
            try:
                wish = provisioning.request_workspace(data, key=f"operator:{uuid4()}")
            except TenantRefusal as error:
                form.add_error("slug", str(error.message))
                status = error.status
            else:
                audit.record(
                    request.operator.email,
                    "tenant.requested",
                    reason=form.cleaned_data["reason"],
                    slug=wish.slug,
                    plan=data["plan_code"],
                )
                jobs.wake(tasks.provision, str(wish.pk))
                say(request, _("“%(slug)s” is being prepared.") % {"slug": wish.slug})
                return redirect("operator:sign_up", pk=wish.pk)
    return show(request, "operator/create.html", "tenants", {"form": form}, status)
