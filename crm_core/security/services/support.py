"""The person behind the provider's support login (ASP-30 Support access)."""

from __future__ import annotations

from django.db import transaction

from crm_core.security.models import Principal, SystemUser
from crm_core.security.services.people import ADMINISTRATOR, create_system_user
from tenants.identity.models import User

NAME = "Support"


@transaction.atomic
def prepare(login: User) -> SystemUser:
    """Make or wake the person of the support login, who sees what an administrator sees. Safe to repeat.

    Whether anything may be changed is decided by the consent, not by roles.
    """
    person = SystemUser.objects.select_related("principal").filter(login_id=login.pk).first()
    if person is None:
        return create_system_user(NAME, None, login_id=login.pk, roles=[ADMINISTRATOR])
    if not person.principal.is_active:
        Principal.objects.filter(pk=person.pk).update(is_active=True)
    return person
