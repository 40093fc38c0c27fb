"""Base data of a new workspace: settings row, base currency, root unit and delivered roles. Repeatable (ASP-10.2)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm_core.metadata import workspace
from crm_core.metadata.models import Currency, Organization
from crm_core.security.delivered_roles import ROLES
from crm_core.security.models import BusinessUnit, Role, SystemUser
from crm_core.security.services.people import ADMINISTRATOR, create_system_user
from tenants.identity.addresses import normalize_email
from tenants.identity.models import User

_ZERO_PLACES = {"JPY", "KRW", "VND", "CLP", "ISK"}
_THREE_PLACES = {"BHD", "KWD", "OMR", "TND", "JOD"}


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
    Organization.objects.get_or_create(
        pk=1,
        defaults={"name": name, "currency": currency, "language": language, "country": country, "time_zone": time_zone,
                  "settings": settings or {}},
    )  # fmt: skip
    places = 0 if currency in _ZERO_PLACES else 3 if currency in _THREE_PLACES else 2
    Currency.objects.get_or_create(code=currency, defaults={"precision": places, "rate": 1, "is_base": True})
    if not BusinessUnit.objects.filter(parent=None).exists():
        BusinessUnit.objects.create(name=name[:160], search_text=name.casefold()[:160])
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


def seed_workspace(tenant: Any, request_data: dict[str, Any]) -> None:
    """Provisioning step: base data and the first administrator for the owner's login. Repeatable."""
    seed_security(
        tenant.name,
        currency=tenant.currency,
        language=tenant.language,
        country=tenant.country,
        time_zone=tenant.time_zone,
    )
    email = normalize_email(request_data.get("owner_email") or tenant.owner_email)
    login = User.objects.filter(email=email).first()
    if login is not None and not SystemUser.objects.filter(login_id=login.pk).exists():
        create_system_user(login.full_name or email, email, login_id=login.pk, roles=[ADMINISTRATOR])
