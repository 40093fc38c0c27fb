"""Rules of people: every user and team has its principal, same id, same name, same unit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm_core.metadata.customization import locks
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.rules import rule
from crm_core.metadata.types.reference import Reference
from crm_core.security.administration import portable_name
from crm_core.security.models import BusinessUnit, Principal, Role, RoleAssignment
from crm_core.security.services import belonging, people


def _name(change: Any) -> str:
    return change.get(change.entity.primary)


@rule(on=("create", "update", "delete", "restore"))
def people_are_managed(change: Any) -> None:
    """Structure is changed by those who manage users; imports of people as well (PLT-40)."""
    change.actor.require("manage_users")


@rule(on=("create", "update", "delete", "restore"))
def roles_are_managed(change: Any) -> None:
    """Roles are changed by those who manage roles (PLT-40)."""
    change.actor.require("manage_roles")


@rule(on=("delete", "update"))
def delivered_roles_stay(change: Any) -> None:
    """The administrator role is neither deleted nor switched off: somebody must always be able to manage (PLT-40 Limits)."""
    goes = change.operation == "delete" or (change.changed("state") and change.get("state") != "active")
    if goes and change.record.is_administrator:
        raise Conflict("role.administrator_fixed", "The administrator role stays.")


@rule(on=("delete",))
def used_roles_stay(change: Any) -> None:
    """A role somebody holds is not deleted: its holders would lose their rights, or their log-in, unnoticed (PLT-40 Limits)."""
    held = RoleAssignment.objects.filter(role_id=change.record.pk).values_list("principal__kind", flat=True)
    if count := len(held):
        details = {kind: list(held).count(kind) for kind in sorted(set(held))}
        raise Conflict(
            "role.in_use",
            f"{count} users and teams hold this role. Take it from them first.",
            details=details,
        )


@rule(on=("create", "update"), attributes=("name",))
def role_names_differ(change: Any) -> None:
    """Two roles of one name could not be told apart where they are given."""
    same = Role.objects.filter(name__iexact=change.get("name"), deleted_at=None).exclude(pk=change.record.pk)
    if change.get("name") and same.exists():
        raise Invalid("role.name_taken", "There is already a role of this name.", field="name")


@rule(on=("create", "update"), attributes=("business_unit",))
def role_units_fit(change: Any) -> None:
    """A role moves to a unit only when all who hold it are there or below; the administrator's is for all (PLT-40)."""
    unit = change.get("business_unit")
    if unit is None:
        return
    if change.record.is_administrator:
        raise Conflict("role.administrator_fixed", "The administrator role is for every unit.")
    if outside := belonging.holders_outside(change.record.pk, unit.id):
        raise Conflict(
            "role.holders_elsewhere",
            f"Users or teams of other units hold this role: “{', '.join(outside[:5])}”.",
            field="business_unit",
            details={"count": len(outside), "names": outside[:20]},
        )


@rule(on=("delete", "update"))
def locked_roles_stay(change: Any) -> None:
    """A role a managed solution brought stays as it is when the solution says so (PLT-12)."""
    locks.refuse("role", None, portable_name(change.record.key, change.old("name")))


@rule(on=("delete",))
def teams_go_empty(change: Any) -> None:
    """A team that owns records is not deleted: nobody would own them (PLT-41)."""
    owned = people.owned_counts(change.record.pk)
    if owned:
        raise Conflict("team.owns_records", "Assign the team's records first.", details=owned)


@rule(on=("update", "delete"))
def units_go_empty(change: Any) -> None:
    """A unit is disabled when nobody would lock himself out, and deleted when it is empty and disabled (PLT-41)."""
    disabled = change.operation == "update" and change.changed("state") and change.get("state") != "active"
    unit = change.record
    if (disabled or change.operation == "delete") and unit.parent_id is None:
        raise Conflict("business_unit.root", "The root unit stays.")
    if disabled and change.actor.unit_id == unit.pk:
        raise Conflict("business_unit.yourself", "You belong to this unit yourself.")
    if change.operation == "delete":
        if unit.state == "active":
            raise Conflict("business_unit.active", "Disable the unit first.")
        if Principal.objects.filter(business_unit_id=unit.pk).exists():
            raise Conflict("business_unit.not_empty", "Move its users and teams first.")


@rule(on=("create",))
def principal_for_new(change: Any) -> None:
    """A new user or team gets its principal, in the root unit unless another is given."""
    unit = change.get("business_unit")
    if unit is None:
        root = BusinessUnit.objects.filter(parent=None, deleted_at=None).values_list("pk", "name").first()
        if root is None:
            raise Invalid("business_unit.unknown", "There is no business unit.", field="business_unit")
        unit = Reference("business_unit", *root)
        change.set("business_unit", unit)
    change.record.principal = Principal.objects.create(
        id=change.record.pk, kind=change.entity.name, name=_name(change), business_unit_id=unit.id
    )


@rule(on=("update",), attributes=("full_name", "name", "business_unit"))
def principal_follows(change: Any) -> None:
    """The shown owner and the unit of ownership follow the user or team."""
    values: dict[str, Any] = {"name": _name(change)}
    if change.changed("business_unit"):
        unit = change.get("business_unit")
        if unit is None:
            raise Invalid("value.required", "A business unit is needed.", field="business_unit")
        values["business_unit_id"] = unit.id
    Principal.objects.filter(pk=change.record.pk).update(**values)
    if change.changed("business_unit"):
        people.move_owned(change.record.pk, values["business_unit_id"])
        _told(change, belonging.take_foreign(change.actor, [change.record.pk]))


@rule(on=("update",), attributes=("state",))
def principal_state(change: Any) -> None:
    """A switched-off team owns nothing new and gives no rights."""
    Principal.objects.filter(pk=change.record.pk).update(is_active=change.get("state") == "active")


@rule(on=("create", "update"), attributes=("parent",))
def unit_tree(change: Any) -> None:
    """The tree of units has one root and no cycle."""
    from crm_core.metadata.hierarchy import ancestors

    parent = change.get("parent")
    if parent is None:
        other_root = (
            BusinessUnit.objects.filter(parent=None, deleted_at=None).exclude(pk=change.record.pk).exists()
        )
        if other_root:
            raise Invalid("business_unit.one_root", "Choose the parent unit.", field="parent")
    elif change.record.pk in ancestors("business_unit", parent.id):
        raise Invalid("business_unit.cycle", "A unit cannot lie under itself.", field="parent")


@rule(on=("after_update",), attributes=("parent",))
def roles_stay_below(change: Any) -> None:
    """Where a unit was moved, its people lose the roles of the units they are no longer below (PLT-41)."""
    _told(change, belonging.take_foreign(change.actor))


def _told(change: Any, taken: list[str]) -> None:
    if taken:
        message = _("Roles of another unit were taken: %(roles)s. Give others instead.")
        change.warn("user.roles_taken", message % {"roles": ", ".join(taken)})


@rule(on=("after_update", "after_create", "after_delete"))
def rights_change(change: Any) -> None:
    """Whoever caches rights must read them again."""
    from crm_core.metadata import workspace

    workspace.bump("security_version")
