"""Base data of a workspace: settings row, base currency, root unit and delivered roles. Repeatable (ASP-10.2).

What every workspace has is written when its schema is built (`prepare_stock`); who takes it adds name, currency and
the first administrator.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from django.db import transaction

from crm_core.metadata import workspace
from crm_core.metadata.models import Currency, Organization
from crm_core.security.delivered_roles import ROLES
from crm_core.security.models import BusinessUnit, Role, RoleAssignment, SystemUser
from crm_core.security.services.people import ADMINISTRATOR, new_person
from tenants.identity.addresses import normalize_email
from tenants.identity.models import User

_ZERO_PLACES = {"JPY", "KRW", "VND", "CLP", "ISK"}
_THREE_PLACES = {"BHD", "KWD", "OMR", "TND", "JOD"}


def prepare_stock() -> None:
    """What is the same in every workspace: the settings row and the root unit, nameless yet, and the delivered roles.

    Running it again adds what is missing and changes nothing.
    """
    Organization.objects.bulk_create([Organization(pk=1, name="")], ignore_conflicts=True)
    if not BusinessUnit.objects.filter(parent=None).exists():
        BusinessUnit.objects.create(name="", search_text="")
    known = set(Role.objects.filter(key__isnull=False).values_list("key", flat=True))
    Role.objects.bulk_create(
        [
            Role(key=key, name=label, is_administrator=administrator, privileges=privileges,
                 capabilities=list(capabilities), search_text=label.casefold())
            for key, label, administrator, privileges, capabilities in ROLES if key not in known
        ],
        ignore_conflicts=True,  # somebody may seed at the same time
    )  # fmt: skip
    workspace.begin()


def stock_version() -> str:
    """Changes whenever `prepare_stock` would write something else."""
    return repr(ROLES)


@transaction.atomic
def seed_security(
    name: str,
    *,
    currency: str,
    language: str,
    country: str,
    time_zone: str,
    settings: dict[str, Any] | None = None,
) -> None:
    """Create or refresh the base data. Running it again changes nothing that people changed."""
    prepare_stock()
    _take_over(name, currency, language, country, time_zone, settings or {})


def _take_over(
    name: str, currency: str, language: str, country: str, time_zone: str, settings: dict[str, Any]
) -> None:
    """Give what stands nameless in a prepared schema the name, and the facts, of who takes it."""
    Organization.objects.filter(pk=1, name="").update(
        name=name, currency=currency, language=language, country=country, time_zone=time_zone, settings=settings,
        security_version=time.time_ns() // 1000,
    )  # fmt: skip
    places = 0 if currency in _ZERO_PLACES else 3 if currency in _THREE_PLACES else 2
    Currency.objects.bulk_create(
        [Currency(code=currency, precision=places, rate=1, is_base=True)], ignore_conflicts=True
    )
    BusinessUnit.objects.filter(parent=None, name="").update(
        name=name[:160], search_text=name.casefold()[:160]
    )
    workspace.begin()


def seed_workspace(tenant: Any, request_data: dict[str, Any]) -> None:
    """Provisioning step: base data and the first administrator for the owner's login. Repeatable."""
    unit, role = _root_and_administrator()
    if unit is None or role is None:  # a schema that did not come from the stock
        prepare_stock()
        unit, role = _root_and_administrator()
    _take_over(tenant.name, tenant.currency, tenant.language, tenant.country, tenant.time_zone, {})
    email = normalize_email(request_data.get("owner_email") or tenant.owner_email)
    login = User.objects.filter(email=email).first()
    if login is None or SystemUser.objects.filter(login_id=login.pk).exists():
        return
    assert unit is not None
    person = new_person(login.full_name or email, email, unit, login_id=login.pk)
    person.principal.save(force_insert=True)
    person.save(force_insert=True)
    RoleAssignment.objects.create(role_id=role, principal=person.principal)
    if not login.is_admin:
        User.objects.filter(pk=login.pk).update(is_admin=True)


def _root_and_administrator() -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The ids of the root unit and of the administrators' role, by one statement; None for what is not there."""
    roles = Role.objects.filter(key=ADMINISTRATOR).values("pk")
    found = BusinessUnit.objects.filter(parent=None, deleted_at=None).values_list("pk", roles[:1])
    return next(iter(found[:1]), (None, None))
