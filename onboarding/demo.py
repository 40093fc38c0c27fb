"""The demo workspace of an installation: an administrator, two colleagues and sample data shared among them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from crm_core.security.models import SystemUser
from crm_core.security.services import create_system_user
from onboarding.services import sample_data
from onboarding.services.signup import remember_member
from tenants import provisioning
from tenants.context import activate, activate_public
from tenants.identity.models import User
from tenants.models import Tenant, TenantState

SLUG = "nordwind"
NAME = "Nordwind Trading"


@dataclass(frozen=True)
class Person:
    """Somebody of the demo workspace; addresses end in `.example`, which nobody can own."""

    name: str
    email: str
    role: str


ADMINISTRATOR = Person("Dana Nord", "demo@kontor.example", "system_administrator")
COLLEAGUES = (
    Person("Milan Weber", "milan@nordwind.example", "sales_manager"),
    Person("Sofia Lind", "sofia@nordwind.example", "salesperson"),
)


def ensure_demo(password: str) -> Tenant:
    """Make the demo workspace, or finish one that was interrupted; a finished one is left as people made it.

    `password` is that of all three people. Call outside a transaction.
    """
    wish = provisioning.request_workspace(_request(password), key="installation:demo")
    tenant = provisioning.provision(wish.pk, build_if_empty=True)
    with activate(tenant), transaction.atomic():
        if not sample_data.was_created():
            owners = [_administrator(), *(_colleague(person, password, tenant) for person in COLLEAGUES)]
            sample_data.create(tenant, owners)
    return tenant


def _request(password: str) -> dict[str, object]:
    return {
        "slug": SLUG,
        "name": NAME,
        "owner_email": ADMINISTRATOR.email,
        "owner_name": ADMINISTRATOR.name,
        "password_hash": make_password(password),
        "country": "DE",
        "language": "en",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "plan_code": "professional",
        "welcome_mail": False,
        "state": TenantState.ACTIVE,  # a demo that expires is none
    }


def _administrator() -> uuid.UUID:
    return SystemUser.objects.get(login__email=ADMINISTRATOR.email).pk


def _colleague(person: Person, password: str, tenant: Tenant) -> uuid.UUID:
    login = User.objects.filter(email=person.email).first()
    if login is None:
        login = User.objects.create_user(person.email, password, full_name=person.name)
    known = SystemUser.objects.filter(login_id=login.pk).first()
    if known is None:
        known = create_system_user(person.name, person.email, login_id=login.pk, roles=[person.role])
    with activate_public():
        remember_member(person.email, tenant)
    return known.pk
