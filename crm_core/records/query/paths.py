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


def resolve(entity: Entity, path: Any, actor: Actor | None = None) -> list[Branch]:
    """All branches of `path` starting at `entity` (several when it goes through a customer).

    Raises Malformed `attribute.unknown` for unknown names and Forbidden `field.secured` for values the actor may not see.
    """
    if not isinstance(path, str) or len(path) > 200:
        raise Malformed("attribute.unknown", "An attribute's name is needed.", field=str(path)[:60])
    steps = path.split(".")
    if len(steps) > MAX_STEPS:
        raise Malformed("attribute.path_too_long", f"A path has at most {MAX_STEPS} steps.", field=path)
    places: list[tuple[str, Entity, str | None]] = [("", entity, None)]
    for step in steps[:-1]:
        places = [joined for place in places for joined in _join(*place, step, path)]
    branches = [Branch(p, e, e.attributes[steps[-1]], k) for p, e, k in places if steps[-1] in e.attributes]
    if not branches:
        raise Malformed("attribute.unknown", f"{entity.label_plural} have no attribute “{path}”.", field=path)
    if actor is not None:
        for branch in branches:
            access.require_readable(branch.entity, branch.attribute, actor)
    return branches


def _join(
    prefix: str, entity: Entity, _key: str | None, step: str, path: str
) -> list[tuple[str, Entity, str | None]]:
    attribute = entity.attributes.get(step)
    if attribute is None:
        return []
    kind = attribute.type.name
    if attribute.custom or kind not in ("lookup", "customer", "owner"):
        raise Malformed("attribute.no_path", f"{attribute.label} cannot be followed.", field=path)
    if kind == "customer":
        return [
            (f"{prefix}{column}__", registry.get(t), f"{prefix}{column}_id")
            for t, column in attribute.columns.items()
        ]
    if kind == "owner" or attribute.targets == ("user",):
        column = attribute.column or attribute.name
        return [(f"{prefix}{column}__system_user__", registry.get("user"), f"{prefix}{column}_id")]
    return [
        (
            f"{prefix}{attribute.column}__",
            registry.get(attribute.targets[0]),
            f"{prefix}{attribute.column}_id",
        )
    ]
