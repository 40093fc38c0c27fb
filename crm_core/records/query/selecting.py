"""Which columns a list of attribute paths needs, and turning a database row back into JSON values."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.records.query import calculated
from crm_core.records.query.filters import base_rows
from crm_core.records.query.paths import resolve
from crm_core.security import access
from crm_core.security.actor import Actor

ALWAYS = ("pk", "version")


class Selection:
    """The columns for `paths` of `entity`, with what the actor may not see left out."""

    def __init__(self, entity: Entity, paths: Sequence[str], actor: Actor):
        self.entity = entity
        self.actor = actor
        self.columns: list[Any] = list(ALWAYS)
        self.masked: list[str] = []
        self._plan: list[tuple[str, list[tuple[Attribute, slice, int | None, Entity]]]] = []
        self._references: list[tuple[str, Attribute]] = []
        for path in dict.fromkeys(paths):
            self._add(path)

    def _add(self, path: str) -> None:
        branches = resolve(self.entity, path)
        if not all(branch.readable(self.actor) for branch in branches):
            self.masked.append(path)
            return
        parts = []
        for branch in branches:
            columns = calculated.columns(branch.entity, branch.attribute, branch.prefix, self.actor)
            start = len(self.columns)
            self.columns.extend(columns)
            key = None
            hidden = (
                branch.key and branch.entity.name != "user" and branch.attribute.name != branch.entity.primary
            )
            if hidden and access.visible(branch.entity, self.actor) is not None:
                self.columns.append(branch.key)
                key = len(self.columns) - 1
            parts.append((branch.attribute, slice(start, start + len(columns)), key, branch.entity))
            if (
                branch.attribute.custom and branch.attribute.type.name in ("lookup", "file")
            ) or branch.attribute.type.name == "file":
                self._references.append((path, branch.attribute))
        self._plan.append((path, parts))

    def rows(self, raw: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        """JSON rows from database rows, names of custom references filled in with one query per target object."""
        unseen = self._unseen_parents(raw)
        found = []
        for values in raw:
            row: dict[str, Any] = {"id": str(values[0]), "version": values[1]}
            for path, parts in self._plan:
                value = None
                for attribute, part, key, entity in parts:
                    if key is not None and (entity.name, values[key]) in unseen:
                        continue
                    value = attribute.type.row(attribute, values[part])
                    if value is not None:
                        break
                row[path] = value
            for path in self.masked:
                row[path] = None
            if self.masked:
                row["masked"] = self.masked
            found.append(row)
        for path, attribute in self._references:
            fill_names([row[path] for row in found if row.get(path)], attribute)
        return found

    def _unseen_parents(self, raw: Sequence[Sequence[Any]]) -> set[tuple[str, uuid.UUID]]:
        """Parents of these rows that the actor may not read: their values are left out, their names shown."""
        unseen: set[tuple[str, uuid.UUID]] = set()
        for _path, parts in self._plan:
            for _attribute, _part, key, entity in parts:
                if key is None:
                    continue
                ids = {values[key] for values in raw if values[key] is not None}
                seen = set(base_rows(entity, self.actor).filter(pk__in=ids).values_list("pk", flat=True))
                unseen.update((entity.name, i) for i in ids - seen)
        return unseen


def fill_names(references: list[dict[str, Any]], attribute: Attribute) -> None:
    """Add the current names to custom references and facts to files, in place."""
    if not references:
        return
    ids = {r["id"] for r in references}
    if attribute.type.name == "file":
        from crm_core.records.files import describe_files

        facts = describe_files(ids)
        for reference in references:
            reference.update(facts.get(reference["id"], {}))
        return
    names = names_of(attribute.targets[0], ids)
    for reference in references:
        reference["name"] = names.get(reference["id"])


def names_of(object_name: str, ids: set[str]) -> dict[str, str]:
    """Primary names of records by id, deleted ones included, without asking for rights (a reference shows a name)."""
    target = registry.get(object_name)
    rows = target.model.objects.filter(pk__in=ids)
    if target.discriminator:
        rows = rows.filter(object=target.discriminator)
    return {str(i): n for i, n in rows.values_list("pk", target.primary_attribute.column)}
