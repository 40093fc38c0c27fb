"""Finding the records a file names: by name, number, e-mail, key or id, with one query per object for many texts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.types.reference import Reference, as_uuid
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor

NAMES_FOR_GUESSING = 5_000
_ALSO_BY = {"user": ("email",)}


@dataclass(frozen=True)
class Missing:
    """No record is called so."""

    text: str


@dataclass(frozen=True)
class Ambiguous:
    """Several records are called so."""

    text: str


def targets(attribute: Attribute) -> list[Entity]:
    """The objects a reference may point at, in the order they are tried."""
    known = registry.current().entities
    return [known[name] for name in attribute.targets if name in known]


def target_names(attribute: Attribute, actor: Actor) -> list[str]:
    """Names of records the attribute may point at, for guessing; at most 5,000 per object."""
    found: list[str] = []
    for entity in targets(attribute):
        if actor.depth(entity, "read"):
            names = (
                base_rows(entity, actor)
                .order_by("pk")
                .values_list(entity.primary_attribute.column or entity.primary, flat=True)
            )
            found += [n for n in names[:NAMES_FOR_GUESSING] if n]
    return found


def known_names(attribute: Attribute, texts: Sequence[str], lookup_by: str | None, actor: Actor) -> set[str]:
    """Which of the texts name exactly one record."""
    finder = Finder(attribute, actor, lookup_by)
    finder.prepare(texts)
    return {t for t in texts if isinstance(finder.find(t), Reference)}


@dataclass
class Finder:
    """Resolves the texts of one column. Call `prepare` with a block of texts, then `find` each."""

    attribute: Attribute
    actor: Actor
    lookup_by: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)

    def prepare(self, texts: Iterable[str]) -> None:
        """Look up the texts not asked for yet, with a query per object and way of finding."""
        wanted: dict[str, str] = {}
        for text in texts:
            key = self.key(text)
            if key and key not in self._known:
                wanted[key] = key
        ids: dict[uuid.UUID, str] = {}
        names: set[str] = set()
        for key in wanted:
            if (identifier := as_uuid(key)) is not None:
                ids[identifier] = key
            else:
                names.add(key.strip().lower())
        by_name = self._by_name(names) if names else {}
        by_id = self._by_id(list(ids)) if ids else {}
        for key in wanted:
            identifier = as_uuid(key)
            found = by_id.get(identifier) if identifier is not None else by_name.get(key.strip().lower())
            self._known[key] = found if found is not None else Missing(key)

    def key(self, text: str) -> str:
        """The text after a person's value mapping; empty for "leave empty"."""
        if text in self.values:
            mapped = self.values[text]
            if isinstance(mapped, Mapping):
                mapped = mapped.get("id")
            return "" if mapped is None else str(mapped)
        return text

    def find(self, text: str) -> Reference | Missing | Ambiguous | None:
        """The record a text names; None when a person mapped the text to nothing."""
        key = self.key(text)
        return self._known[key] if key else None

    def learn(self, text: str, reference: Reference) -> None:
        """Remember a record made meanwhile."""
        self._known[self.key(text)] = reference

    def _by_id(self, ids: list[uuid.UUID]) -> dict[uuid.UUID, Reference]:
        found: dict[uuid.UUID, Reference] = {}
        for entity in reversed(targets(self.attribute)):
            for pk, name in (
                _rows(entity, self.actor)
                .filter(pk__in=ids)
                .values_list("pk", entity.primary_attribute.column or entity.primary)
            ):
                found[pk] = Reference(entity.name, pk, name)
        return found

    def _by_name(self, names: set[str]) -> dict[str, Reference | Ambiguous]:
        found: dict[str, Reference | Ambiguous] = {}
        for entity in targets(self.attribute):
            for column in self._columns(entity):
                open_names = names - set(found)
                if open_names and self.actor.depth(entity, "read"):
                    found.update(_named(entity, column, open_names, self.actor))
        return found

    def _columns(self, entity: Entity) -> list[str]:
        if self.lookup_by and self.lookup_by not in ("name", "id"):
            attribute = entity.attributes.get(self.lookup_by)
            if attribute is None or attribute.column is None:
                return []
            # a row that finds its record tells the record's value
            return [attribute.column] if access.readable(entity, attribute, self.actor) else []
        also = [entity.attributes[n] for n in _ALSO_BY.get(entity.name, ()) if n in entity.attributes]
        seen = [a for a in also if access.readable(entity, a, self.actor)]
        return [entity.primary_column, *(a.column or a.name for a in seen)]


def _rows(entity: Entity, actor: Actor) -> QuerySet:
    return base_rows(entity, actor)


def _named(entity: Entity, column: str, names: set[str], actor: Actor) -> dict[str, Reference | Ambiguous]:
    """Records by lower-cased value of `column`; of several, the only active one counts."""
    rows = _rows(entity, actor).annotate(_key=Lower(F(column))).filter(_key__in=names)
    columns = ["pk", entity.primary_attribute.column or entity.primary, "_key", "state"]
    grouped: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows.values_list(*columns):
        grouped.setdefault(row[2], []).append(row)
    closed = {s.value for s in entity.states if s.closed}
    found: dict[str, Reference | Ambiguous] = {}
    for key, group in grouped.items():
        if len(group) > 1:
            group = [r for r in group if r[3] not in closed] or group
        found[key] = Reference(entity.name, group[0][0], group[0][1]) if len(group) == 1 else Ambiguous(key)
    return found
