"""The owner of a parent has the owner's access to its children, where the relationship says so (PLT-20 reparent).

It is kept as shares that say which record they come from, so that every channel and the access explanation know it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from typing import Any

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.types.reference import as_uuid
from crm_core.records.change import Change
from crm_core.records.query.filters import base_rows
from crm_core.records.service.cascading import children, referring
from crm_core.security.depth import SHARE_RIGHTS
from crm_core.security.models import Share

AS_OWNER = "owner"
Given = tuple[uuid.UUID, uuid.UUID, uuid.UUID]  # the parent, its owner, the record he has access to


def created(entity: Entity, changes: Collection[Change]) -> None:
    """After creating: access for the owners of the parents the new records have; a query per object of parents."""
    held: dict[str, list[tuple[Any, uuid.UUID]]] = {}
    for attribute in entity.reparenting:
        for change in changes:
            above = change.get(attribute.name)
            closed = entity.states and entity.state(change.record.state).closed
            if above is not None and not (closed and attribute.cascade.reparent == "active"):
                held.setdefault(above.object, []).append((change.record, above.id))
    found: list[Given] = []
    for name, pairs in held.items():
        parent = registry.current().entities.get(name)
        if parent is None or not parent.has_owner:
            continue
        ids = {above for _record, above in pairs}
        owners = dict(base_rows(parent, None).filter(pk__in=ids).values_list("pk", "owner_id"))
        found += [
            (above, owners[above], record.pk)
            for record, above in pairs
            if owners.get(above) not in (None, record.owner_id)
        ]
    _store(entity, found)


def changed(change: Change) -> None:
    """After a change of owner or parent: the record's own inherited access, and that to what hangs on it."""
    entity, record_id = change.entity, change.record.pk
    moved = change.changed("owner") if entity.has_owner else False
    if moved or any(change.changed(a.name) for a in entity.reparenting):
        refresh(entity, [record_id])
    if moved:
        below(entity, [record_id])


def refresh(entity: Entity, ids: Collection[uuid.UUID]) -> None:
    """Work out anew who has inherited access to these records."""
    if not entity.reparenting or not ids:
        return
    Share.objects.filter(object=entity.name, record_id__in=ids, inherited_as=AS_OWNER).delete()
    _give(entity, ids)


def below(entity: Entity, ids: Collection[uuid.UUID]) -> None:
    """Records of `entity` got another owner: he, and no longer the former one, has access to what hangs on them."""
    if not ids:
        return
    for child, attribute in referring(entity):
        if attribute in child.reparenting:
            refresh(child, [c.id for c in children(child, attribute, entity.name, ids)])


def _give(entity: Entity, ids: Collection[uuid.UUID]) -> None:
    _store(
        entity, [given for attribute in entity.reparenting for given in _strangers(entity, attribute, ids)]
    )


def _store(entity: Entity, found: Collection[Given]) -> None:
    if not found:
        return
    rows = [
        Share(object=entity.name, record_id=record_id, principal_id=owner_id, rights=list(SHARE_RIGHTS),
              inherited_from=parent_id, inherited_as=AS_OWNER)
        for parent_id, owner_id, record_id in dict.fromkeys(found)
    ]  # fmt: skip
    owners = {row.principal_id for row in rows}
    known = Share.objects.filter(object=entity.name, principal_id__in=owners).values_list(
        "principal_id", flat=True
    )
    news = owners - set(known.distinct())
    Share.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    if news:  # for them it is the first share of this object: their rights must be read anew
        workspace.bump("security_version")


def _strangers(entity: Entity, attribute: Attribute, ids: Collection[uuid.UUID]) -> Iterator[Given]:
    """(parent, its owner, record) where the two belong to different people."""
    rows = base_rows(entity, None).filter(pk__in=ids)
    if attribute.cascade.reparent == "active":
        rows = rows.exclude(state__in=[s.value for s in entity.states if s.closed])
    if attribute.type.name == "regarding":
        targets = list(rows.order_by().values_list(attribute.columns["object"], flat=True).distinct())
        paths = {name: attribute.columns["id"] for name in targets if name}
        rows_of = {name: rows.filter(**{attribute.columns["object"]: name}) for name in paths}
    else:
        paths = {name: _column(attribute, name) for name in attribute.targets}
        rows_of = dict.fromkeys(paths, rows)
    for name, path in paths.items():
        parent = registry.current().entities.get(name)
        if parent is None or not parent.has_owner:
            continue
        held = [
            (pk, as_uuid(above), owner)
            for pk, above, owner in rows_of[name].values_list("pk", path, "owner_id")
        ]
        wanted = {above for _pk, above, _owner in held if above}
        owners = (
            dict(base_rows(parent, None).filter(pk__in=wanted).values_list("pk", "owner_id"))
            if wanted
            else {}
        )
        for pk, above, owner in held:
            if above and owners.get(above) is not None and owners[above] != owner:
                yield above, owners[above], pk


def _column(attribute: Attribute, target: str) -> str:
    if attribute.custom:
        return f"custom__{attribute.name}"
    return f"{attribute.columns[target] if attribute.columns else attribute.column}_id"
