"""Roles that belong to a business unit: usable in that unit and those below it (PLT-40 Inheritance, PLT-41 Business unit)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from crm_core.metadata import workspace
from crm_core.metadata.errors import Conflict
from crm_core.metadata.hierarchy import descendants
from crm_core.security.actor import Actor
from crm_core.security.models import BusinessUnit, Principal, Role, RoleAssignment

#: (who did it, who lost roles, names before, names after): what keeps the audit is told by this
Taken = Callable[[Actor, Principal, list[str], list[str]], None]
_on_taken: list[Taken] = []


def on_taken(told: Taken) -> None:
    """Call `told` for everybody who loses roles because he, or his unit, was moved."""
    _on_taken.append(told)


def usable_in(role_unit: uuid.UUID | None) -> frozenset[uuid.UUID] | None:
    """Ids of the units a role of this unit can be held in; None for every unit."""
    return None if role_unit is None else frozenset(descendants("business_unit", [role_unit]))


def require_usable(roles: Iterable[Role], unit_id: uuid.UUID | None) -> None:
    """Raises Conflict `role.other_unit` for a role that cannot be held by users and teams of this unit."""
    for role in roles:
        units = usable_in(role.business_unit_id)
        if units is not None and unit_id not in units:
            name = BusinessUnit.objects.values_list("name", flat=True).get(pk=role.business_unit_id)
            raise Conflict(
                "role.other_unit",
                f"The role {role.name} is for {name} and the units below it.",
                field="roles",
                details={"role": role.name, "business_unit": name},
            )


def holders_outside(role_id: uuid.UUID, unit_id: uuid.UUID | None) -> list[str]:
    """Names of those who hold a role and could not if it belonged to this unit."""
    units = usable_in(unit_id)
    if units is None:
        return []
    held = RoleAssignment.objects.filter(role_id=role_id).exclude(principal__business_unit_id__in=units)
    return list(held.order_by("principal__name").values_list("principal__name", flat=True))


def take_foreign(actor: Actor, principal_ids: Sequence[uuid.UUID] | None = None) -> list[str]:
    """Take the roles that cannot be held any more from these users and teams (from all, without ids); their names.

    Whoever moved to another unit must be given them anew (PLT-41 Business unit).
    """
    bound = RoleAssignment.objects.filter(role__business_unit__isnull=False)
    if principal_ids is not None:
        bound = bound.filter(principal_id__in=principal_ids)
    rows = list(bound.select_related("role", "principal").order_by("role__name", "pk"))
    units = {row.role.business_unit_id: usable_in(row.role.business_unit_id) for row in rows}
    taken: dict[Principal, list[RoleAssignment]] = defaultdict(list)
    for row in rows:
        if row.principal.business_unit_id not in (units[row.role.business_unit_id] or ()):
            taken[row.principal].append(row)
    for principal, lost in taken.items():
        before = _names(principal)
        RoleAssignment.objects.filter(pk__in=[row.pk for row in lost]).delete()
        for told in _on_taken:
            told(actor, principal, before, _names(principal))
    if taken:
        workspace.bump("security_version")
    return sorted({row.role.name for lost in taken.values() for row in lost})


def _names(principal: Principal) -> list[str]:
    held = RoleAssignment.objects.filter(principal=principal, role__deleted_at=None)
    return list(held.order_by("role__name").values_list("role__name", flat=True))
