"""What sign-up keeps about persons of a workspace goes with the workspace (ASP-40.5)."""

from __future__ import annotations

from tenants.lifecycle import deletion
from tenants.models import Tenant


def erase_sign_up(tenant: Tenant) -> int:
    """Remove memberships and empty the sign-up of a destroyed workspace. Returns how many rows.

    The sign-up row itself stays: the accepted terms hang on it.
    """
    from onboarding.models import Membership, SignUp

    gone = Membership.objects.filter(tenant=tenant).delete()[0]
    signups = SignUp.objects.filter(provisioning__tenant=tenant)
    return gone + signups.update(name="", email="", person_key="", company="", ip=None)


def register() -> None:
    """Take part in destroying workspaces."""
    deletion.register_eraser("sign_up_rows", erase_sign_up)
