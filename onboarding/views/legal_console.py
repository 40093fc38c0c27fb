"""Legal texts on the operators' console: which version who accepted, and the list of sub-processors (ASP-40.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.models import SubProcessor
from onboarding.services import legal, subprocessors
from tenants.addresses import public_url
from tenants.errors import TenantRefusal
from tenants.operator import audit
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

_LONGEST = timedelta(days=366)


class DayForm(forms.Form):
    """A day within a year."""

    def _near(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if abs(day - timezone.localdate()) > _LONGEST:
            raise forms.ValidationError(_("Choose a day within a year."))
        return day


class NameForm(DayForm):
    """Who, for what, where, from when."""

    name = forms.CharField(label=gettext_lazy("Company"), max_length=160)
    purpose_en = forms.CharField(label=gettext_lazy("What for (English)"), max_length=300)
    purpose_de = forms.CharField(
        label=gettext_lazy("What for (German)"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Left empty, people read the English text."),
    )
    location = forms.CharField(
        label=gettext_lazy("Place and country of processing"),
        max_length=120,
        help_text=gettext_lazy("Outside the European Economic Area also on which ground (Art. 44 ff. GDPR)."),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_starts_on(self) -> Any:
        return self._near("starts_on")

    def purpose(self) -> dict[str, str]:
        """By language."""
        found = {code: self.cleaned_data[f"purpose_{code}"].strip() for code in ("en", "de")}
        return {code: text for code, text in found.items() if text}


class EndForm(DayForm):
    """The last day."""

    ends_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))

    def clean_ends_on(self) -> Any:
        return self._near("ends_on")


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def legal_page(request: OperatorRequest) -> HttpResponse:
    """Texts with who accepted them, sub-processors, and the form for another one."""
    may = request.operator.can(Capability.MANAGE_PLATFORM)
    form = NameForm(
        request.POST if request.method == "POST" else None, initial={"starts_on": timezone.localdate()}
    )
    status = 200
    if request.method == "POST":
        if not may:
            return HttpResponse(status=403)
        status = 422
        if form.is_valid():
            data, by = form.cleaned_data, request.operator.email
            try:
                made = subprocessors.name_one(
                    data["name"], form.purpose(), data["location"], data["starts_on"], by=by
                )
            except TenantRefusal as refusal:
                form.add_error(refusal.field, str(refusal.message))
                status = refusal.status
            else:
                audit.record(by, "sub_processor.named", name=made.name, starts_on=made.starts_on.isoformat())
                say(request, _("On the list. Owners of workspaces get a mail within the next two hours."))
                return redirect("legal:legal")
    return _shown(request, form, status)


def _shown(request: OperatorRequest, form: NameForm, status: int = 200) -> HttpResponse:
    language = (get_language() or "en")[:2]
    today = timezone.localdate()
    context = {
        "texts": [
            (document, done, waiting, public_url(f"/legal/{document.code}/"))
            for document, done, waiting in legal.acceptances()
        ],
        "rows": [(row, row.text(language), _state(row, today)) for row in SubProcessor.objects.all()],
        "list_url": public_url("/legal/subprocessors/"),
        "form": form,
        "today": today.isoformat(),
    }
    return show(request, "onboarding/console/legal.html", "legal", context, status)


def _state(row: SubProcessor, today: Any) -> tuple[str, str]:
    if row.ends_on is not None and row.ends_on < today:
        return _("Over"), ""
    return (_("From then on"), "info") if row.starts_on > today else (_("Works for us"), "good")


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def end(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """A sub-processor works until a day."""
    row = get_object_or_404(SubProcessor, pk=pk)
    form = EndForm(request.POST)
    try:
        if not form.is_valid():
            raise TenantRefusal("input.invalid", _("Choose a day within a year."), status=422)
        subprocessors.end_one(row, form.cleaned_data["ends_on"], by=request.operator.email)
    except TenantRefusal as refusal:
        say(request, refusal.message)
        return _shown(request, NameForm(), refusal.status)
    day = form.cleaned_data["ends_on"].isoformat()
    audit.record(request.operator.email, "sub_processor.ended", name=row.name, ends_on=day)
    say(request, _("Written down. Owners of workspaces get a mail within the next two hours."))
    return redirect("legal:legal")
