"""Asking for sandboxes: copies of a workspace its administrators make to try things in (PLT-13, decision 0027)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tenants import entitlements, slugs
from tenants.addresses import workspace_url
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.lifecycle import operations
from tenants.models import Operation, Tenant

KINDS = (Operation.Kind.SANDBOX, Operation.Kind.SANDBOX_REFRESH, Operation.Kind.SANDBOX_REMOVE)


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
    with activate_public():
        found = Tenant.objects.filter(pk=sandbox_id, parent_id=parent.pk).first()
        if found is None:
            raise TenantRefusal("sandbox.unknown", _("There is no such sandbox."), status=404)
        return operations.start(kind, parent, by, sandbox=str(found.pk), name=found.name, **values)


def _refuse_nested(parent: Tenant) -> None:
    if parent.is_sandbox:
        raise TenantRefusal("sandbox.nested", _("A sandbox has no sandboxes."), status=409)
