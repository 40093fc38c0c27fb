"""Everything that hangs on one record, counted and moved to another: children, parties, files, shares (CUS-11.3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError
from crm_core.metadata.types import storage
from crm_core.metadata.types.reference import Reference
from crm_core.records.change import Change
from crm_core.records.models import RelatedPair, StoredFile
from crm_core.records.query.filters import base_rows
from crm_core.records.service import inheriting, linking, saving
from crm_core.records.service.deleting import children_of, delete
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import SHARE_RIGHTS
from crm_core.security.models import Share


def count(entity: Entity, source_id: uuid.UUID, target_id: uuid.UUID, actor: Actor) -> dict[str, int]:
    """How many records of each object, files and shares would move, as far as the actor may see what links them."""
    found: dict[str, set[uuid.UUID]] = {}
    for child, attribute, _behaviour, ids in children_of(entity, source_id):
        if not access.readable(child, attribute, actor):
            continue
        found.setdefault(child.plural, set()).update(set(ids) - {target_id})
    for child, attribute, ids in _taking_part(source_id):
        if not access.readable(child, attribute, actor):
            continue
        found.setdefault(child.plural, set()).update(ids)
    counted = {plural: len(ids) for plural, ids in found.items() if ids}
    if files := StoredFile.objects.filter(regarding_id=source_id, deleted_at=None).count():
        counted["files"] = files
    if shares := Share.objects.filter(object=entity.name, record_id=source_id, inherited_from=None).count():
        counted["shares"] = shares
    if links := RelatedPair.objects.filter(Q(first_id=source_id) | Q(second_id=source_id)).count():
        counted["links"] = links
    return counted


def move(entity: Entity, source: Any, target: Any, actor: Actor) -> tuple[dict[str, int], dict[str, Any]]:
    """Point everything at `target`; kernel writes, so the children's own rights are not asked.

    Returns how many of each moved, and what the journal of audit entries cannot say (files, shares).
    """
    moved: dict[str, set[uuid.UUID]] = {}
    name = getattr(target, entity.primary_attribute.column or "")
    for child, attribute, _behaviour, ids in children_of(entity, source.pk):
        for row in child.model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"):
            if row.pk == target.pk:
                continue
            _point(child, row, attribute, Reference(entity.name, target.pk, name), actor)
            moved.setdefault(child.plural, set()).add(row.pk)
    for child, attribute, ids in _taking_part(source.pk):
        for row in child.model.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"):
            _point(
                child,
                row,
                attribute,
                _replaced(storage.read(attribute, row), source.pk, target.pk, name),
                actor,
            )
            moved.setdefault(child.plural, set()).add(row.pk)
    journal: dict[str, list[Any]] = {
        "files": _move_files(source.pk, target.pk),
        "shares": _move_shares(entity, source.pk, target.pk),
        "links": linking.move(source.pk, target.pk),
    }
    counted = {plural: len(ids) for plural, ids in moved.items()}
    counted.update({kind: len(rows) for kind, rows in journal.items() if rows})
    return counted, journal


def _point(child: Entity, row: Any, attribute: Attribute, value: Any, actor: Actor) -> None:
    """Set one reference; where the same thing hangs on the target already, the moved one goes to the bin (CUS-11.3)."""
    change = Change(child, actor, row, operation="update")
    change.set(attribute.name, value)
    try:
        with transaction.atomic():
            saving.update(change, "reparent", "updated")
            saving.sync_links(change)
            inheriting.changed(change)
    except CrmError as error:
        if error.code != "value.not_unique":
            raise
        delete(child, row.pk, actor.for_rules())


def _taking_part(record_id: uuid.UUID) -> Iterator[tuple[Entity, Attribute, list[uuid.UUID]]]:
    """Activities the record takes part in: object, attribute with the parties, ids."""
    for child in registry.all():
        for attribute in child.attributes.values():
            if attribute.type.name == "parties" and not attribute.custom:
                rows = base_rows(child, None).filter(
                    **{f"{attribute.column}__contains": [{"id": str(record_id)}]}
                )
                if ids := list(rows.values_list("pk", flat=True)):
                    yield child, attribute, ids


def _replaced(parties: list[dict], source: uuid.UUID, target: uuid.UUID, name: str) -> list[dict]:
    """The parties with one put in another's place; who takes part twice in the same role is named once."""
    found: list[dict] = []
    taken: set[tuple[str, str]] = set()
    for party in parties:
        if party.get("id") == str(source):
            party = {**party, "id": str(target), "name": name}
        key = (party.get("role", ""), party.get("id") or party.get("address") or "")
        if key not in taken:
            taken.add(key)
            found.append(party)
    return found


def _move_files(source: uuid.UUID, target: uuid.UUID) -> list[str]:
    rows = StoredFile.objects.filter(regarding_id=source, deleted_at=None)
    ids = [str(i) for i in rows.values_list("pk", flat=True)]
    rows.update(regarding_id=target)
    return ids


def _move_shares(entity: Entity, source: uuid.UUID, target: uuid.UUID) -> list[dict[str, Any]]:
    """Whoever a share let see one of the two sees the one that stays; rights are united."""
    given = Share.objects.filter(object=entity.name, inherited_from=None)
    theirs = {s.principal_id: s for s in given.filter(record_id=target)}
    journal: list[dict[str, Any]] = []
    for share in given.filter(record_id=source).order_by("pk"):
        there = theirs.get(share.principal_id)
        if there is None:
            journal.append({"share": str(share.pk)})
            share.record_id = target
            share.save(update_fields=["record_id"])
            continue
        united = sorted({*there.rights, *share.rights}, key=SHARE_RIGHTS.index)
        journal.append(
            {"kept": str(share.pk), "into": str(there.pk), "rights": there.rights, "united": united}
        )
        there.rights = united
        there.save(update_fields=["rights"])
    return journal


def move_back(entity: Entity, source: uuid.UUID, target: uuid.UUID, journal: dict[str, Any]) -> None:
    """Files and shares as before, except those somebody changed since."""
    StoredFile.objects.filter(pk__in=journal.get("files", []), regarding_id=target).update(
        regarding_id=source
    )
    linking.move_back(journal.get("links", []))
    for entry in journal.get("shares", []):
        if "share" in entry:
            Share.objects.filter(pk=entry["share"], record_id=target).update(record_id=source)
        else:
            Share.objects.filter(pk=entry["into"], rights=entry["united"]).update(rights=entry["rights"])
