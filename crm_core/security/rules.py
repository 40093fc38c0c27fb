"""Rules of people: every user and team has its principal, same id, same name, same unit."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.errors import Forbidden, Invalid
from crm_core.metadata.rules import rule
from crm_core.metadata.types.reference import Reference
from crm_core.security.models import BusinessUnit, Principal


def _name(change: Any) -> str:
    return change.get(change.entity.primary)


@rule(on=("create", "update"))
def people_are_managed(change: Any) -> None:
    """Structure is changed by those who manage users; imports of people as well (PLT-40)."""
    if not change.actor.can("manage_users"):
        raise Forbidden(
            "privilege.missing", "You may not manage people.", details={"privilege": "manage_users"}
        )


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


@rule(on=("after_update", "after_create", "after_delete"))
def rights_change(change: Any) -> None:
    """Whoever caches rights must read them again."""
    from crm_core.metadata import workspace

    workspace.bump("security_version")
