"""Giving a record to another owner (CUS-12)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Invalid
from crm_core.metadata.types.reference import Reference
from crm_core.records import cascade_starts
from crm_core.records.change import Change
from crm_core.records.query.filters import base_rows
from crm_core.records.service import cascading, inheriting, sharing
from crm_core.records.service.parsing import resolve_or_raise
from crm_core.records.service.writing import Written, finish_update, locked
from crm_core.security import access
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import Depth
from crm_core.security.models import Principal, RoleAssignment

#: Key of the workspace's settings: the former owner keeps access by a share (CUS-12 Old owner).
SHARE_WITH_PREVIOUS = "share_with_previous_owner"


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
    return Written(record.pk, record.version, change.warnings, change, change.options.get("job"))


@dataclass
class Outcome:
    """How many records of each object (by plural name) followed, and how many stay with their owner."""

    assigned: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"assigned": self.assigned, "left": self.left}


def followers(written: Written) -> int:
    """How many records followed an assigned one at once."""
    outcome = written.change.options.get("outcome") if written.change else None
    return sum(outcome.assigned.values()) if outcome else 0


def owner_changed(change: Change) -> None:
    """What follows from another owner: children by their relationship, and access of the former owner (PLT-20, CUS-12).

    More than 1,000 children are treated by a job, whose id is in the change's option `job`.
    """
    entity, actor = change.entity, change.actor
    former, owner = change.old("owner"), change.get("owner")
    if former is not None and workspace.current().settings.get(SHARE_WITH_PREVIOUS) is True:
        sharing.keep_access(entity, change.record, former.id, actor)
    if owner is None:
        return
    reached = cascading.reach(
        entity, {change.record.pk: former.id if former else None}, "assign", to=owner.id
    )
    if not len(reached):
        return
    if len(reached) > cascading.INLINE:
        change.options["job"] = cascade_starts.start_assign(change, reached, owner.id).pk
        return
    outcome = Outcome()
    for name, ids in reached.by_object.items():
        assign_children(registry.get(name), ids, owner, actor, outcome)
    change.options["outcome"] = outcome
    if outcome.left:
        change.warn("assign.children_left", _("Some related records stay with their owner: %(counts)s.") % {
            "counts": ", ".join(f"{n} {registry.by_plural(p).label_plural}" for p, n in outcome.left.items())})  # fmt: skip


def assign_children(
    child: Entity, ids: Collection[uuid.UUID], owner: Reference, actor: Actor, outcome: Outcome
) -> None:
    """Give records that follow their parent to `owner`; those the actor may not assign stay and are counted.

    Parts, such as lines, have no rights of their own. What the actor may not even read is not counted: he must not
    learn that it exists. Records whose object the new owner may not read stay too.
    """
    part = any(a.is_part for a in child.attributes.values())
    acting = actor.for_rules() if part else actor
    allowed = ids
    if not part:
        rows = base_rows(child, actor, "assign").filter(pk__in=ids)
        allowed = set(rows.values_list("pk", flat=True)) if actor.depth(child, "assign") else set()
        readable = base_rows(child, actor).filter(pk__in=ids).count() if actor.depth(child, "read") else 0
        try:
            require_capable_owner(child, owner.id)
        except Invalid:
            allowed = set()
        if readable > len(allowed):
            outcome.left[child.plural] = outcome.left.get(child.plural, 0) + readable - len(allowed)
    locked_rows = child.model.objects.select_for_update(of=("self",)).filter(pk__in=allowed, deleted_at=None)
    keep = workspace.current().settings.get(SHARE_WITH_PREVIOUS) is True
    done = []
    for row in locked_rows.order_by("pk"):
        if row.owner_id == owner.id:
            continue
        if keep and row.owner_id is not None:
            sharing.keep_access(child, row, row.owner_id, acting)
        change = Change(child, acting, row, operation="update", options={"cascaded": True})
        change.set("owner", owner)
        finish_update(change, operation="assign", topic="assigned")
        done.append(row.pk)
    inheriting.refresh(child, done)
    inheriting.below(child, done)
    if done:
        outcome.assigned[child.plural] = outcome.assigned.get(child.plural, 0) + len(done)


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
