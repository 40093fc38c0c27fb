"""What operators do to a workspace, as acts of the console (ASP-30)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import slugs
from tenants.lifecycle import deletion, holding, renaming
from tenants.models import Tenant, TenantState
from tenants.operator import navigation, registry
from tenants.operator.errors import Refused
from tenants.operator.models import Capability
from tenants.operator.navigation import CUSTOMERS, INSTALLATION, RUNNING, Section
from tenants.operator.registry import DANGER, Act, ActContext, ActForm


def _is_open(tenant: Tenant) -> bool:
    """Neither destroyed nor on its way there."""
    return tenant.state != TenantState.DELETED and tenant.deletion_due_at is None


class EditForm(ActForm):
    """Display name, region note and switches."""

    name = forms.CharField(label=_("Display name"), max_length=160)
    region_note = forms.CharField(label=_("Note on the region"), max_length=300, required=False)
    flags = forms.CharField(
        label=_("Flags"),
        max_length=300,
        required=False,
        help_text=_("Words separated by commas, such as: beta, watch"),
    )
    field_order = ["name", "region_note", "flags", "reason"]

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        first = {"name": tenant.name, "region_note": tenant.region_note, "flags": ", ".join(tenant.flags)}
        super().__init__(tenant, *args, **{"initial": first, **kwargs})

    def clean_flags(self) -> list[str]:
        words = [word.strip().lower() for word in self.cleaned_data["flags"].split(",")]
        return sorted({word[:40] for word in words if word})


def _edit(context: ActContext) -> dict[str, Any]:
    tenant, fields = context.tenant, ("name", "region_note", "flags")
    before = {name: getattr(tenant, name) for name in fields}
    for name in fields:
        setattr(tenant, name, context.values[name])
    tenant.save(update_fields=list(fields))
    return {"before": before}


class RenameForm(ActForm):
    """The new sub-domain."""

    slug = forms.CharField(label=_("New sub-domain"), max_length=40)
    field_order = ["slug", "reason"]

    def clean_slug(self) -> str:
        return slugs.normalize(self.cleaned_data["slug"])


def _rename(context: ActContext) -> dict[str, Any]:
    old = context.tenant.domains.filter(is_primary=True).values_list("domain", flat=True).first()
    return {"before": old, "domain": renaming.rename(context.tenant, context.values["slug"]).domain}


class SuspendForm(ActForm):
    """At once, or from a moment on."""

    at = forms.DateTimeField(
        label=_("From (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("Empty means now: everybody is signed out at once."),
    )
    field_order = ["at", "reason"]

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at > timezone.now() + timedelta(days=366):
            raise forms.ValidationError(_("Choose a day within a year."))
        return at


def _suspend(context: ActContext) -> dict[str, Any]:
    at = context.values.get("at")
    start = holding.suspend(context.tenant, context.reason, at=datetime.fromisoformat(at) if at else None)
    return {"from": start.isoformat()}


def _resume(context: ActContext) -> None:
    holding.resume(context.tenant)


class ThrottleForm(ActForm):
    """How many requests a minute."""

    requests_per_minute = forms.IntegerField(
        label=_("Requests per minute"),
        min_value=10,
        max_value=1_000_000,
        required=False,
        help_text=_("Empty means the installation's usual rate."),
    )
    field_order = ["requests_per_minute", "reason"]


def _throttle(context: ActContext) -> dict[str, Any]:
    tenant = context.tenant
    before, tenant.requests_per_minute = tenant.requests_per_minute, context.values["requests_per_minute"]
    tenant.save(update_fields=["requests_per_minute"])
    return {"before": before}


def _sign_out(context: ActContext) -> dict[str, Any]:
    return {"sessions": holding.end_sessions(context.tenant)}


class DeleteForm(ActForm):
    """The name typed once more, so that nobody deletes the neighbour's row."""

    name = forms.CharField(label=_("Type the sub-domain of the workspace"), max_length=60)
    field_order = ["name", "reason"]

    def clean_name(self) -> str:
        typed = self.cleaned_data["name"].strip().lower()
        slug = self.tenant.domains.filter(is_primary=True).values_list("slug", flat=True).first()
        if typed != slug:
            raise forms.ValidationError(_("This is not the sub-domain of this workspace."))
        return typed


def _delete(context: ActContext) -> dict[str, Any]:
    try:
        made = deletion.schedule(
            context.tenant,
            context.reason,
            requested_by=context.values["_requested_by"],
            approved_by=context.operator.email,
        )
    except deletion.NotDeletable as error:
        raise Refused("deletion.not_possible", str(error)) from error
    return {"due_at": made.due_at.isoformat(), "deletion": str(made.pk)}


def _recover(context: ActContext) -> dict[str, Any]:
    try:
        with transaction.atomic():
            found = deletion.recover(context.tenant)
    except deletion.NotDeletable as error:
        raise Refused("deletion.not_possible", str(error)) from error
    return {"deletion": str(found.pk)}


ACTS = (
    Act("tenant.edit", _("Edit"), _("Display name, note on the region, flags."), _edit, EditForm, is_shown=_is_open, is_first=True, order=10),
    Act("tenant.rename", _("Change address"), _("The old address leads to the new one for 90 days; nobody else can take it that long. Everybody signs in once more. The owner gets a mail."), _rename, RenameForm, is_shown=_is_open, order=20),
    Act("tenant.throttle", _("Throttle requests"), _("Above this rate the workspace's requests are answered with 429 and a time to wait. Its neighbours are not affected."), _throttle, ThrottleForm, is_shown=_is_open, order=40),
    Act("tenant.sign_out", _("Sign everybody out"), _("All sessions of the workspace end now. API tokens go on working."), _sign_out, is_shown=_is_open, for_sandboxes=True, order=50),
    Act("tenant.resume", _("Resume"), _("The workspace goes on as before. The owner gets a mail."), _resume, is_shown=lambda t: _is_open(t) and t.held_from is not None, is_first=True, order=60),
    Act("tenant.suspend", _("Suspend"), _("Everybody is signed out and API tokens stop. Administrators may sign in again to read and export. The owner gets a mail with the reason."), _suspend, SuspendForm, is_shown=lambda t: _is_open(t) and t.held_from is None, is_dangerous=True, group=DANGER, order=70),
    Act("tenant.recover", _("Call deletion off"), _("The workspace opens again with everything in it. The owner gets a mail."), _recover, is_shown=lambda t: t.state != TenantState.DELETED and t.deletion_due_at is not None, is_first=True, order=80),
    Act("tenant.delete", _("Delete"), _("A second operator has to approve. Then the workspace closes at once, can be brought back for 30 days, and is destroyed after that: records, files, backups, keys. The owner gets a mail."), _delete, DeleteForm, is_shown=_is_open, four_eyes=True, check=deletion.ask_guards, is_dangerous=True, group=DANGER, order=90),
)  # fmt: skip

SECTIONS = (
    Section("tenants", _("Workspaces"), "operator:tenants", RUNNING, order=10),
    Section("approvals", _("Approvals"), "operator:approvals", RUNNING, order=20),
    Section("operations", _("Operations"), "operator:operations", RUNNING, order=30),
    Section("platform", _("Stock and migrations"), "operator:platform", RUNNING, order=40),
    Section("health", _("Health"), "operator:health", RUNNING, order=45),
    Section("announcements", _("Announcements"), "operator:announcements", CUSTOMERS, order=10),
    Section("figures", _("Figures"), "operator:figures", INSTALLATION, order=10),
    Section("audit", _("Audit"), "operator:audit", INSTALLATION, order=20),
    Section("operators", _("Operators"), "operator:operators", INSTALLATION, needs=Capability.MANAGE_OPERATORS, order=30),
)  # fmt: skip


def register_all() -> None:
    """Offer the acts and pages of this package; called once the apps are ready."""
    for act in ACTS:
        registry.register_act(act)
    for section in SECTIONS:
        navigation.register_section(section)
