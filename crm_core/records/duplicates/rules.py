"""The duplicate rules of a workspace: delivered by declarations, kept as rows, cached until rights or metadata change."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.records.duplicates import normalising
from crm_core.records.duplicates.publishing import start_publishing
from crm_core.records.models import DuplicateRule
from tenants.context import current_schema

_CACHE_SIZE = 200
_cache: OrderedDict[tuple[str, int, int], tuple[Rule, ...]] = OrderedDict()
_lock = threading.Lock()
_DELIVERED = uuid.UUID("5f3c4f52-6d0b-5c53-9f3e-0d5f7e2f8a11")


@dataclass(frozen=True)
class Condition:
    """One comparison: `attribute` of the record being written with `matching_attribute` of those that exist."""

    attribute: str
    matching_attribute: str
    operator: str = "same"
    n: int | None = None
    ignore_blank: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"attribute": self.attribute, "matching_attribute": self.matching_attribute, "operator": self.operator,
                "n": self.n, "ignore_blank": self.ignore_blank}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A compiled rule. Matching is by code (a digest of all keyed conditions), then by the similar ones."""

    id: uuid.UUID
    base_object: str
    matching_object: str
    conditions: tuple[Condition, ...]
    case_sensitive: bool = False
    exclude_inactive: bool = False
    blocks: bool = False
    published: bool = True

    @cached_property
    def keyed(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions if c.operator != "similar")

    @cached_property
    def similar(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions if c.operator == "similar")

    @cached_property
    def base_attributes(self) -> frozenset[str]:
        return frozenset(c.attribute for c in self.conditions)

    @cached_property
    def matching_attributes(self) -> frozenset[str]:
        return frozenset(c.matching_attribute for c in self.conditions)

    def base_code(self, entity: Entity, value: Callable[[str], Any]) -> uuid.UUID | None:
        """The code a record of the base object looks for; None when the rule says nothing about it."""
        return self._code(entity, value, [c.attribute for c in self.keyed])

    def matching_code(self, entity: Entity, value: Callable[[str], Any]) -> uuid.UUID | None:
        """The code a record of the matching object is found by."""
        return self._code(entity, value, [c.matching_attribute for c in self.keyed])

    def _code(self, entity: Entity, value: Callable[[str], Any], names: list[str]) -> uuid.UUID | None:
        if not self.keyed:
            return None
        parts: list[str] = []
        filled = False
        for condition, name in zip(self.keyed, names, strict=True):
            part = self.normalised(entity, condition, name, value(name))
            if not part and condition.ignore_blank:
                return None
            filled = filled or bool(part)
            parts.append(part)
        if not filled:
            return None  # two records that have nothing in common are no duplicates
        digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
        return uuid.UUID(bytes=digest)

    def normalised(self, entity: Entity, condition: Condition, name: str, value: Any) -> str:
        """The compared form of `value`; empty when blank or when the attribute is gone."""
        attribute = entity.attributes.get(name)
        if attribute is None or value is None or value == "" or value == []:
            return ""
        state = workspace.current()
        return normalising.normal(
            attribute, value, condition.operator, n=condition.n, case_sensitive=self.case_sensitive, country=state.country,
            suffixes=suffixes(),
        )  # fmt: skip


def suffixes() -> frozenset[str]:
    """The workspace's list of legal forms, else the delivered one (CUS-10.2)."""
    own = workspace.current().settings.get("company_suffixes")
    return frozenset(own) if own is not None else _DELIVERED_SUFFIXES


_DELIVERED_SUFFIXES = frozenset(normalising.COMPANY_SUFFIXES)


def every_rule() -> tuple[Rule, ...]:
    """All rules in force or being published in this workspace; delivered ones come into being here the first time."""
    state = workspace.current()
    key = (current_schema(), state.metadata_version, state.security_version)
    with _lock:
        if (found := _cache.get(key)) is not None:
            _cache.move_to_end(key)
            return found
    deliver()
    rows = DuplicateRule.objects.exclude(state="unpublished").order_by("created_at", "id")
    rules = tuple(compiled(row) for row in rows if _usable(row))
    if not connection.needs_rollback:
        with _lock:
            _cache[key] = rules
            while len(_cache) > _CACHE_SIZE:
                _cache.popitem(last=False)
    return rules


def forget() -> None:
    """Drop compiled rules (tests)."""
    with _lock:
        _cache.clear()


def _usable(row: DuplicateRule) -> bool:
    entities = registry.current().entities
    return row.base_object in entities and row.matching_object in entities


def compiled(row: DuplicateRule) -> Rule:
    conditions = tuple(Condition(**c) for c in row.conditions)
    return Rule(
        row.pk, row.base_object, row.matching_object, conditions, row.case_sensitive, row.exclude_inactive, row.blocks,
        row.state == "published",
    )  # fmt: skip


def rules_from(object_name: str) -> list[Rule]:
    """Published rules that look for matches of a record of this object."""
    return [r for r in every_rule() if r.published and r.base_object == object_name]


def rules_to(object_name: str) -> list[Rule]:
    """Rules that may find records of this object, also while they are being published."""
    return [r for r in every_rule() if r.matching_object == object_name]


# delivered rules --------------------------------------------------------------------------------------------------------
def deliver() -> None:
    """Bring the declared rules in as rows, once each; a deleted one comes back only with its declaration's change.

    On an empty object the rule is in force at once, else a job computes the match codes first (CUS-10.6).
    """
    declared = dict(declared_rules())
    known = set(DuplicateRule.objects.filter(key__in=declared).values_list("key", flat=True))
    missing = {key: row for key, row in declared.items() if key not in known}
    filled = {name for name in {row.matching_object for row in missing.values()} if _has_rows(name)}
    for key, row in missing.items():
        # the same id in every attempt: a process may know the rule from a transaction that was rolled back
        row.id, row.key = uuid.uuid5(_DELIVERED, key), key
        row.state = "publishing" if row.matching_object in filled else "published"
    at_once = [row for row in missing.values() if row.state == "published"]
    DuplicateRule.objects.bulk_create(at_once, ignore_conflicts=True)
    for row in missing.values():
        if row.state != "publishing":
            continue
        columns = ("id", "name", "base_object", "matching_object", "conditions", "state")
        saved, created = DuplicateRule.objects.get_or_create(
            key=row.key, defaults={name: getattr(row, name) for name in columns}
        )
        if created:
            start_publishing(saved, None)


def declared_keys() -> set[str]:
    """Keys of the delivered rules of the current objects."""
    return {key for key, _row in declared_rules()}


def _has_rows(object_name: str) -> bool:
    entity = registry.get(object_name)
    rows = entity.model.objects.all()
    return (rows.filter(object=entity.discriminator) if entity.discriminator else rows).exists()


def declared_rules() -> list[tuple[str, DuplicateRule]]:
    """Key and unsaved row of every rule the declarations bring, named in the active language."""
    found = []
    for entity in registry.all():
        for names in entity.duplicates:
            pairs = tuple((n, n) for n in names)
            found.append(_delivered(entity, entity, pairs))
        for other, pairs in entity.duplicates_elsewhere:
            target = registry.current().entities.get(other)
            if target is not None:
                found.append(_delivered(entity, target, pairs))
    return [f for f in found if f is not None]


def _delivered(entity: Entity, target: Entity, pairs: tuple) -> tuple[str, DuplicateRule] | None:
    conditions = []
    for ours, theirs in pairs:
        if ours not in entity.attributes or theirs not in target.attributes:
            return None
        conditions.append(Condition(ours, theirs, entity.duplicate_operators.get(ours, "same")).as_json())
    key = f"{entity.name}>{target.name}:" + ",".join(c["attribute"] for c in conditions)
    name = " + ".join(str(_label(entity.attributes[c["attribute"]])) for c in conditions)
    return key, DuplicateRule(
        name=name[:160], base_object=entity.name, matching_object=target.name, conditions=conditions
    )


def _label(attribute: Attribute) -> Any:
    return attribute.label
