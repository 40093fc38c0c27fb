"""Giving a record to another owner (CUS-12)."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Invalid
from crm_core.records.change import Change
from crm_core.records.service.parsing import resolve_or_raise
from crm_core.records.service.writing import Written, finish_update, locked
from crm_core.security import access
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import Depth
from crm_core.security.models import Principal, RoleAssignment


@transaction.atomic
def assign(
    entity: Entity, record_id: uuid.UUID, owner: Any, actor: Actor, *, version: int | None = None
) -> Written:
    """Make `owner` (id or reference of a user or team) the owner.

    Raises Forbidden without Assign, Invalid `assign.owner_lacks_privilege` for an owner who could not read it.
    """
    access.require(entity, actor, "assign")
    if not entity.has_owner:
        raise Invalid("assign.no_owner", f"{entity.label_plural} have no owner.", field="owner")
    record = locked(entity, record_id, actor, "assign", version=version)
    change = Change(entity, actor, record, operation="update")
    set_owner(change, owner)
    finish_update(change, operation="assign", topic="assigned")
    return Written(record.pk, record.version, change.warnings, change)


def set_owner(change: Change, owner: Any) -> None:
    """Set a checked owner on a prepared change."""
    attribute = change.entity.attributes["owner"]
    parsed = {attribute: attribute.type.parse(attribute, owner)}
    if parsed[attribute] is None:
        raise Invalid("value.required", "A new owner is needed.", field="owner")
    resolve_or_raise(parsed, change.actor)
    require_capable_owner(change.entity, parsed[attribute].id)
    change.set("owner", parsed[attribute])


def require_capable_owner(entity: Entity, principal_id: uuid.UUID) -> None:
    """The new owner must be active and able to read such records. People without login yet keep their records for later.

    Raises Invalid `assign.owner_lacks_privilege`.
    """
    principal = Principal.objects.filter(pk=principal_id).select_related("system_user").first()
    if principal is None or not principal.is_active:
        raise Invalid("assign.owner_lacks_privilege", "The new owner is not active.", field="owner")
    if principal.kind == "team" or not RoleAssignment.objects.filter(principal=principal).exists():
        return
    new_owner = actor_for(principal_id)
    if new_owner is None or new_owner.depth(entity, "read") == Depth.NONE:
        raise Invalid(
            "assign.owner_lacks_privilege", "The new owner may not read such records.", field="owner"
        )
