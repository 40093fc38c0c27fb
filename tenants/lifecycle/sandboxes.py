"""Sandboxes: copies of a workspace its administrators make to try things in (PLT-13, decision 0027).

A sandbox is a tenant with a parent. Its state, plan and limits are the parent's, written onto its row whenever the parent's
change; nobody pays for it, and it counts against the parent's limit `sandboxes`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import cloning, entitlements, hosts, slugs
from tenants.addresses import workspace_url
from tenants.backup import storage
from tenants.context import activate_public, activate_schema
from tenants.errors import TenantRefusal
from tenants.identity.models import ApiToken, Invitation
from tenants.models import Domain, Operation, Tenant, TenantState

KINDS = (Operation.Kind.SANDBOX, Operation.Kind.SANDBOX_REFRESH, Operation.Kind.SANDBOX_REMOVE)
#: Columns of the parent that hold for its sandboxes as well.
FOLLOWED = ("state", "state_changed_at", "state_reason", "plan_code", "trial_ends_at", "entitlements", "held_from",
            "hold_reason", "deletion_due_at", "deleted_at", "requests_per_minute")  # fmt: skip
_COPIED = ("country", "language", "currency", "time_zone", "region", "owner_email")


def listed(parent: Tenant) -> dict[str, Any]:
    """The sandboxes of a workspace, how many it may have, and the newest operation on them."""
    with activate_public():
        rows = list(Tenant.objects.filter(parent_id=parent.pk).order_by("created_at"))
        newest = Operation.objects.filter(tenant_id=parent.pk, kind__in=KINDS).order_by("-created_at").first()
    return {
        "rows": [
            {"id": str(t.pk), "name": t.name, "url": workspace_url(t), "created_at": t.created_at} for t in rows
        ],
        "limit": entitlements.limit(parent, "sandboxes"),
        "operation": newest and {
            "kind": newest.kind, "state": newest.state, "percent": newest.percent, "step": newest.step,
            "name": newest.values.get("name", ""), "sandbox": newest.values.get("sandbox"),
        },
    }  # fmt: skip


def create(parent: Tenant, *, name: str, slug: str, with_data: bool, by: str) -> Operation:
    """Ask for a sandbox. Raises TenantRefusal 409 `sandbox.nested`, `operation.running`, 422 `tenant.name_*`,
    402 `quota.sandboxes`."""
    from tenants.lifecycle import operations

    with activate_public(), transaction.atomic():
        _refuse_nested(parent)
        row = Tenant.objects.select_for_update().get(pk=parent.pk)
        entitlements.require_room(row, "sandboxes", Tenant.objects.filter(parent=row).count() + 1)
        address = slugs.check_name(slug)
        return operations.start(
            Operation.Kind.SANDBOX, row, by, name=name[:160], slug=address, with_data=with_data
        )


def refresh(parent: Tenant, sandbox_id: UUID, *, with_data: bool, by: str) -> Operation:
    """Make a sandbox a copy of the workspace as it is now; what was in it goes. Raises TenantRefusal 404, 409."""
    return _on(parent, sandbox_id, Operation.Kind.SANDBOX_REFRESH, by, with_data=with_data)


def remove(parent: Tenant, sandbox_id: UUID, *, by: str) -> Operation:
    """Delete a sandbox for good. Raises TenantRefusal 404 `sandbox.unknown`, 409 `operation.running`."""
    return _on(parent, sandbox_id, Operation.Kind.SANDBOX_REMOVE, by)


def _on(parent: Tenant, sandbox_id: UUID, kind: str, by: str, **values: Any) -> Operation:
    from tenants.lifecycle import operations

    with activate_public():
        found = Tenant.objects.filter(pk=sandbox_id, parent_id=parent.pk).first()
        if found is None:
            raise TenantRefusal("sandbox.unknown", _("There is no such sandbox."), status=404)
        return operations.start(kind, parent, by, sandbox=str(found.pk), name=found.name, **values)


def _refuse_nested(parent: Tenant) -> None:
    if parent.is_sandbox:
        raise TenantRefusal("sandbox.nested", _("A sandbox has no sandboxes."), status=409)


def open_sandbox(parent: Tenant, schema: str, slug: str, name: str) -> Tenant:
    """The row and the address of a sandbox whose schema was just built. Raises TenantRefusal ``tenant.name_taken``."""
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=parent.pk)
        entitlements.require_room(row, "sandboxes", Tenant.objects.filter(parent=row).count() + 1)
        made = Tenant(schema_name=schema, name=name[:160], parent=row)
        for column in (*_COPIED, *FOLLOWED):
            setattr(made, column, _followed(row, column))
        made.save(force_insert=True)
        try:
            with transaction.atomic():
                Domain.objects.create(
                    tenant=made, slug=slug, domain=hosts.workspace_host(slug), is_primary=True
                )
        except IntegrityError:
            raise slugs.name_taken() from None
    return made


def _followed(parent: Tenant, column: str) -> Any:
    value = getattr(parent, column)
    if column == "entitlements":  # what the parent may have of them is not for its sandboxes to make
        return {**value, "limits": {**value.get("limits", {}), "sandboxes": 0}}
    return value


def _follow(sender: Any, instance: Tenant, created: bool, **signal: Any) -> None:
    """Write what changed on a parent onto its sandboxes, in the same transaction."""
    fields = signal.get("update_fields")
    if created or instance.is_sandbox or instance.state == TenantState.PROVISIONING:
        return  # one that is being made has none
    if fields is not None and not set(FOLLOWED) & set(fields):
        return
    with activate_public():
        for sandbox in Tenant.objects.filter(parent_id=instance.pk):
            wanted = {column: _followed(instance, column) for column in FOLLOWED}
            changed = [column for column, value in wanted.items() if getattr(sandbox, column) != value]
            for column in changed:
                setattr(sandbox, column, wanted[column])
            if changed:
                sandbox.save(update_fields=changed)


def forget_secrets(schema: str) -> None:
    """What lets programs and strangers into the parent does not let them into its copy: tokens, open invitations."""
    with activate_schema(schema), transaction.atomic():
        ApiToken.objects.all().delete()
        Invitation.objects.filter(state=Invitation.State.PENDING).update(
            state=Invitation.State.REVOKED, expires_at=timezone.now()
        )


def destroy(sandbox: Tenant) -> None:
    """Remove a sandbox for good: first nobody finds it, then nothing is left. Repeating is harmless."""
    with activate_public():
        Domain.objects.filter(tenant=sandbox).delete()
    cloning.drop_schema(sandbox.schema_name)
    shutil.rmtree(Path(settings.MEDIA_ROOT) / sandbox.schema_name, ignore_errors=True)
    storage.remove_folder(sandbox)
    with activate_public():
        Tenant.objects.filter(pk=sandbox.pk).delete()


def destroy_all(parent: Tenant) -> int:
    """A destroyed workspace takes its sandboxes along; returns how many."""
    with activate_public():
        rows = list(Tenant.objects.filter(parent_id=parent.pk))
    for sandbox in rows:
        destroy(sandbox)
    return len(rows)


def register() -> None:
    """Follow parents from now on. Called once the apps are ready."""
    from tenants.lifecycle import deletion

    post_save.connect(_follow, sender=Tenant, dispatch_uid="tenants.sandboxes")
    deletion.register_eraser("sandboxes", destroy_all)
