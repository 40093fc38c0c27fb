"""Sandboxes as tenants with a parent (decision 0027).

Their state, plan and limits are the parent's, written onto their rows whenever the parent's change; nobody pays for them,
and they count against the parent's limit `sandboxes`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone

from tenants import cloning, entitlements, usage
from tenants.backup import storage
from tenants.context import activate_public, activate_schema, current_tenant
from tenants.identity.models import ApiToken, Invitation, OAuthApplication
from tenants.lifecycle import copies, deletion
from tenants.models import Domain, Tenant, TenantState

#: Columns of the parent that hold for its sandboxes as well.
FOLLOWED = ("state", "state_changed_at", "state_reason", "plan_code", "trial_ends_at", "entitlements", "held_from",
            "hold_reason", "deletion_due_at", "deleted_at", "requests_per_minute")  # fmt: skip
_COPIED = ("country", "language", "currency", "time_zone", "region", "owner_email")


def open_sandbox(parent: Tenant, schema: str, slug: str, name: str) -> Tenant:
    """The row and the address of a sandbox whose schema was just built. Raises TenantRefusal ``tenant.name_taken``."""
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=parent.pk)
        entitlements.require_room(row, "sandboxes", Tenant.objects.filter(parent=row).count() + 1)
        made = Tenant(schema_name=schema, name=name[:160], parent=row)
        for column in (*_COPIED, *FOLLOWED):
            setattr(made, column, _followed(row, column))
        made.save(force_insert=True)
        copies.give_address(made, slug)
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
    """What lets programs and strangers into the parent does not let them into its copy: tokens, apps, open invitations."""
    with activate_schema(schema), transaction.atomic():
        ApiToken.objects.all().delete()
        OAuthApplication.objects.all().delete()  # with all access they were given
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
    post_save.connect(_follow, sender=Tenant, dispatch_uid="tenants.sandboxes")
    deletion.register_eraser("sandboxes", destroy_all)
    usage.register_meter("sandboxes", _kept)


def _kept() -> int:
    """Sandboxes of the active workspace."""
    parent = current_tenant().pk
    with activate_public():
        return Tenant.objects.filter(parent_id=parent).count()
