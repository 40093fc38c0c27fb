"""Creating and updating one record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound, VersionMismatch
from crm_core.metadata.types.reference import Reference, as_uuid
from crm_core.records import duplicates, erased
from crm_core.records.change import Change
from crm_core.records.query.filters import base_rows
from crm_core.records.query.prepared import Statement, kept, slot
from crm_core.records.rules import run_rules
from crm_core.records.service import inheriting, numbering, saving
from crm_core.records.service.parsing import ID, parse_values, resolve_or_raise
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.models import Principal

# What treats records that got another owner; it writes by this module, so it is told to it.
_new_owner: list[Callable[[Change], None]] = []


@dataclass
class Written:
    """The record that was written and what the caller should know."""

    id: uuid.UUID
    version: int
    warnings: list[dict[str, str]] = field(default_factory=list)
    change: Change | None = None
    job_id: uuid.UUID | None = None

    def value(self, name: str) -> Any:
        """What an attribute of the record has now. Raises LookupError when a job is still to write it."""
        if self.change is None:
            raise LookupError(name)
        return self.change.get(name)


@transaction.atomic
def create(
    entity: Entity,
    values: Mapping[str, Any],
    actor: Actor,
    *,
    detect_duplicates: bool = False,
    allow_duplicates: bool = False,
    privileged: frozenset[str] = frozenset(),
    sample: bool = False,
    import_id: uuid.UUID | None = None,
) -> Written:
    """Create one record of `entity` from JSON `values`.

    Raises Forbidden without the privilege, ValidationFailed for wrong values, Conflict for duplicates and taken ids.
    """
    access.require(entity, actor, "create")
    parsed = parse_values(entity, values, actor, creating=True, privileged=privileged, carried=ID)
    resolve_or_raise(parsed, actor, child=entity)
    change = new_change(entity, actor, values.get("id"))
    for attribute, value in parsed.items():
        change.set(attribute.name, value)
    change.record.is_sample = sample
    change.record.import_id = import_id
    prepare_create(change)
    erased.refuse(change)
    duplicates.refuse(change, detect=detect_duplicates, allow=allow_duplicates)
    numbering.assign(entity, [change])
    saving.start_roll_ups([change])
    saving.insert(change)
    saving.sync_links(change)
    saving.sync_unique_values(change)
    duplicates.sync(change)
    inheriting.created(entity, [change])
    run_rules(change, "after_create")
    return Written(change.record.pk, change.record.version, change.warnings, change)


def new_change(entity: Entity, actor: Actor, identifier: Any = None) -> Change:
    """An empty change that creates a record of `entity`. Raises Invalid for an id that is none."""
    record = entity.model()
    if identifier is not None:
        record.pk = as_uuid(identifier)
        if record.pk is None:
            raise Invalid("value.not_an_id", "The id is no UUID.", field="id")
    if entity.discriminator:
        record.object = entity.discriminator  # type: ignore[attr-defined]  # several objects share the table
    if entity.states:
        record.state = entity.states[0].value
        record.status_reason = entity.states[0].default_reason
    return Change(entity, actor, record, operation="create")


def prepare_create(
    change: Change, money: dict | None = None, units: dict | None = None, country: str | None = None
) -> None:
    """Owner, status reason, rules, money and search text of a new record."""
    own(change, units)
    check_reason(change)
    _settle_money(change, money)
    run_rules(change, "create")
    saving.apply_money(change, money)
    saving.refresh_search_text(change, country)


def _settle_money(change: Change, money: dict | None = None) -> None:
    """Rules of the workspace look at amounts and currency as they will be stored, not as they were entered (PLT-10)."""
    if change.entity.business_rules:
        saving.apply_money(change, money)


def own(change: Change, units: dict | None = None) -> None:
    """A user-owned record gets the acting user when no owner is given; its unit is always the owner's.

    Raises Forbidden when the actor may not create for that owner, Invalid for an owner who is not active.
    """
    if not change.entity.has_owner:
        return
    owner = change.get("owner")
    if owner is None and change.actor.user_id is not None:
        owner = Reference("user", change.actor.user_id, change.actor.name)
        change.set("owner", owner)
    if owner is None:
        return
    unit = _unit_of(owner.id, change.actor, units)
    change.set_unit(unit)
    if change.is_create and owner.id not in change.actor.principal_ids:
        allowed = access.visible(change.entity, change.actor, "create")
        if allowed is not None and unit not in _unit_reach(change):
            raise Forbidden("privilege.missing", "You may not create records for this owner.", field="owner")


def own_again(change: Change) -> None:
    """The unit of a former owner who gets his record back by an undo, also when he was disabled since: it was his (CUS-12)."""
    owner = change.get("owner")
    if owner is not None:
        change.set_unit(Principal.objects.values_list("business_unit_id", flat=True).get(pk=owner.id))


def _unit_of(owner_id: uuid.UUID, actor: Actor, units: dict | None) -> uuid.UUID:
    """The business unit of an active owner. Raises Invalid for one who is not."""
    if owner_id == actor.user_id and actor.unit_id is not None:
        return actor.unit_id  # loaded with his rights, and only when he is active
    principal = units.get(owner_id) if units is not None else None
    principal = principal or Principal.objects.filter(pk=owner_id).first()
    if principal is None or not principal.is_active:
        raise Invalid("assign.owner_lacks_privilege", "The new owner is not active.", field="owner")
    return principal.business_unit_id


def _unit_reach(change: Change) -> tuple[uuid.UUID | None, ...]:
    from crm_core.security.depth import Depth

    depth = change.actor.depth(change.entity, "create")
    if depth >= Depth.UNIT_AND_CHILDREN:
        return change.actor.unit_ids
    return (change.actor.unit_id,) if depth == Depth.UNIT else ()


def check_reason(change: Change) -> None:
    """CON-2: a status reason belongs to the state."""
    if not change.entity.states:
        return
    state = change.entity.state(change.record.state)
    if change.record.status_reason not in {r.value for r in state.reasons}:
        raise Invalid(
            "status_reason.wrong_state", "This status reason belongs to another state.", field="status_reason"
        )


def locked(
    entity: Entity, record_id: uuid.UUID, actor: Actor, privilege: str, *, version: int | None = None
) -> Any:
    """The record's instance under a row lock, with the privilege and version checked.

    Raises NotFound when it may not be read, Forbidden without `privilege` on it, VersionMismatch.
    """
    model = entity.model
    statement = kept(actor, ("locked", entity.name, privilege), lambda: _locking(entity, actor, privilege))
    found = statement.run({slot(0): record_id})
    if not found:
        raise NotFound()
    record = model.from_db(connection.alias, [f.attname for f in model._meta.concrete_fields], found[0][:-1])
    if not found[0][-1]:
        raise Forbidden(
            "privilege.missing",
            f"You may not {privilege} this record.",
            details={"privilege": f"{entity.name}.{privilege}"},
        )
    if version is not None and record.version != version:
        raise VersionMismatch(
            "record.version_mismatch",
            "Somebody else changed this record meanwhile.",
            details={"version": record.version},
        )
    return record


def _locking(entity: Entity, actor: Actor, privilege: str) -> Statement:
    """Locks and reads the row, last of all whether the privilege reaches it. Only the record's own row is locked."""
    condition = access.visible(entity, actor, privilege)
    rows = base_rows(entity, None).filter(pk=slot(0))
    if access.visible(entity, actor) is not None:
        rows = entity.model.objects.filter(pk__in=base_rows(entity, actor).filter(pk=slot(0)).values("pk"))
    allowed = Q(pk__isnull=False) if condition is None else condition
    rows = rows.annotate(_allowed=ExpressionWrapper(allowed, BooleanField())).select_for_update()
    columns = [f.attname for f in entity.model._meta.concrete_fields]
    return Statement(rows.values_list(*columns, "_allowed"), shared=True)


@transaction.atomic
def update(
    entity: Entity,
    record_id: uuid.UUID,
    values: Mapping[str, Any],
    actor: Actor,
    *,
    version: int | None = None,
    detect_duplicates: bool = False,
    allow_duplicates: bool = False,
    privileged: frozenset[str] = frozenset(),
) -> Written:
    """Change some values of one record.

    Raises NotFound, Forbidden, VersionMismatch, ValidationFailed, Conflict `record.read_only` for closed records.
    """
    access.require(entity, actor, "read")
    record = locked(entity, record_id, actor, "write", version=version)
    if "id" in values and as_uuid(values["id"]) != record_id:
        raise Invalid("attribute.read_only", "The id of a record never changes.", field="id")
    parsed = parse_values(entity, values, actor, creating=False, privileged=privileged, carried=ID)
    resolve_or_raise(parsed, actor, child=entity)
    change = Change(entity, actor, record, operation="update")
    for attribute, value in parsed.items():
        change.set(attribute.name, value)
    refuse_closed(change)
    if change.changed("owner") and "owner" not in privileged:
        _require_assign(change)
    _require_append(change)
    finish_update(change, detect_duplicates=detect_duplicates, allow_duplicates=allow_duplicates)
    return Written(record.pk, record.version, change.warnings, change, change.options.get("job"))


def _require_assign(change: Change) -> None:
    if not access.allowed_on(change.entity, change.actor, change.record.pk, "assign"):
        raise Forbidden("privilege.missing", "You may not assign this record.", field="owner")


def _require_append(change: Change) -> None:
    """Linking and unlinking need Append on this record (PLT-40 Append rule)."""
    entity, actor = change.entity, change.actor
    if (
        actor.depth(entity, "append") >= actor.depth(entity, "write")
        and entity.name not in actor.shared_objects
    ):
        return  # whoever may write it may append it
    linked = [
        n
        for n in change.changed_names
        if entity.attributes[n].type.name in ("lookup", "customer", "regarding")
    ]
    if linked and not access.allowed_on(entity, actor, change.record.pk, "append"):
        raise Forbidden(
            "privilege.missing",
            "You may not link this record.",
            field=linked[0],
            details={"privilege": f"{entity.name}.append"},
        )


def refuse_closed(change: Change) -> None:
    """CON-3: closed records are read-only but for the attributes the entity names."""
    entity, record = change.entity, change.record
    if not entity.states or not entity.state(record.state).closed or change.changed("state"):
        return
    blocked = [
        n
        for n in change.changed_names
        if n not in entity.closed_writable and n not in ("owner", "status_reason")
    ]
    if blocked:
        raise Conflict(
            "record.read_only",
            "This record is closed; reopen it to change it.",
            field=blocked[0],
            details={"state": record.state},
        )


def finish_update(
    change: Change,
    *,
    operation: str = "update",
    topic: str = "updated",
    detect_duplicates: bool = False,
    allow_duplicates: bool = False,
) -> None:
    """Rules, money, search text, save, audit and event of a prepared update; nothing is written when nothing changed."""
    if change.changed("owner"):
        own(change)
    if change.changed("status_reason") or change.changed("state"):
        check_reason(change)
    _settle_money(change)
    run_rules(change, "update")
    saving.apply_money(change)
    if not change.changed_names and operation == "update":
        return
    saving.refresh_search_text(change)
    erased.refuse(change)
    if operation == "update":
        duplicates.refuse(change, detect=detect_duplicates, allow=allow_duplicates)
    saving.update(change, operation, topic)
    saving.sync_links(change)
    saving.sync_unique_values(change)
    duplicates.sync(change)
    run_rules(change, "after_update")
    _relationships_follow(change)


def on_new_owner(follow: Callable[[Change], None]) -> None:
    """Have `follow` treat each record that got another owner; said once, by what itself writes by this module."""
    _new_owner.append(follow)


def _relationships_follow(change: Change) -> None:
    """Acts on a record reach what hangs on it; a record that follows itself is treated with all that follow (PLT-20)."""
    if change.options.get("cascaded"):
        return
    inheriting.changed(change)
    if change.entity.has_owner and change.changed("owner"):
        for follow in _new_owner:
            follow(change)
