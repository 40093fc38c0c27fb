"""From the pressed button to the own workspace (ASP-10.2, AC-01).

Confirming and running the steps are two things: the first is one transaction, the second commits step by
step (`tenants.provisioning`) and is taken up again by a worker whatever happens to this process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from billing.services.catalogue import current_version
from onboarding.models import SignUp
from onboarding.services import signup as signups
from tenants import provisioning
from tenants.addresses import workspace_url
from tenants.context import activate
from tenants.identity.models import OneTimeToken, User
from tenants.identity.tokens import issue_one_time
from tenants.models import Provisioning, Tenant
from tenants.pool import PoolEmpty


class LinkRefused(ValueError):
    """The confirmation link can't be used: `reason` is `unknown`, `expired`, `used`, or `limit` when the person has
    opened as many trials as one may (ASP-10.3)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Confirmed:
    """A confirmed sign-up and the provisioning that runs for it."""

    signup_id: UUID
    provisioning_id: UUID


def confirm(token: str, password: str, slug: str | None = None, now: datetime | None = None) -> Confirmed:
    """Use the link: hold the name, ask for the workspace, remember the password's hash for its first user.

    A second press with the same password (double click, reload) gives the same result; with another one it is
    refused as `used`. `slug` replaces the wished name when that is gone meanwhile.
    Raises LinkRefused, and TenantRefusal `tenant.name_taken|name_reserved|name_invalid`.
    """
    now = now or timezone.now()
    with transaction.atomic():
        signup = _locked(token)
        if signup is None:
            raise LinkRefused("unknown")
        if signup.state == SignUp.State.CONFIRMED:
            if signup.provisioning is None or not _is_same_person(signup, password):
                raise LinkRefused("used")
            return Confirmed(signup.pk, signup.provisioning.pk)
        if signups.is_expired(signup, now):
            raise LinkRefused("expired")
        if signups.has_too_many_trials(signup, now):
            raise LinkRefused("limit")
        if slug:
            signup.slug = slug
        wish = provisioning.request_workspace(
            _request(signup, make_password(password)), key=f"signup:{signup.pk}"
        )
        signup.provisioning = wish
        signup.state, signup.confirmed_at = SignUp.State.CONFIRMED, now
        signup.save(update_fields=["slug", "provisioning", "state", "confirmed_at"])
    return Confirmed(signup.pk, wish.pk)


def _locked(token: str) -> SignUp | None:
    """The sign-up of a link, locked together with all others of the person, always in the same order: what counts a
    person's trials must not run twice at once, and two at once must not wait for each other for ever."""
    hashed = signups.token_hash(token)
    person = SignUp.objects.filter(token_hash=hashed).values_list("person_key", flat=True).first()
    # Related rows are read after the lock: joined into this query they would be those of before the wait.
    rows = SignUp.objects.select_for_update().filter(person_key=person).order_by("pk")
    return next((row for row in rows if row.token_hash == hashed), None)


def _request(signup: SignUp, password_hash: str) -> dict[str, object]:
    version = current_version(signup.plan_code)
    return {
        "slug": signup.slug,
        "name": signup.company,
        "owner_email": signup.email,
        "owner_name": signup.name,
        "password_hash": password_hash,
        "country": signup.country,
        "language": signup.language,
        "currency": signup.currency,
        "time_zone": signup.time_zone,
        "plan_code": signup.plan_code,
        "trial_days": version.trial_days,
        "sample_data": signup.wants_sample_data,
    }


def _is_same_person(signup: SignUp, password: str) -> bool:
    """Whether `password` is the one the workspace was asked for with."""
    wish = signup.provisioning
    if wish is None:
        return False
    waiting = wish.request_data.get("password_hash")
    if waiting:
        return check_password(password, waiting)
    if wish.tenant is None:
        return False
    with activate(wish.tenant):
        owner = User.objects.filter(email=signup.email, is_active=True).first()
        return owner is not None and owner.check_password(password)


def run(provisioning_id: UUID) -> Tenant | None:
    """Run the steps now if a ready schema is in stock. None: a worker has been asked to go on.

    Call outside a transaction.
    """
    try:
        return provisioning.provision(provisioning_id)
    except (PoolEmpty, provisioning.ProvisioningFailed):
        wake_worker(provisioning_id)
        return None


def wake_worker(provisioning_id: UUID) -> None:
    """Ask a worker to go on; if none can be told, the sweep over unfinished requests finds it."""
    from onboarding.tasks import wake_provisioning

    wake_provisioning(provisioning_id)


def doorway(signup_id: UUID, now: datetime | None = None) -> str | None:
    """Address that signs the first administrator in; None when nothing is ready or it was given out before.

    The secret in it works once and for a minute (SAAS.md §1.3 row 13).
    """
    with transaction.atomic():
        signup = SignUp.objects.select_for_update().get(pk=signup_id)
        wish = signup.provisioning
        if signup.handed_over_at is not None or wish is None or wish.state != Provisioning.State.DONE:
            return None
        tenant = wish.tenant
        if tenant is None:  # deleted since
            return None
        with activate(tenant):
            owner = User.objects.get(email=signup.email)
            secret = issue_one_time(owner, OneTimeToken.Purpose.SIGN_IN)
        signup.handed_over_at = now or timezone.now()
        signup.save(update_fields=["handed_over_at"])
    return workspace_url(tenant, f"/enter/{secret}/")


def workspace_address(signup: SignUp) -> str | None:
    """Address of the finished workspace, or None while it is being prepared."""
    wish = signup.provisioning
    if wish is None or wish.state != Provisioning.State.DONE or wish.tenant is None:
        return None
    return workspace_url(wish.tenant)
