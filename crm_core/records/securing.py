"""Securing attributes and the profiles that open them: the right to, the change, its entry, and searching anew (PLT-41)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from crm_core.metadata import plan_limits, registry
from crm_core.metadata.customization import locks
from crm_core.metadata.errors import Malformed
from crm_core.records import audit, reindexing
from crm_core.records.models import DuplicatePair
from crm_core.security import field_profiles
from crm_core.security.actor import Actor

MOST_AT_ONCE = 500


@transaction.atomic
def secure(wanted: Any, actor: Actor) -> None:
    """Secure or open attributes: `{"contact.annual_income": true}`; what is secured leaves the search at once.

    Raises Forbidden without manage_roles, Malformed, PlanLimit `plan.feature` for securing (opening is always
    allowed), and what `field_profiles.set_secured` raises.
    """
    actor.require("manage_roles")
    if not isinstance(wanted, dict) or len(wanted) > MOST_AT_ONCE:
        raise Malformed("request.malformed", "attributes is an object of true and false.", field="attributes")
    for path in wanted:
        object_name, _dot, name = str(path).partition(".")
        locks.refuse("secured_attribute", object_name, name)
    changed = field_profiles.set_secured(wanted)
    for path in (path for path, (_before, secured) in changed.items() if secured):
        plan_limits.require_field_security(path)
    if changed:
        audit.note(actor, "field_security", "secure", dict(changed))
    for name in sorted({path.split(".")[0] for path in changed if _searchable(path)}):
        reindexing.reindex(name, actor)
    _forget_pairs({path.split(".")[0] for path, (_before, secured) in changed.items() if secured})


def _forget_pairs(objects: set[str]) -> None:
    """Possible duplicates whose score or reasons may tell of a value that is secured now; the next scan finds the others anew.

    What a person said about two records stays.
    """
    undecided = DuplicatePair.objects.exclude(state="not_duplicate")
    undecided.filter(Q(first_object__in=objects) | Q(second_object__in=objects)).delete()


@transaction.atomic
def forget_choice(path: str, actor: Actor) -> None:
    """Leave `object.attribute` as delivered again. Raises Forbidden without manage_roles."""
    actor.require("manage_roles")
    field_profiles.forget_choice(path)
    audit.note(actor, "field_security", "secure", {path: [None, None]})
    object_name, _dot, name = path.partition(".")
    entity = registry.current().entities.get(object_name)
    if entity is not None and name in entity.attributes and entity.attributes[name].searchable:
        reindexing.reindex(object_name, actor)


def _searchable(path: str) -> bool:
    object_name, name = path.split(".")
    return registry.get(object_name).attributes[name].searchable


@transaction.atomic
def create_profile(body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A new profile as JSON. Raises Forbidden, PlanLimit `plan.feature`, and what `field_profiles.create` raises."""
    actor.require("manage_roles")
    plan_limits.require_field_security()
    row = field_profiles.create(dict(body), actor)
    found = field_profiles.profile_json(row)
    audit.note(actor, "field_security", "create", {"profile": [None, found]}, row.pk)
    return found


@transaction.atomic
def change_profile(profile_id: uuid.UUID, body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """The changed profile as JSON. Raises Forbidden, NotFound, and what `field_profiles.update` raises."""
    actor.require("manage_roles")
    before = field_profiles.profile_json(field_profiles.find(profile_id))
    if set(body) - {"members"}:
        locks.refuse("field_security_profile", None, before["name"])
    found = field_profiles.profile_json(field_profiles.update(profile_id, dict(body), actor))
    audit.note(actor, "field_security", "update", {"profile": [before, found]}, profile_id)
    return found


@transaction.atomic
def delete_profile(profile_id: uuid.UUID, actor: Actor) -> None:
    """Raises Forbidden, NotFound."""
    actor.require("manage_roles")
    before = field_profiles.profile_json(field_profiles.find(profile_id))
    locks.refuse("field_security_profile", None, before["name"])
    field_profiles.delete(profile_id)
    audit.note(actor, "field_security", "delete", {"profile": [before, None]}, profile_id)
