"""Who takes a seat, and how many may (ASP-20.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from tenants import usage
from tenants.context import activate
from tenants.identity.models import Invitation, User
from tenants.models import Tenant


@dataclass(frozen=True)
class Occupant:
    """Somebody who takes a seat, or is invited to."""

    name: str
    email: str
    is_admin: bool = False
    invited: bool = False
    last_seen_at: datetime | None = None
    reads_only: bool = False


def active_users(tenant: Tenant) -> int:
    """Users of the workspace who take a full seat."""
    return taken(tenant)["users"]


def taken(tenant: Tenant) -> dict[str, int]:
    """Seats that are taken, by the limit they count against: `users`, `read_only_users`."""
    with activate(tenant):
        return usage.seats_taken()


def occupants(tenant: Tenant) -> list[Occupant]:
    """Everybody who takes a seat, by name, and then those with an open invitation."""
    with activate(tenant):
        users = User.objects.filter(is_active=True, is_operator=False).order_by("full_name", "email")
        found = [
            Occupant(
                str(u),
                u.email,
                u.is_admin,
                last_seen_at=u.last_login,
                reads_only=u.licence == User.Licence.READ_ONLY,
            )
            for u in users
        ]
        invited = Invitation.objects.filter(state="pending", expires_at__gt=timezone.now())
        found += [Occupant(i.full_name or i.email, i.email, invited=True) for i in invited.order_by("email")]
    return found
