"""Announcements on the console: write, preview whom they reach, keep people informed, end (ASP-30)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tenants import addresses, announcement_mails, announcements
from tenants.models import Announcement, Tenant, TenantState
from tenants.models.tenant import REACHABLE_STATES
from tenants.operator import plan_names
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

LEVELS = [
    (announcements.BEHIND, gettext_lazy("Waiting for a migration wave")),
    (announcements.CURRENT, gettext_lazy("Up to date")),
]
PAGE_SIZE = 50
LONGEST = timedelta(days=366)
#: Languages the product speaks completely; the others may stay empty and fall back to English.
MAIN_LANGUAGES = ("en", "de")
TONES = {"shown": "good", "scheduled": "info", "over": ""}
STATES = {
    "shown": gettext_lazy("Shown now"),
    "scheduled": gettext_lazy("Scheduled"),
    "over": gettext_lazy("Over"),
}
KIND_TONES = {"info": "info", "maintenance": "warn", "incident": "bad"}


def _moment(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=required, widget=widget, help_text=hint)


def _choices(label: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple, help_text=hint
    )


class AnnouncementForm(forms.Form):
    """Texts per language, whom it is for, and when it is shown."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Announcement.Kind.choices)
    recipients = forms.ChoiceField(
        label=gettext_lazy("Shown to"),
        choices=Announcement.Recipients.choices,
        initial=Announcement.Recipients.EVERYBODY,
    )
    plans = _choices(gettext_lazy("Plans"))
    states = _choices(gettext_lazy("States"))
    regions = _choices(gettext_lazy("Regions"))
    levels = _choices(gettext_lazy("Migration level"))
    starts_at = _moment(gettext_lazy("Shown from (UTC)"))
    ends_at = _moment(gettext_lazy("Shown until (UTC)"))
    work_starts_at = _moment(gettext_lazy("Happens from (UTC)"), required=False)
    work_ends_at = _moment(gettext_lazy("Happens until (UTC)"), required=False)
    on_status_page = forms.BooleanField(
        label=gettext_lazy("Also on the public status page"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        for language in names:
            needed = language == "en"
            self.fields[f"title_{language}"] = forms.CharField(
                label=_("Title (%(language)s)") % {"language": names[language]},
                max_length=120,
                required=needed,
            )
            self.fields[f"text_{language}"] = forms.CharField(
                label=_("Text (%(language)s)") % {"language": names[language]},
                max_length=1000,
                required=needed,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        regions = Tenant.objects.order_by().values_list("region", flat=True).distinct()
        offered = {
            "plans": plan_names.sold(),
            "states": [(s.value, s.label) for s in TenantState if s in REACHABLE_STATES],
            "regions": [(region, region) for region in sorted(regions)],
            "levels": LEVELS,
        }
        for name, found in offered.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def group(self, *names: str) -> list[forms.BoundField]:
        """The fields of those names, for the template."""
        return [self[name] for name in names]

    @property
    def main_texts(self) -> list[forms.BoundField]:
        return self._texts(MAIN_LANGUAGES)

    @property
    def other_texts(self) -> list[forms.BoundField]:
        return self._texts([code for code, _name in settings.LANGUAGES if code not in MAIN_LANGUAGES])

    @property
    def other_texts_filled(self) -> bool:
        return any(field.value() for field in self.other_texts)

    def _texts(self, languages: Any) -> list[forms.BoundField]:
        return [self[f"{part}_{language}"] for language in languages for part in ("title", "text")]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for language, _name in settings.LANGUAGES:
            title, text = data.get(f"title_{language}"), data.get(f"text_{language}")
            if bool(title) != bool(text):
                self.add_error(f"{'text' if title else 'title'}_{language}", _("Write both title and text."))
        self._check_span("starts_at", "ends_at")
        self._check_span("work_starts_at", "work_ends_at")
        return data

    def _check_span(self, first: str, last: str) -> None:
        start: datetime | None = self.cleaned_data.get(first)
        stop: datetime | None = self.cleaned_data.get(last)
        if start is None or stop is None:
            if stop is not None and first not in self.errors:
                self.add_error(first, _("Say from when."))
            return
        if stop <= start:
            self.add_error(last, _("The end comes after the beginning."))
        elif stop - start > LONGEST or stop > timezone.now() + LONGEST:
            self.add_error(last, _("Choose a time within a year."))

    def values(self) -> dict[str, Any]:
        """Fields of the model."""
        data = self.cleaned_data
        texts = {
            language: {"title": data[f"title_{language}"], "text": data[f"text_{language}"]}
            for language, _name in settings.LANGUAGES
            if data[f"title_{language}"]
        }
        kept = (
            "kind",
            "recipients",
            "starts_at",
            "ends_at",
            "work_starts_at",
            "work_ends_at",
            "on_status_page",
        )
        audience = {name: data[name] for name in announcements.AUDIENCE if data[name]}
        return {"texts": texts, "audience": audience, **{name: data[name] for name in kept}}


def _initial(row: Announcement | None) -> dict[str, Any]:
    if row is None:
        now = timezone.now().replace(second=0, microsecond=0)
        return {"starts_at": now, "ends_at": now + timedelta(days=7)}
    names = ("kind", "recipients", "starts_at", "ends_at", "work_starts_at", "work_ends_at", "on_status_page")
    first = {name: getattr(row, name) for name in names} | dict(row.audience)
    for language, texts in row.texts.items():
        first |= {f"{part}_{language}": text for part, text in texts.items()}
    return first


def shown(row: Announcement) -> dict[str, Any]:
    """What list and page say about one."""
    state = row.state()
    return {
        "row": row,
        "title": row.title("en"),
        "state": STATES[state],
        "state_key": state,
        "tone": TONES[state],
        "kind_tone": KIND_TONES[row.kind],
        "audience": _audience_words(row),
    }


def _audience_words(row: Announcement) -> list[str]:
    """Whom it is for, by name; empty for everybody."""
    names: dict[str, Any] = {
        **plan_names.by_code(),
        **{state.value: state.label for state in TenantState},
        **dict(LEVELS),
    }
    chosen = (value for name in announcements.AUDIENCE for value in row.audience.get(name, []))
    return [str(names.get(value, value)) for value in chosen]


@operator_page
def announcement_list(request: OperatorRequest) -> HttpResponse:
    """All announcements, newest first."""
    page = Paginator(Announcement.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": [shown(row) for row in page],
        "page": page,
        "state": "",
        "query": "",
        "status_url": addresses.public_url("/status/"),
    }
    return show(request, "operator/announcements.html", "announcements", context)


@operator_page(needs=Capability.ANNOUNCE)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: OperatorRequest, pk: UUID | None = None) -> HttpResponse:
    """Write a new announcement, or change one; 422 with the fields at fault."""
    row = get_object_or_404(Announcement, pk=pk) if pk is not None else None
    sent = request.POST if request.method == "POST" else None
    form = AnnouncementForm(sent, initial=_initial(row))
    status, preview = 200, None
    if request.method == "POST":
        if not form.is_valid():
            status = 422
        elif "preview" in request.POST:
            preview = _preview(form.values())
        elif row is None:
            made = announcements.publish(request.operator.email, **form.values())
            say(request, _("Published.") if made.state() == "shown" else _("Scheduled."))
            return redirect("operator:announcement", pk=made.pk)
        else:
            announcements.change(row, request.operator.email, **form.values())
            say(request, _("Changed."))
            return redirect("operator:announcement", pk=row.pk)
    context = {"form": form, "row": row, "preview": preview}
    return show(request, "operator/announcement_form.html", "announcements", context, status)


def _preview(values: dict[str, Any]) -> dict[str, Any]:
    reached, of = announcements.reach(values["audience"])
    names = dict(settings.LANGUAGES)
    return {
        "reached": reached,
        "of": of,
        "kind_tone": KIND_TONES[values["kind"]],
        "texts": [(names[language], texts) for language, texts in values["texts"].items()],
    }


class UpdateForm(forms.Form):
    """How it goes on, per language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in MAIN_LANGUAGES:
            self.fields[language] = forms.CharField(
                label=_("Update (%(language)s)") % {"language": dict(settings.LANGUAGES)[language]},
                max_length=1000,
                required=language == "en",
                widget=forms.Textarea(attrs={"rows": 2}),
            )


@operator_page
@require_http_methods(["GET", "HEAD"])
def announcement(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """One announcement: its texts, whom it reaches, what was told since."""
    return _page(request, get_object_or_404(Announcement, pk=pk), UpdateForm())


def _page(request: OperatorRequest, row: Announcement, form: UpdateForm, status: int = 200) -> HttpResponse:
    reached, of = announcements.reach(row.audience)
    names = dict(settings.LANGUAGES)
    context = {
        **shown(row),
        "reached": reached,
        "of": of,
        "texts": [(names[language], row.texts[language]) for language in names if language in row.texts],
        "updates": row.told("en"),
        "mails": announcement_mails.progress(row),
        "form": form,
    }
    return show(request, "operator/announcement.html", "announcements", context, status)


@operator_page(needs=Capability.ANNOUNCE)
@require_POST
def add_update(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """Tell people how it goes on."""
    row = get_object_or_404(Announcement, pk=pk)
    form = UpdateForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, 422)
    announcements.add_update(row, request.operator.email, {k: v for k, v in form.cleaned_data.items() if v})
    say(request, _("Update published."))
    return redirect("operator:announcement", pk=row.pk)


@operator_page(needs=Capability.ANNOUNCE)
@require_POST
def end(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """Take it off all screens now."""
    announcements.end(get_object_or_404(Announcement, pk=pk), request.operator.email)
    say(request, _("Ended. Nobody sees it any more."))
    return redirect("operator:announcement", pk=pk)
