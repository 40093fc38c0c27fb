"""Creating and disabling the people of a workspace (PLT-41)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import Conflict, NotFound
from crm_core.metadata.record import new_id
from crm_core.metadata.searching import search_text_for
from crm_core.security.models import BusinessUnit, Principal, Role, RoleAssignment, SystemUser
from crm_core.security.services import belonging
from tenants.identity.models import User

ADMINISTRATOR = "system_administrator"


@transaction.atomic
def create_system_user(
    full_name: str,
    email: str | None,
    *,
    login_id: uuid.UUID | None = None,
    roles: Iterable[str] = (),
    business_unit_id: uuid.UUID | None = None,
    user_id: uuid.UUID | None = None,
    active: bool = True,
    created_by: uuid.UUID | None = None,
) -> SystemUser:
    """A person of the workspace, with roles by key or id, in the root unit unless another is given.

    Raises NotFound `role.unknown`. The caller checks seats.
    """
    unit = BusinessUnit.objects.filter(pk=business_unit_id).first() if business_unit_id else None
    unit = unit or BusinessUnit.objects.filter(parent=None, deleted_at=None).first()
    if unit is None:
        raise NotFound("business_unit.unknown", "There is no business unit.")
    user = new_person(full_name, email, unit.pk, login_id=login_id, user_id=user_id, active=active)
    user.created_by_id = created_by
    user.principal.save(force_insert=True)
    user.save(force_insert=True)
    assign_roles(user.principal, roles)
    return user


def new_person(
    full_name: str,
    email: str | None,
    unit_id: uuid.UUID,
    *,
    login_id: uuid.UUID | None = None,
    user_id: uuid.UUID | None = None,
    active: bool = True,
) -> SystemUser:
    """A person and its principal, not written yet: the principal comes first."""
    principal = Principal(
        id=user_id or new_id(), kind="user", name=full_name, business_unit_id=unit_id, is_active=active
    )
    user = SystemUser(
        id=principal.pk, principal=principal, login_id=login_id, full_name=full_name, email=email,
        business_unit_id=unit_id, state="active" if active else "inactive", status_reason=1 if active else 2,
    )  # fmt: skip
    user.search_text = search_text_for("user", user)
    return user


@transaction.atomic
def give_login(
    person: SystemUser,
    login_id: uuid.UUID,
    full_name: str,
    roles: Iterable[str],
    business_unit_id: uuid.UUID | None = None,
) -> None:
    """Let somebody who was known before, and may own records already, work here under `full_name`.

    Raises NotFound `role.unknown`. The caller checks seats.
    """
    person.login_id, person.full_name = login_id, full_name
    person.state, person.status_reason = "active", 1
    if business_unit_id and BusinessUnit.objects.filter(pk=business_unit_id).exists():
        person.business_unit_id = business_unit_id
    person.search_text = search_text_for("user", person)
    person.version += 1
    person.save()
    Principal.objects.filter(pk=person.pk).update(
        name=full_name, is_active=True, business_unit_id=person.business_unit_id
    )
    if person.business_unit_id is not None:  # what `assign_roles` asks the principal for
        person.principal.business_unit_id = person.business_unit_id
    assign_roles(person.principal, roles)


def assign_roles(principal: Principal, roles: Iterable[str]) -> None:
    """Give roles by key or id. Raises NotFound `role.unknown`, Conflict `role.other_unit`."""
    for key in roles:
        role = Role.objects.filter(key=key, deleted_at=None).first() or _role_by_id(key)
        if role is None:
            raise NotFound("role.unknown", "There is no such role.", field="role")
        belonging.require_usable([role], principal.business_unit_id)
        RoleAssignment.objects.get_or_create(role=role, principal=principal)
    sync_login(principal.pk)
    workspace.bump("security_version")


def sync_login(user_id: uuid.UUID) -> None:
    """The login knows whether its person is an administrator (who may still sign in to a suspended workspace)."""
    login_id = SystemUser.objects.filter(pk=user_id).values_list("login_id", flat=True).first()
    if login_id:
        is_admin = RoleAssignment.objects.filter(principal_id=user_id, role__is_administrator=True).exists()
        User.objects.filter(pk=login_id).update(is_admin=is_admin)


def _role_by_id(key: str) -> Role | None:
    try:
        return Role.objects.filter(pk=uuid.UUID(str(key)), deleted_at=None).first()
    except ValueError:
        return None


def administrators() -> int:
    """Active users who hold an administrator role themselves; the provider's support is none of them."""
    return (
        Principal.objects.filter(kind="user", is_active=True, role_assignments__role__is_administrator=True)
        .exclude(system_user__login__is_operator=True)
        .distinct()
        .count()
    )


@transaction.atomic
def disable_user(user: SystemUser) -> None:
    """No log-in, no new records; what he owns stays (CUS-12). Raises Conflict `user.last_admin`."""
    holds = RoleAssignment.objects.filter(principal_id=user.pk, role__is_administrator=True).exists()
    if holds and user.principal.is_active and administrators() <= 1:
        raise Conflict("user.last_admin", "The last administrator cannot be disabled.")
    _set_active(user, active=False)


@transaction.atomic
def enable_user(user: SystemUser) -> None:
    """Let a disabled user work again. The caller checks seats."""
    _set_active(user, active=True)


def _set_active(user: SystemUser, *, active: bool) -> None:
    Principal.objects.filter(pk=user.pk).update(is_active=active)
    SystemUser.objects.filter(pk=user.pk).update(
        state="active" if active else "inactive", status_reason=1 if active else 2, version=user.version + 1
    )
    if user.login_id:
        logins: Any = type(user)._meta.get_field("login").related_model
        logins.objects.filter(pk=user.login_id).update(is_active=active)
    workspace.bump("security_version")


def rename_principal(principal_id: uuid.UUID, name: str) -> None:
    """Keep the owner's shown name in step with the user's or team's."""
    Principal.objects.filter(pk=principal_id).update(name=name)


def _owned_models() -> dict[str, tuple[Any, str | None]]:
    """Every object whose records have an owner: plural name → (model, discriminator)."""
    return {e.plural: (e.model, e.discriminator) for e in registry.all() if e.has_owner}


def owned_counts(principal_id: uuid.UUID) -> dict[str, int]:
    """How many live records a user or team owns, per object; objects without any are left out.

    Raises NotFound for somebody who does not exist.
    """
    if not Principal.objects.filter(pk=principal_id).exists():
        raise NotFound()
    found = {}
    for plural, (model, discriminator) in _owned_models().items():
        rows = model.objects.filter(owner_id=principal_id, deleted_at=None)
        count = (rows.filter(object=discriminator) if discriminator else rows).count()
        if count:
            found[plural] = count
    return found


def move_owned(principal_id: uuid.UUID, unit_id: uuid.UUID) -> None:
    """An owner's records belong to the owner's unit: they move with him, deleted ones included (PLT-41)."""
    for model in {model for model, _discriminator in _owned_models().values()}:
        model.objects.filter(owner_id=principal_id).update(owning_business_unit_id=unit_id)
