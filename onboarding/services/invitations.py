"""Asking colleagues to join, and letting them in (ASP-10.5, ASP-20.1, SAAS.md §4.2 Invite).

Runs inside a workspace. An invitation counts towards the daily limit, and takes its seat only once it is accepted; but
nobody is invited for whom no seat would be left beside those who are invited already. The invited person exists from the invitation on, without login and without
rights, so that records, imported ones above all, can be his before he joins (CUS-12).
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.metadata.models import Organization
from crm_core.records.administering import SEAT_LIMITS
from crm_core.security import administration
from crm_core.security import services as people
from crm_core.security.actor import Actor
from crm_core.security.models import BusinessUnit, Role, SystemUser
from crm_core.security.services import belonging
from onboarding.services import mail
from onboarding.services.email_rules import EmailRefused, usable_email
from onboarding.services.signup import remember_member, token_hash
from tenants import entitlements, metering
from tenants.addresses import workspace_url
from tenants.context import activate_public, current_tenant
from tenants.errors import TenantRefusal
from tenants.identity.models import Invitation, User
from tenants.identity.sso.people import NotLetIn
from tenants.models import Tenant

LIFETIME = timedelta(days=7)
RESEND_AFTER = timedelta(minutes=2)
MOST_MAILS = 5
MANAGE = "manage_users"


class JoinRefused(ValueError):
    """The link can't be used: `reason` is `unknown`, `expired`, `used` or `revoked`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@transaction.atomic
def invite(
    actor: Actor,
    email: str,
    role: str,
    *,
    name: str = "",
    business_unit: uuid.UUID | None = None,
    licence: str = User.Licence.FULL,
    now: datetime | None = None,
) -> Invitation:
    """Ask `email` to join with `role` (key or id of a role) in `business_unit` (the root unit by default) on a seat of
    the kind `licence`.

    Raises Forbidden `privilege.missing`, Invalid for e-mail, role, unit or licence, Conflict `user.exists`,
    `role.other_unit`, `invitation.pending` or `licence.administrator`, and TenantRefusal 402 `plan.seats`, `quota.invitations_per_day` or `quota.email`.
    """
    now = now or timezone.now()
    actor.require(MANAGE)
    address = _address(email)
    wanted = find_role(role)
    _may_give(actor, wanted)
    unit = _unit(business_unit)
    belonging.require_usable([wanted], _unit_to_be(address, unit))
    check_licence(licence, wanted)
    if User.objects.filter(email=address).exists():
        raise Conflict("user.exists", _("Somebody with this address is a user already."), field="email")
    pending = Invitation.objects.filter(email=address, state=Invitation.State.PENDING).first()
    if pending is not None:
        details = {"id": str(pending.pk)}
        message = _("This address is invited already. Send the invitation again instead.")
        raise Conflict("invitation.pending", message, field="email", details=details)
    tenant = current_tenant()
    wait_for_seats()
    require_room_to_invite(tenant, licence, now)
    today = Invitation.objects.filter(created_at__gt=now - timedelta(days=1)).count()
    entitlements.require_room(tenant, "invitations_per_day", today + 1)
    invitation = Invitation(
        email=address,
        full_name=" ".join(name.split())[:160],
        role=wanted.key or str(wanted.pk),
        business_unit=unit.pk if unit else None,
        licence=licence,
        invited_by=actor.user_id,
        invited_by_name=actor.name,
    )
    try:
        with transaction.atomic():
            invitation.person = _person(invitation, actor).pk
            _send(invitation, actor, now)
    except IntegrityError as error:  # a second click at the same moment
        raise Conflict("invitation.pending", _("This address is invited already."), field="email") from error
    return invitation


def _person(invitation: Invitation, actor: Actor) -> SystemUser:
    """Who is invited: somebody without login who has this address (an imported colleague), else a new person."""
    person = _without_login(email__iexact=invitation.email)
    if person is None:
        name = invitation.full_name or invitation.email
        unit = invitation.business_unit
        return people.create_system_user(
            name, invitation.email, business_unit_id=unit, created_by=_known_person(actor.user_id)
        )
    if not person.principal.is_active:
        people.enable_user(person)
    return person


def _without_login(**values: Any) -> SystemUser | None:
    people_waiting = SystemUser.objects.select_related("principal").filter(
        login=None, deleted_at=None, **values
    )
    return people_waiting.order_by("created_at").first()


def _known_person(person_id: uuid.UUID | None) -> uuid.UUID | None:
    return SystemUser.objects.filter(pk=person_id).values_list("pk", flat=True).first()


def _address(email: str) -> str:
    try:
        return usable_email(email)
    except EmailRefused as error:
        raise Invalid(error.code, _("This address cannot be invited."), field="email") from error


def find_role(role: str) -> Role:
    """The role with this key or id. Raises Invalid `role.unknown`."""
    found = Role.objects.filter(key=role, deleted_at=None).first()
    if found is None:
        try:
            found = Role.objects.filter(pk=uuid.UUID(role), deleted_at=None).first()
        except ValueError:
            found = None
    if found is None:
        raise Invalid("role.unknown", _("There is no such role."), field="role")
    return found


def _may_give(actor: Actor, role: Role) -> None:
    """Only administrators make administrators; otherwise inviting would be a way to more rights."""
    if role.is_administrator and not actor.is_administrator:
        message = _("Only an administrator can invite administrators.")
        raise Forbidden("privilege.missing", message, field="role")
    administration.require_grantable([role], actor, field="role")


def _unit(unit_id: uuid.UUID | None) -> BusinessUnit | None:
    if unit_id is None:
        return None
    unit = BusinessUnit.objects.filter(pk=unit_id, deleted_at=None).first()
    if unit is None:
        raise Invalid("business_unit.unknown", _("There is no such business unit."), field="business_unit")
    return unit


def _unit_to_be(address: str, unit: BusinessUnit | None) -> uuid.UUID:
    """The unit the person will be in: the one named, the one somebody known is in already, or the root."""
    known = _without_login(email__iexact=address)
    if unit is None and known is not None and known.business_unit_id is not None:
        return known.business_unit_id
    return (unit or BusinessUnit.objects.get(parent=None, deleted_at=None)).pk


def check_licence(licence: str, role: Role | None = None) -> None:
    """Raise Invalid `licence.unknown` for a kind of seat there is not, Conflict `licence.administrator` for an
    administrator who could change nothing."""
    if licence not in User.Licence.values:
        raise Invalid("licence.unknown", _("A licence is full or read_only."), field="licence")
    if role is not None and role.is_administrator and licence != User.Licence.FULL:
        message = _("Administrators take full seats.")
        raise Conflict("licence.administrator", message, field="licence")


def wait_for_seats() -> None:
    """Everybody who takes or promises a seat waits here, so that two cannot have the last one (SAAS.md C2)."""
    Organization.objects.select_for_update().get(pk=1)


def active_users(licence: str = User.Licence.FULL) -> int:
    """Users of the workspace that take a seat of this kind."""
    return User.objects.filter(is_active=True, is_operator=False, licence=licence).count()


def invited_users(licence: str, now: datetime) -> int:
    """People who may still accept an invitation to a seat of this kind."""
    pending = Invitation.objects.filter(state=Invitation.State.PENDING, expires_at__gt=now)
    return pending.filter(licence=licence).count()


def require_seat(tenant: Tenant, licence: str = User.Licence.FULL) -> None:
    """Raise 402 `plan.seats` when no further user fits into the plan (ASP-20.1)."""
    entitlements.require_room(tenant, SEAT_LIMITS[licence], active_users(licence) + 1)


def require_room_to_invite(tenant: Tenant, licence: str, now: datetime) -> None:
    """Raise 402 `plan.seats` when no seat would be left beside those who have one or are invited to one."""
    wanted = active_users(licence) + invited_users(licence, now) + 1
    entitlements.require_room(tenant, SEAT_LIMITS[licence], wanted)


def _send(invitation: Invitation, actor: Actor, now: datetime) -> None:
    """Give the invitation a fresh link, which replaces earlier ones, and mail it. Raises 402 `quota.email`."""
    tenant = current_tenant()
    metering.take(tenant, metering.EMAILS)
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.expires_at = token_hash(token), now + LIFETIME
    invitation.mails_sent += 1
    invitation.last_mail_at = now
    invitation.save()
    context = {
        "name": invitation.full_name,
        "inviter": actor.name or tenant.name,
        "inviter_email": actor.email,
        "workspace": tenant.name,
        "link": workspace_url(tenant, f"/join/{token}/"),
        "days": LIFETIME.days,
    }
    mail.queue("invitation", invitation.email, tenant.language, context)


@transaction.atomic
def resend(actor: Actor, invitation_id: uuid.UUID, now: datetime | None = None) -> Invitation:
    """Mail a fresh link; it lives another seven days. Raises TenantRefusal 429 `invitation.resend_too_soon`, and for one
    that had expired 402 `plan.seats`."""
    now = now or timezone.now()
    invitation = _pending(actor, invitation_id)
    too_soon = invitation.last_mail_at is not None and now - invitation.last_mail_at < RESEND_AFTER
    if too_soon or invitation.mails_sent >= MOST_MAILS:
        message = _("A message was sent a moment ago. Please wait two minutes.")
        if invitation.mails_sent >= MOST_MAILS:
            message = _("The message was sent five times. Withdraw the invitation and make a new one.")
        raise TenantRefusal("invitation.resend_too_soon", message, status=429)
    if invitation.expires_at <= now:  # it had stopped holding a seat
        wait_for_seats()
        require_room_to_invite(current_tenant(), invitation.licence, now)
    _send(invitation, actor, now)
    return invitation


@transaction.atomic
def revoke(actor: Actor, invitation_id: uuid.UUID) -> Invitation:
    """Withdraw an invitation; its link stops working at once. The person gets no new records and keeps the old ones."""
    invitation = _pending(actor, invitation_id)
    invitation.state = Invitation.State.REVOKED
    invitation.save(update_fields=["state"])
    person = _without_login(pk=invitation.person)
    if person is not None:
        people.disable_user(person)
    return invitation


def _pending(actor: Actor, invitation_id: uuid.UUID) -> Invitation:
    actor.require(MANAGE)
    invitation = Invitation.objects.select_for_update().filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound()
    if invitation.state != Invitation.State.PENDING:
        raise Conflict("invitation.not_pending", _("This invitation is not open any more."))
    return invitation


def find(token: str, now: datetime | None = None) -> Invitation:
    """The open invitation behind a link. Raises JoinRefused."""
    return _open(Invitation.objects.filter(token_hash=token_hash(token)).first(), now)


def _open(invitation: Invitation | None, now: datetime | None) -> Invitation:
    if invitation is None:
        raise JoinRefused("unknown")
    if invitation.state == Invitation.State.ACCEPTED:
        raise JoinRefused("used")
    if invitation.state == Invitation.State.REVOKED:
        raise JoinRefused("revoked")
    if invitation.expires_at <= (now or timezone.now()):
        raise JoinRefused("expired")
    return invitation


@transaction.atomic
def accept(token: str, name: str, password: str, now: datetime | None = None) -> User:
    """Use the link: create the login and the CRM user with the invitation's role and unit.

    Raises JoinRefused, and TenantRefusal 402 `plan.seats` or 423 when the workspace takes no changes.
    """
    now = now or timezone.now()
    tenant = current_tenant()
    entitlements.require_writable(tenant)
    wait_for_seats()
    row = Invitation.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    invitation = _open(row, now)
    if User.objects.filter(email=invitation.email).exists():
        raise JoinRefused("used")
    role = find_role(invitation.role)
    # A role that became an administrator's since needs a full seat.
    licence = User.Licence.FULL if role.is_administrator else invitation.licence
    require_seat(tenant, licence)
    user = _made_login(invitation.email, name, licence, is_admin=role.is_administrator)
    user.set_password(password)
    user.save()
    person = _without_login(pk=invitation.person) or _without_login(email__iexact=user.email)
    _made_person(user, person, invitation.role, invitation.business_unit, invitation.invited_by)
    invitation.state, invitation.accepted_at, invitation.user = Invitation.State.ACCEPTED, now, user
    invitation.save(update_fields=["state", "accepted_at", "user"])
    with activate_public():
        remember_member(user.email, tenant)
    return user


def _made_login(email: str, name: str, licence: str, *, is_admin: bool = False) -> User:
    """A login that is not written yet."""
    tenant = current_tenant()
    return User(
        email=email, full_name=name[:160], is_admin=is_admin, licence=licence,
        language=tenant.language, time_zone=tenant.time_zone,
    )  # fmt: skip


def _made_person(
    user: User,
    person: SystemUser | None,
    role: str,
    unit: uuid.UUID | None = None,
    invited_by: uuid.UUID | None = None,
) -> None:
    """Who works here under the login `user`: `person`, who was known before, or somebody new."""
    if person is None:
        people.create_system_user(
            user.full_name,
            user.email,
            login_id=user.pk,
            roles=[role],
            business_unit_id=unit,
            created_by=_known_person(invited_by),
        )
    else:
        people.give_login(person, user.pk, user.full_name, [role], unit)


@transaction.atomic
def join_by_single_sign_on(email: str, name: str, role: uuid.UUID) -> User:
    """Somebody whom the workspace's provider vouches for comes for the first time: a login without password, on a full seat.

    Raises NotLetIn `seats`, `closed`, and `unknown` when the role is gone or an administrator's.
    """
    tenant = current_tenant()
    try:
        entitlements.require_writable(tenant)
        wait_for_seats()
        wanted = find_role(str(role))
        require_seat(tenant)
    except TenantRefusal as refusal:
        raise NotLetIn("seats" if refusal.code == "plan.seats" else "closed") from refusal
    except Invalid as error:
        raise NotLetIn("unknown") from error
    if wanted.is_administrator or wanted.business_unit_id:
        raise NotLetIn("unknown")
    user = _made_login(email, name, User.Licence.FULL)
    user.set_unusable_password()
    user.save()
    _made_person(user, _without_login(email__iexact=email), str(wanted.pk))
    waiting = Invitation.objects.filter(email=email, state=Invitation.State.PENDING)
    waiting.update(state=Invitation.State.ACCEPTED, accepted_at=timezone.now(), user=user)
    with activate_public():
        remember_member(user.email, tenant)
    return user
