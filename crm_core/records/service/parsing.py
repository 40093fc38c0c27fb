"""From the values a caller sent to stored values: unknown names, types, required values, rights, references."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Invalid, Malformed, ValidationFailed
from crm_core.metadata.types.reference import Reference
from crm_core.records.query.filters import base_rows
from crm_core.records.service.merged import live_master
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import Depth
from crm_core.security.models import Principal

# columns that are no plain attributes; creating many rows writes them itself
SPECIAL = frozenset({"id", "created_at", "source_system"})
ID = frozenset({"id"})


def parse_values(
    entity: Entity,
    values: Mapping[str, Any],
    actor: Actor,
    *,
    creating: bool,
    privileged: frozenset[str] = frozenset(),
    defaults: bool = True,
    carried: frozenset[str] = frozenset(),
) -> dict[Attribute, Any]:
    """Stored values by attribute; references are not yet checked (see `resolve_references`).

    `privileged` names read-only and secured attributes this caller may set all the same (imports, rules, actions). Without
    `defaults` only custom attributes get theirs: a new model instance brings the others. Names in `carried` are the
    caller's own business and skipped; nothing else is ever ignored.
    Raises Malformed for unknown names, Forbidden for secured ones, ValidationFailed with every wrong value.
    """
    if not isinstance(values, Mapping):
        raise Malformed("request.malformed", "Values are an object of attribute names and values.")
    parsed: dict[Attribute, Any] = {}
    errors: list[Invalid] = []
    for name, raw in values.items():
        if name in carried and name not in privileged:
            continue
        attribute = entity.attribute(name)
        try:
            _writable(entity, attribute, creating, privileged)
            if attribute.secured and name not in privileged:
                access.require_writable(entity, attribute, actor, creating=creating)
            value = attribute.type.parse(attribute, raw)
            if value is None and attribute.required:
                raise _missing(attribute)
            parsed[attribute] = value
        except Invalid as error:
            errors.append(error)
    if creating:
        errors.extend(_defaults_and_missing(entity, parsed, {e.field for e in errors}, defaults))
    if errors:
        raise ValidationFailed(errors)
    return parsed


def _writable(entity: Entity, attribute: Attribute, creating: bool, privileged: frozenset[str]) -> None:
    if attribute.name in privileged:
        return
    if attribute.name == "state":
        raise Invalid(
            "state.use_action", "The state changes by actions, not by a plain update.", field="state"
        )
    if attribute.fixed and not creating:
        raise Conflict(attribute.fixed, f"{attribute.label} stays as it was created.", field=attribute.name)
    if attribute.read_only or (attribute.create_only and not creating):
        raise Invalid("attribute.read_only", f"{attribute.label} cannot be changed.", field=attribute.name)


def _missing(attribute: Attribute) -> Invalid:
    return Invalid("value.required", f"{attribute.label} is needed.", field=attribute.name)


def _defaults_and_missing(
    entity: Entity, parsed: dict[Attribute, Any], wrong: set[str | None], defaults: bool
) -> Iterable[Invalid]:
    for attribute in entity.defaults:
        if attribute not in parsed and (defaults or attribute.custom):
            parsed[attribute] = attribute.type.decode(attribute, attribute.default)
    for attribute in entity.required_attributes:
        if parsed.get(attribute) is None and attribute.name not in wrong:
            yield _missing(attribute)


def resolve_references(
    rows: list[dict[Attribute, Any]], actor: Actor, *, child: Entity | None = None
) -> list[list[CrmError]]:
    """Check every reference of many rows with one query per object, and give each its current name.

    Returns the errors of each row: a record that is absent or not visible is `lookup.does_not_exist`. When the rows are
    values of records of `child`, the actor needs Append there and Append to on each record referred to (PLT-40).
    """
    wanted: dict[str, set[uuid.UUID]] = {}
    for row in rows:
        for attribute, value in row.items():
            if isinstance(value, Reference):
                wanted.setdefault(_kind(attribute, value), set()).add(value.id)
    found = {kind: _names(kind, ids, actor) for kind, ids in wanted.items()}
    return [_resolved(row, found, actor, child) for row in rows]


def _kind(attribute: Attribute, value: Reference) -> str:
    return "principal" if attribute.type.name == "owner" or value.object in ("user", "team") else value.object


Match = tuple[str, str, bool, uuid.UUID]


def _names(kind: str, ids: set[uuid.UUID], actor: Actor) -> dict[uuid.UUID, Match]:
    """(object, name, whether others may be appended to it, id) by id of the records that exist and the actor may read.

    A merged record's id is answered by its master.
    """
    if kind == "principal":
        return {p.pk: (p.kind, p.name, True, p.pk) for p in Principal.objects.filter(pk__in=ids)}
    if kind == "file":
        from crm_core.records.models import StoredFile

        files = StoredFile.objects.filter(pk__in=ids, deleted_at=None)
        if not actor.is_administrator:
            # somebody else's file is reached through its record, never by naming its id on a record of one's own
            files = files.filter(created_by=actor.user_id)
        return {f.pk: ("file", f.name, True, f.pk) for f in files}
    try:
        entity = registry.get(kind)
    except CrmError:
        return {}
    condition = access.visible(entity, actor, "append_to")
    allowed = Q(pk__isnull=False) if condition is None else condition
    rows = (
        base_rows(entity, actor).filter(pk__in=ids).annotate(_open=ExpressionWrapper(allowed, BooleanField()))
    )
    found: dict[uuid.UUID, Match] = {}
    for pk, name, may, merged in rows.values_list(
        "pk", entity.primary_attribute.column, "_open", "merged_into"
    ):
        found[pk] = (
            (kind, name, may, pk) if merged is None else _master(entity, pk, (kind, name, may, pk), actor)
        )
    return found


def _master(entity: Entity, record_id: uuid.UUID, old: Match, actor: Actor) -> Match:
    """Where a merged record's id leads to: a write that still knows the old one means the new one (CUS-11.4)."""
    master = live_master(entity, record_id)
    column = entity.primary_column
    name = base_rows(entity, None).filter(pk=master).values_list(column, flat=True).first()
    if name is None or master is None:
        return old
    return (entity.name, name, access.allowed_on(entity, actor, master, "append_to"), master)


def _resolved(
    row: dict[Attribute, Any], found: dict[str, dict], actor: Actor, child: Entity | None
) -> list[CrmError]:
    errors: list[CrmError] = []
    for attribute, value in row.items():
        if not isinstance(value, Reference):
            continue
        kind = _kind(attribute, value)
        match = found[kind].get(value.id)
        if match is None or (
            attribute.type.name == "lookup" and attribute.targets == ("user",) and match[0] != "user"
        ):
            errors.append(
                Invalid(
                    "lookup.does_not_exist",
                    f"{attribute.label}: there is no such record.",
                    field=attribute.name,
                )
            )
            continue
        if child is not None and kind not in ("principal", "file"):
            errors.extend(_append_refusals(attribute, child, kind, match[2], actor))
        row[attribute] = Reference(match[0], match[3], match[1])
    return errors


def _append_refusals(
    attribute: Attribute, child: Entity, parent: str, appendable: bool, actor: Actor
) -> list[CrmError]:
    missing = None
    if actor.depth(child, "append") == Depth.NONE:
        missing = f"{child.name}.append"
    elif not appendable:
        missing = f"{parent}.append_to"
    if missing is None:
        return []
    message = f"{attribute.label}: you may not link to this record."
    return [Forbidden("privilege.missing", message, field=attribute.name, details={"privilege": missing})]


def refusal(errors: Sequence[CrmError]) -> CrmError:
    """What to raise for the errors of one row: a missing right goes before wrong values."""
    forbidden = next((e for e in errors if isinstance(e, Forbidden)), None)
    return forbidden or ValidationFailed([e for e in errors if isinstance(e, Invalid)])


def resolve_or_raise(row: dict[Attribute, Any], actor: Actor, *, child: Entity | None = None) -> None:
    """`resolve_references` for one row. Raises ValidationFailed, Forbidden `privilege.missing`."""
    errors = resolve_references([row], actor, child=child)[0]
    if errors:
        raise refusal(errors)
