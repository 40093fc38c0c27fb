"""Who wants no information by mail: an administrator's own choice, made from the mail itself (ASP-30 Announcements)."""

from __future__ import annotations

from uuid import UUID

from django.core import signing

from tenants.addresses import workspace_url
from tenants.context import activate_public
from tenants.identity.addresses import normalize_email
from tenants.models import AnnouncementOptOut, Tenant

_SALT = "tenants.mail_choice"


def link(tenant: Tenant, email: str) -> str:
    """Where ``email`` decides whether he gets such mails; works without signing in, and for him alone."""
    token = signing.dumps({"tenant": str(tenant.pk), "email": normalize_email(email)}, salt=_SALT)
    return workspace_url(tenant, f"/mail-choice/{token}/")


def address_of(token: str, tenant: Tenant) -> str | None:
    """Whose choice the token stands for, None when it was altered or is another workspace's."""
    try:
        held = signing.loads(token, salt=_SALT)
        return held["email"] if UUID(held["tenant"]) == tenant.pk else None
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return None


def choose(tenant: Tenant, email: str, *, wanted: bool) -> None:
    """Send him information from now on, or none. Repeating is harmless."""
    with activate_public():
        own = AnnouncementOptOut.objects.filter(tenant=tenant, email=email)
        if wanted:
            own.delete()
        else:
            AnnouncementOptOut.objects.bulk_create(
                [AnnouncementOptOut(tenant=tenant, email=email)], ignore_conflicts=True
            )


def is_wanted(tenant: Tenant, email: str) -> bool:
    """Whether he gets information by mail."""
    with activate_public():
        return not AnnouncementOptOut.objects.filter(tenant=tenant, email=email).exists()


def opted_out(tenant: Tenant) -> set[str]:
    """Everybody of the workspace who wants none."""
    with activate_public():
        return set(AnnouncementOptOut.objects.filter(tenant=tenant).values_list("email", flat=True))


def erase(tenant: Tenant) -> int:
    """Forget the choices of a destroyed workspace's people. Returns how many."""
    with activate_public():
        return AnnouncementOptOut.objects.filter(tenant=tenant).delete()[0]
