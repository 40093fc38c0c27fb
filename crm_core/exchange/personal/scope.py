"""Which records are about one person: the record itself, those merged with it, and the lead it came from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid, NotFound
from crm_core.records.query.filters import base_rows
from crm_core.security.actor import Actor

CAPABILITY = "personal_data"
MOST = 200
#: what people typed in these types describes the person; numbers and choices only where the object says so
TYPED = ("text", "memo", "date", "datetime", "file", "multi")


@dataclass
class Person:
    """Records of one person by object, and those about him: addresses, activities, notes."""

    entity: Entity
    record_id: uuid.UUID
    name: str
    records: dict[str, list[uuid.UUID]] = field(default_factory=dict)

    @property
    def ids(self) -> list[uuid.UUID]:
        return [i for ids in self.records.values() for i in ids]


def personal_attributes(entity: Entity) -> list[Attribute]:
    """What of a record is about the person: everything typed, choices the object names, and what the workspace added."""
    named = entity.person or frozenset()
    return [
        a
        for a in entity.attributes.values()
        if not (a.system and a.name != "external_key")
        and a.type.name not in ("lookup", "customer", "owner", "regarding")
        and (a.custom or a.name in named or (a.type.name in TYPED and (a.importable or a.searchable)))
    ]


def find(entity: Entity, record_id: uuid.UUID, actor: Actor) -> Person:
    """The person a record is about, from the recycle bin too.

    Raises Forbidden without the capability personal_data, Invalid `personal.not_a_person`, NotFound.
    """
    actor.require(CAPABILITY)
    if entity.person is None:
        raise Invalid("personal.not_a_person", f"{entity.label_plural} are not people.")
    for deleted in (False, True):
        row = base_rows(entity, actor, deleted=deleted).filter(pk=record_id).first()
        if row is not None:
            person = Person(entity, record_id, str(getattr(row, str(entity.primary_attribute.column)) or ""))
            _collect(person)
            return person
    raise NotFound()


def _collect(person: Person) -> None:
    """Follow merges both ways, and references between kinds of people: a contact and the lead it was."""
    people = [e for e in registry.all() if e.person is not None]
    found: set[tuple[str, uuid.UUID]] = set()
    left = [(person.entity.name, person.record_id)]
    while left and len(found) < MOST:
        name, identifier = left.pop()
        if (name, identifier) in found:
            continue
        found.add((name, identifier))
        entity = registry.get(name)
        rows = entity.model.objects.filter(Q(merged_into=identifier) | Q(pk=identifier))
        for pk, onward in rows.values_list("pk", "merged_into"):
            left += [(name, other) for other in (pk, onward) if other is not None]
        for other in people:
            for attribute in _links(other, entity):
                column = f"{attribute.column}_id"
                ids = other.model.objects.filter(**{column: identifier}).values_list("pk", flat=True)
                left += [(other.name, i) for i in ids]
            for attribute in _links(entity, other):
                column = f"{attribute.column}_id"
                held = entity.model.objects.filter(pk=identifier).values_list(column, flat=True).first()
                left += [(other.name, held)] if held else []
    for name, identifier in sorted(found, key=str):
        person.records.setdefault(name, []).append(identifier)


def _links(entity: Entity, target: Entity) -> list[Attribute]:
    if entity.name == target.name:
        return []
    return [
        a
        for a in entity.attributes.values()
        if a.type.name == "lookup" and not a.custom and a.targets == (target.name,)
    ]


def belongings(person: Person) -> dict[str, list[uuid.UUID]]:
    """Records that only exist with the person (further addresses), the recycle bin's included, by object."""
    found: dict[str, list[uuid.UUID]] = {}
    for name, ids in person.records.items():
        for child, attribute in registry.referring(name):
            if not child.part_of_person or attribute.custom:
                continue
            column = attribute.columns[name] if attribute.columns else attribute.column
            rows = child.model.objects.filter(**{f"{column}_id__in": ids})
            found.setdefault(child.name, []).extend(rows.values_list("pk", flat=True))
    return {name: ids for name, ids in found.items() if ids}


def entries_about(person: Person) -> dict[str, list[uuid.UUID]]:
    """Activities and notes about the person or with him, the recycle bin's included, by object."""
    found: dict[str, list[uuid.UUID]] = {}
    for entity in registry.all():
        where = Q(pk__in=[])
        for attribute in entity.attributes.values():
            if attribute.type.name == "regarding":
                where |= Q((f"{attribute.columns['id']}__in", person.ids))
            elif attribute.type.name == "parties" and attribute.column:
                for identifier in person.ids:
                    where |= Q((f"{attribute.column}__contains", [{"id": str(identifier)}]))
        if where != Q(pk__in=[]):
            ids = list(entity.model.objects.filter(where).values_list("pk", flat=True))
            if ids:
                found[entity.name] = ids
    return found


def e_mails(person: Person) -> set[str]:
    """Every e-mail address held on the person."""
    found: set[str] = set()
    for name, ids in person.records.items():
        entity = registry.get(name)
        columns = [str(a.column) for a in entity.attributes.values() if a.format == "email" and a.column]
        for row in entity.model.objects.filter(pk__in=ids).values_list(*columns):
            found.update(str(value).lower() for value in row if value)
    return found


def preview(person: Person) -> dict[str, Any]:
    """What an access request hands out and an erasure touches, counted: for the dialog."""
    entries = entries_about(person)
    is_note = {name: not registry.get(name).is_activity for name in entries}
    return {
        "name": person.name,
        "records": {name: len(ids) for name, ids in person.records.items()},
        "addresses": sum(map(len, belongings(person).values())),
        "notes": sum(len(ids) for name, ids in entries.items() if is_note[name]),
        "activities": sum(len(ids) for name, ids in entries.items() if not is_note[name]),
    }
