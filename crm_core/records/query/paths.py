"""Attribute paths such as `customer.industry`: which column of which joined object they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Malformed
from crm_core.security import access
from crm_core.security.actor import Actor

MAX_STEPS = 3


@dataclass(frozen=True)
class Branch:
    """One way a path can go: through which joins (`prefix`), to which object; `key` is the joined row's id column."""

    prefix: str
    entity: Entity
    attribute: Attribute
    key: str | None = None
    #: the references the path goes through, each with its object
    passed: tuple[tuple[Entity, Attribute], ...] = ()

    @property
    def read(self) -> tuple[tuple[Entity, Attribute], ...]:
        """All whose values the path tells: what a secured reference points at says where it points."""
        return (*self.passed, (self.entity, self.attribute))

    def readable(self, actor: Actor) -> bool:
        """Whether the actor may see every value the path tells."""
        return all(access.readable(entity, attribute, actor) for entity, attribute in self.read)


_Place = tuple[str, Entity, str | None, tuple[tuple[Entity, Attribute], ...]]


def resolve(entity: Entity, path: Any, actor: Actor | None = None) -> list[Branch]:
    """All branches of `path` starting at `entity` (several when it goes through a customer).

    Raises Malformed `attribute.unknown` for unknown names and Forbidden `field.secured` for values the actor may not see.
    """
    if not isinstance(path, str) or len(path) > 200:
        raise Malformed("attribute.unknown", "An attribute's name is needed.", field=str(path)[:60])
    steps = path.split(".")
    if len(steps) > MAX_STEPS:
        raise Malformed("attribute.path_too_long", f"A path has at most {MAX_STEPS} steps.", field=path)
    places: list[_Place] = [("", entity, None, ())]
    for step in steps[:-1]:
        places = [joined for place in places for joined in _join(place, step, path)]
    last = steps[-1]
    branches = [Branch(p, e, e.attributes[last], k, s) for p, e, k, s in places if last in e.attributes]
    if not branches:
        raise Malformed("attribute.unknown", f"{entity.label_plural} have no attribute “{path}”.", field=path)
    if actor is not None:
        for told, attribute in (pair for branch in branches for pair in branch.read):
            access.require_readable(told, attribute, actor)
    return branches


def _join(place: _Place, step: str, path: str) -> list[_Place]:
    prefix, entity, _key, passed = place
    attribute = entity.attributes.get(step)
    if attribute is None:
        return []
    kind = attribute.type.name
    if attribute.custom or kind not in ("lookup", "customer", "owner"):
        raise Malformed("attribute.no_path", f"{attribute.label} cannot be followed.", field=path)
    passed = (*passed, (entity, attribute))
    if kind == "customer":
        return [
            (f"{prefix}{column}__", registry.get(t), f"{prefix}{column}_id", passed)
            for t, column in attribute.columns.items()
        ]
    if kind == "owner" or attribute.targets == ("user",):
        column = attribute.column or attribute.name
        user = registry.get("user")
        return [(f"{prefix}{column}__system_user__", user, f"{prefix}{column}_id", passed)]
    return [
        (
            f"{prefix}{attribute.column}__",
            registry.get(attribute.targets[0]),
            f"{prefix}{attribute.column}_id",
            passed,
        )
    ]
