"""Turning rights into SQL conditions and refusals. The one place that answers "may this actor …" (PLT-40, CUS-13)."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from crm_core.metadata import registry
from crm_core.metadata.entity import BUSINESS_UNIT_OWNED, USER_OWNED, Attribute, Entity, Relationship
from crm_core.metadata.errors import Forbidden
from crm_core.security.actor import Actor
from crm_core.security.depth import SHARE_RIGHTS, Depth
from crm_core.security.models import Share


def visible(entity: Entity, actor: Actor, privilege: str = "read") -> Q | None:
    """Condition for the rows on which `actor` has `privilege`; None means all rows."""
    depth = actor.depth(entity, privilege)
    if depth == Depth.ORGANISATION:
        return None
    if depth == Depth.NONE:
        return Q(pk__in=[])
    if entity.ownership == USER_OWNED:
        condition = _by_owner(actor, depth)
        if (
            privilege == "read" and actor.report_ids
        ):  # managers read what belongs to their people, and no more
            condition |= Q(owner_id__in=actor.report_ids)
        if entity.name in actor.shared_objects and privilege in SHARE_RIGHTS:
            condition |= Q(pk__in=shared_ids(entity, actor, privilege))
        return condition
    if entity.ownership == BUSINESS_UNIT_OWNED and hasattr(entity.model, "business_unit"):
        units = actor.unit_ids if depth >= Depth.UNIT_AND_CHILDREN else (actor.unit_id,)
        return Q(business_unit_id__in=units)
    return None


def _by_owner(actor: Actor, depth: Depth) -> Q:
    if depth == Depth.OWN:
        return Q(owner_id=actor.user_id)
    if depth == Depth.TEAM:
        return Q(owner_id__in=actor.principal_ids)
    units = actor.unit_ids if depth == Depth.UNIT_AND_CHILDREN else (actor.unit_id,)
    return Q(owner_id__in=actor.principal_ids) | Q(owning_business_unit_id__in=units)


def shared_ids(entity: Entity, actor: Actor, privilege: str) -> Any:
    """Subquery of the record ids shared with the actor or his teams with `privilege`.

    The server says what time it is: the SQL may be kept, and a share ends on time all the same.
    """
    live = Q(expires_at=None) | Q(expires_at__gt=Now())
    return Share.objects.filter(
        live, object=entity.name, principal_id__in=actor.principal_ids, rights__contains=[privilege]
    ).values("record_id")


def require(entity: Entity, actor: Actor, privilege: str) -> None:
    """Raises Forbidden `privilege.missing` when the actor has the privilege on no row at all."""
    if actor.depth(entity, privilege) == Depth.NONE:
        raise Forbidden(
            "privilege.missing",
            f"You do not have the right to {privilege.replace('_', ' ')} {entity.label_plural}.",
            details={"privilege": f"{entity.name}.{privilege}"},
        )


def allowed_on(entity: Entity, actor: Actor, record_id: uuid.UUID, privilege: str) -> bool:
    """Whether the actor has `privilege` on this row."""
    condition = visible(entity, actor, privilege)
    if condition is None:
        return True
    return entity.model.objects.filter(condition, pk=record_id).exists()


def has_field_right(entity: Entity, attribute: Attribute, actor: Actor, right: str) -> bool:
    """Whether a field security profile gives the actor `right` (read, create, update); open attributes need none."""
    if not attribute.secured or actor.is_administrator:
        return True
    if attribute.sources:
        return all(has_field_right(e, a, actor, right) for e, a in _secured_sources(attribute))
    if attribute.guards:
        own = f"{entity.name}.{attribute.name.removesuffix('_base')}"
        needed = {f"{o}.{n}" for o, n in attribute.guards}
        if right != "read":  # a value is typed with its own right; only what it tells is that of others
            needed &= {own}
        return all(right in actor.field_rights.get(path, frozenset()) for path in needed)
    name = attribute.name.removesuffix("_base")  # the twin of an amount is read by the amount's right
    name = name if name in entity.attributes else attribute.name
    return right in actor.field_rights.get(f"{entity.name}.{name}", frozenset())


def _secured_sources(attribute: Attribute) -> list[tuple[Entity, Attribute]]:
    """The secured values a computed one is made of, in the end."""
    entities = registry.current().entities
    found = [(entities[o], entities[o].attributes.get(n)) for o, n in attribute.sources if o in entities]
    return [(e, a) for e, a in found if a is not None and a.secured and not a.sources]


def readable(entity: Entity, attribute: Attribute, actor: Actor) -> bool:
    """Whether the actor may see values of `attribute` (PLT-41 field security)."""
    return has_field_right(entity, attribute, actor, "read")


def writable(entity: Entity, attribute: Attribute, actor: Actor, *, creating: bool) -> bool:
    return has_field_right(entity, attribute, actor, "create" if creating else "update")


def require_readable(entity: Entity, attribute: Attribute, actor: Actor) -> None:
    """Filtering or sorting by a value one may not see would reveal it: Forbidden `field.secured`."""
    if not readable(entity, attribute, actor):
        raise Forbidden("field.secured", f"You may not see {attribute.label}.", field=attribute.name)


def may_follow(relation: Relationship, actor: Actor) -> bool:
    """Whether the actor may see the field through which records hang on another: their list tells its values."""
    if relation.link:
        return True
    target = registry.get(relation.object)
    return readable(target, target.attributes[relation.attribute], actor)


def require_following(relation: Relationship, actor: Actor) -> None:
    """Raises Forbidden `field.secured` when the list of related records would tell a secured value."""
    if not may_follow(relation, actor):
        raise Forbidden("field.secured", f"You may not see {relation.label}.", field=relation.name)


def carries(source: Attribute, target: Attribute) -> bool:
    """Whether a value may be copied from one attribute to another: a secured one never into the open."""
    return target.secured or not source.secured


def require_writable(entity: Entity, attribute: Attribute, actor: Actor, *, creating: bool) -> None:
    if not writable(entity, attribute, actor, creating=creating):
        raise Forbidden("field.secured", f"You may not change {attribute.label}.", field=attribute.name)
