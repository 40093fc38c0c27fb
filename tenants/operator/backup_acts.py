"""Back up, restore, export, import and clone as acts of the console (ASP-30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants import slugs
from tenants.errors import TenantRefusal
from tenants.lifecycle import operations
from tenants.models import Backup, Operation, Tenant, TenantState
from tenants.operator import registry
from tenants.operator.models import Capability
from tenants.operator.registry import DANGER, DATA, Act, ActContext, ActForm

Kind = Operation.Kind


def _is_living(tenant: Tenant) -> bool:
    """There is a schema to work with and nothing is being deleted."""
    return tenant.state not in {TenantState.DELETED, TenantState.PROVISIONING, TenantState.FAILED} and (
        tenant.deletion_due_at is None
    )


def _has_backup(tenant: Tenant) -> bool:
    return _is_living(tenant) and Backup.objects.filter(tenant=tenant).exists()


def _choices(tenant: Tenant) -> list[tuple[str, str]]:
    rows = Backup.objects.filter(tenant=tenant)
    words = _("%(made)s UTC · %(kind)s · %(rows)s rows")
    return [
        (
            str(row.pk),
            words
            % {"made": f"{row.created_at:%Y-%m-%d %H:%M}", "kind": row.get_kind_display(), "rows": row.rows},
        )
        for row in rows
    ]


class CopyForm(ActForm):
    """Under which sub-domain the copy opens."""

    slug = forms.CharField(label=_("Sub-domain of the copy"), max_length=40)
    name = forms.CharField(label=_("Display name"), max_length=160, required=False)
    field_order = ["source", "slug", "name", "reason"]

    def clean_slug(self) -> str:
        try:
            return slugs.check_name(self.cleaned_data["slug"])
        except TenantRefusal as error:
            raise forms.ValidationError(str(error.message)) from error


class RestoreBesideForm(CopyForm):
    """Which backup."""

    source = forms.ChoiceField(label=_("Backup"))

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(tenant, *args, **kwargs)
        self.fields["source"].choices = _choices(tenant)  # type: ignore[attr-defined]


class RestoreInPlaceForm(ActForm):
    """Which backup replaces everything that is there now."""

    source = forms.ChoiceField(label=_("Backup"))
    field_order = ["source", "reason"]

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(tenant, *args, **kwargs)
        self.fields["source"].choices = _choices(tenant)  # type: ignore[attr-defined]


def _back_up(context: ActContext) -> dict[str, Any]:
    row = operations.start(
        Kind.BACK_UP, context.tenant, context.operator.email, backup_kind=Backup.Kind.MANUAL
    )
    return {"operation": str(row.pk)}


def _export(context: ActContext) -> dict[str, Any]:
    row = operations.start(
        Kind.EXPORT, context.tenant, context.operator.email, backup_kind=Backup.Kind.EXPORT
    )
    return {"operation": str(row.pk)}


def _restore_beside(context: ActContext) -> dict[str, Any]:
    values = context.values
    row = operations.start(
        Kind.RESTORE_BESIDE,
        context.tenant,
        context.operator.email,
        slug=values["slug"],
        name=values["name"],
        **{"from": values["source"]},
    )
    return {"operation": str(row.pk)}


def _restore_in_place(context: ActContext) -> dict[str, Any]:
    source = {"from": context.values["source"]}
    row = operations.start(Kind.RESTORE_IN_PLACE, context.tenant, context.operator.email, **source)
    return {"operation": str(row.pk)}


def _clone(context: ActContext) -> dict[str, Any]:
    values = {"slug": context.values["slug"], "name": context.values["name"]}
    row = operations.start(Kind.CLONE, context.tenant, context.operator.email, **values)
    return {"operation": str(row.pk)}


ACTS = (
    Act("tenant.back_up", _("Back up"), _("Records and files as they are in one moment, kept for 35 days. People go on working."), _back_up, is_shown=_is_living, group=DATA, is_first=True, is_long=True, order=100),
    Act("tenant.export", _("Export package"), _("One signed file with structure, records and files, to take elsewhere or to hand over. Kept for seven days; download it below."), _export, is_shown=_is_living, group=DATA, is_long=True, order=110),
    Act("tenant.clone", _("Clone"), _("A second workspace with the same content, on trial for 30 days. Nothing waiting to be sent is sent again."), _clone, CopyForm, is_shown=_is_living, group=DATA, is_long=True, order=120),
    Act("tenant.restore_beside", _("Restore beside"), _("A backup opens as a workspace of its own, on trial for 30 days. The live one is not touched."), _restore_beside, RestoreBesideForm, is_shown=_has_backup, group=DATA, is_long=True, order=130),
    Act("tenant.restore_in_place", _("Restore in place"), _("A second operator has to approve. What is there now is backed up and then replaced by the chosen backup; everybody is signed out. No other workspace is touched."), _restore_in_place, RestoreInPlaceForm, is_shown=_has_backup, four_eyes=True, is_dangerous=True, needs=Capability.MANAGE_TENANTS, group=DANGER, order=140),
)  # fmt: skip


def register_all() -> None:
    """Offer the acts; called once the apps are ready."""
    for act in ACTS:
        registry.register_act(act)
