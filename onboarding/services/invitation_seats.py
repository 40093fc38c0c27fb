"""What inviting costs: are there seats for those to be invited, and if not, the price to the cent and buying them.

Runs inside a workspace; money is billing's, which is asked in the public schema (ASP-20.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Override
from billing.services import addons, changes, profile, purchase, terms
from billing.services.changes import Change
from crm_core.metadata.errors import Forbidden, Invalid
from crm_core.records.administering import SEAT_LIMITS
from crm_core.security.actor import Actor
from onboarding.services import invitations
from tenants.context import activate_public, current_tenant
from tenants.entitlements import limit, require_writable
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.models import Tenant

MOST = 200


@dataclass(frozen=True)
class Quote:
    """Seats of one kind, and what `count` more invitations would cost. `change` and `refusal` only when seats miss."""

    licence: str
    count: int
    used: int
    invited: int
    limit: int | None
    needed: int
    #: Seats paid now and after buying what is needed; None while nothing is paid.
    seats_before: int | None = None
    seats_after: int | None = None
    change: Change | None = None
    renews_at: datetime | None = None
    refusal: TenantRefusal | None = None


def quote(actor: Actor, licence: str, count: int) -> Quote:
    """Whether `count` people can be invited to seats of the kind `licence`, and the price of the seats that miss.

    Raises Forbidden without manage_users, Invalid `licence.unknown`, `value.out_of_range`. Writes nothing.
    """
    actor.require(invitations.MANAGE)
    invitations.check_licence(licence)
    if not 1 <= count <= MOST:
        raise Invalid("value.out_of_range", _("Between 1 and %(most)d.") % {"most": MOST}, field="count")
    tenant = _fresh()
    used, invited = invitations.active_users(licence), invitations.invited_users(licence, timezone.now())
    most = limit(tenant, SEAT_LIMITS[licence])
    needed = 0 if most is None else max(0, used + invited + count - most)
    found = Quote(licence, count, used, invited, most, needed)
    return _priced(actor, tenant, found) if needed else found


def _fresh() -> Tenant:
    """The workspace's tenant as it is now, not the cached copy: somebody may have bought seats just before."""
    pk = current_tenant().pk
    with activate_public():
        return Tenant.objects.get(pk=pk)


def _priced(actor: Actor, tenant: Tenant, bare: Quote) -> Quote:
    known: dict[str, Any] = {}
    try:
        require_writable(tenant)
        if not actor.is_administrator:
            message = _("There are not enough seats. Ask an administrator to buy more.")
            raise TenantRefusal("plan.seats", message, status=402)
        with activate_public():
            if Override.objects.filter(tenant=tenant, feature=SEAT_LIMITS[bare.licence]).exists():
                message = _("The number of seats is fixed by an agreement. Write to us to change it.")
                raise TenantRefusal("plan.seats_agreed", message, status=409)
            subscription = terms.running(tenant)
            terms.require_paid(subscription)
            if subscription.cancel_at is not None:
                message = _("The subscription is canceled. Keep it first, then buy seats.")
                raise TenantRefusal("plan.canceling", message, status=409)
            before = _paid(subscription, bare.licence)
            known = {
                "seats_before": before,
                "seats_after": before + bare.needed,
                "renews_at": subscription.period_end,
            }
            known["change"] = _preview(tenant, subscription, bare.licence, before + bare.needed)
    except TenantRefusal as refusal:
        known["refusal"] = refusal
    return replace(bare, **known)


def _paid(subscription: Any, licence: str) -> int:
    if licence == User.Licence.FULL:
        return int(subscription.seats)
    held = {item.code: item.quantity for item in addons.held(subscription)}
    return held.get(purchase.READ_ONLY_SEAT, 0)


def _preview(tenant: Tenant, subscription: Any, licence: str, wanted: int) -> Change:
    if licence == User.Licence.FULL:
        price = subscription.price
        return changes.preview_change(tenant, price.version.plan.code, price.interval, wanted)
    return addons.preview_addons(tenant, {purchase.READ_ONLY_SEAT: wanted})


@transaction.atomic
def buy(
    actor: Actor, licence: str, count: int, *, seats_before: int, total_minor: int, key: str
) -> tuple[int, int]:
    """Buy the seats a quote said are missing. Returns seats after and what was invoiced now, in minor units.

    `seats_before` and `total_minor` are what was shown: nobody pays more than he saw, and two who confirm at the same
    moment do not buy twice. Raises Forbidden, Invalid, TenantRefusal 409 `seats.changed`, `plan.seats_range`,
    `plan.not_subscribed`, `billing.unpaid`, 402 `payment.declined`, 423; nothing is changed then.
    """
    actor.require(invitations.MANAGE)
    if not actor.is_administrator:
        raise Forbidden("privilege.missing", _("Only an administrator can buy seats."))
    require_writable(current_tenant())
    invitations.wait_for_seats()
    tenant = _fresh()
    with activate_public(), profile.locked(tenant):
        pass  # held until this transaction ends: the price can't change below
    found = quote(actor, licence, count)
    if found.refusal is not None:
        raise found.refusal
    shown = found.change.now.total_minor if found.change and found.change.now else 0
    if not found.needed or found.seats_before != seats_before or shown > total_minor:
        message = _("The seats have changed meanwhile. Look at the price again.")
        raise TenantRefusal("seats.changed", message, status=409)
    assert found.seats_after is not None
    with activate_public():
        name = f"invite:{licence}:{seats_before}:{found.seats_after}:{key[:40]}"
        if licence == User.Licence.FULL:
            changes.set_seats(tenant, found.seats_after, by=actor.email or actor.name, key=name)
        else:
            wanted = {purchase.READ_ONLY_SEAT: found.seats_after}
            addons.set_addons(tenant, wanted, by=actor.email or actor.name, key=name)
    return found.seats_after, shown
