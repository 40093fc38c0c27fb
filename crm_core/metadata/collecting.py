"""Objects whose records are lists of other records: which object collects which, and how a list says what is in it (MKT-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity, Relationship

#: what a filter says of the lists a record is in: `{"attribute": "member_of", "operator": "in", "value": [ids]}`
MEMBER_OF = "member_of"


def collector(object_name: str, entities: Mapping[str, Entity] | None = None) -> Entity | None:
    """The object whose records can be lists of records of `object_name`; None when nothing collects them."""
    known = registry.current().entities if entities is None else entities
    return next(
        (e for e in known.values() if e.collects and object_name in e.collects.objects.values()), None
    )


def relationships_of(entities: Mapping[str, Entity]) -> Iterator[tuple[str, Relationship]]:
    """(object, its relation to the lists its records are members of); members come and go by the list's actions."""
    for entity in entities.values():
        if (sheet := entity.collects) is None:
            continue
        relation = Relationship(
            entity.plural, entity.label_plural, entity.name, "", link=sheet.link, end="second", managed=True
        )
        yield from ((name, relation) for name in sheet.objects.values() if name in entities)
