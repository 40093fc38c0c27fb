"""What operators agree beside the plan: overrides, free periods, longer trials, closing for abuse, coupons (ASP-30)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Closure, Coupon, Feature, Override
from billing.services import clock, lifecycle
from billing.services.purchase import live_subscription
from tenants.entitlements import TRIAL_FEATURES, TRIAL_LIMITS
from tenants.errors import TenantRefusal
from tenants.models import Tenant


def _reason(text: str) -> str:
    clean = " ".join(text.split())[:300]
    if not clean:
        raise TenantRefusal("reason.required", _("Give a reason."), status=422, field="reason")
    return clean


def set_override(
    tenant: Tenant, feature: str, value: int | bool | None, *, until: datetime | None, reason: str, by: str
) -> Override:
    """Give `tenant` another limit (number, None is unlimited) or switch than its plan's.

    Raises TenantRefusal 422 `override.unknown`, `override.value`, `reason.required`.
    """
    switches = set(TRIAL_FEATURES) | set(Feature.objects.filter(kind="switch").values_list("code", flat=True))
    limits = set(TRIAL_LIMITS) | set(Feature.objects.filter(kind="limit").values_list("code", flat=True))
    if feature not in switches | limits:
        raise TenantRefusal(
            "override.unknown", _("There is no such limit or feature."), status=422, field="feature"
        )
    is_switch = isinstance(value, bool)
    bad = is_switch != (feature in switches) or (
        not is_switch and value is not None and not 0 <= value < 2**63
    )
    if bad:
        message = _("A feature is on or off; a limit is a number or unlimited.")
        raise TenantRefusal("override.value", message, status=422, field="value")
    return _override(tenant, feature, value, until, _reason(reason), by)


def _override(
    tenant: Tenant, feature: str, value: Any, until: datetime | None, reason: str, by: str
) -> Override:
    with transaction.atomic():
        row, _made = Override.objects.update_or_create(
            tenant=tenant,
            feature=feature,
            defaults={
                "value": value,
                "until": until,
                "reason": reason,
                "made_by": by,
                "made_at": clock.now(),
            },
        )
        lifecycle.refresh(tenant.pk, f"override by {by}")
    return row


def remove_override(tenant: Tenant, feature: str, *, by: str) -> bool:
    """Back to the plan's. Returns whether there was one."""
    with transaction.atomic():
        rows = Override.objects.filter(tenant=tenant, feature=feature)
        if feature == Override.FREE:  # from its end the way to deletion counts: that it was free stays known
            gone = rows.filter(until__gt=clock.now()).update(until=clock.now())
        else:
            gone = rows.delete()[0]
        lifecycle.refresh(tenant.pk, f"override removed by {by}")
    return bool(gone)


def grant_free(tenant: Tenant, until: datetime, *, reason: str, by: str) -> Override:
    """Nothing to pay until then; afterwards its trial decides again.

    Raises TenantRefusal 409 `plan.subscribed` while a subscription runs: its provider would go on charging it.
    """
    if live_subscription(tenant) is not None:
        message = _(
            "A subscription runs and would be charged all the same. Let it end first, or write credit notes."
        )
        raise TenantRefusal("plan.subscribed", message, status=409)
    return _override(tenant, Override.FREE, None, until, _reason(reason), by)


def give_time(tenant: Tenant, until: datetime, *, reason: str, by: str) -> Override:
    """Nobody is shut out for what is unpaid before `until`; it stays owed. Raises TenantRefusal 409 `invoice.none_overdue`."""
    reason = _reason(reason)
    if lifecycle.facts_of(lifecycle.load(tenant.pk), clock.now()).unpaid_since is None:
        raise TenantRefusal(
            "invoice.none_overdue", _("No invoice of a running subscription is overdue."), status=409
        )
    return _override(tenant, Override.GRACE, None, until, reason, by)


def extend_trial(tenant: Tenant, until: datetime, *, reason: str, by: str) -> Tenant:
    """A later end of the trial, also of one that is over. Raises TenantRefusal 409 `trial.none`, 422 `trial.past`."""
    _reason(reason)
    if until <= clock.now():
        raise TenantRefusal("trial.past", _("The new end lies in the past."), status=422, field="until")
    with transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if row.trial_ends_at is None or live_subscription(row) is not None or row.deleted_at is not None:
            raise TenantRefusal("trial.none", _("This workspace has no trial."), status=409)
        row.trial_ends_at = until
        row.save(update_fields=["trial_ends_at"])
        lifecycle.refresh(tenant.pk, f"trial extended by {by}")
    row.refresh_from_db()
    return row


def close(tenant: Tenant, *, from_at: datetime | None = None, reason: str, by: str) -> Closure:
    """Close a workspace for abuse, at once or from a moment on: nothing is left but a notice. A second one replaces.

    Suspending for other reasons, and deleting, is `tenants.lifecycle`'s.
    """
    clean = _reason(reason)
    with transaction.atomic():
        row, _made = Closure.objects.update_or_create(
            tenant=tenant,
            lifted_at=None,
            defaults={"from_at": from_at or clock.now(), "reason": clean, "made_by": by},
        )
        lifecycle.refresh(tenant.pk, f"closed for abuse by {by}")
    return row


def reopen(tenant: Tenant, *, by: str) -> bool:
    """Take a closure back. Returns whether there was one."""
    with transaction.atomic():
        standing = Closure.objects.filter(tenant=tenant, lifted_at=None)
        gone = standing.update(lifted_at=clock.now(), lifted_by=by)
        lifecycle.refresh(tenant.pk, f"reopened by {by}")
    return bool(gone)


def withdraw_coupon(coupon: Coupon) -> None:
    """Nobody can use it from now on; who used it keeps it. Repeating is harmless."""
    Coupon.objects.filter(pk=coupon.pk).update(is_active=False)


def create_coupon(
    code: str,
    *,
    percent_off: Decimal | None = None,
    amount_off_minor: int | None = None,
    currency: str = "",
    duration: str = "once",
    months: int | None = None,
    expires_at: datetime | None = None,
    max_redemptions: int | None = None,
    by: str,
) -> Coupon:
    """Raises TenantRefusal 409 `coupon.taken`, 422 `coupon.terms`."""
    clean = code.strip().upper()
    if not clean or len(clean) > 40 or not all(c.isascii() and (c.isalnum() or c in "-_") for c in clean):
        raise TenantRefusal("coupon.terms", _("Letters, digits, - and _ only."), status=422, field="code")
    if Coupon.objects.filter(code=clean).exists():
        raise TenantRefusal("coupon.taken", _("This code exists."), status=409, field="code")
    try:
        with transaction.atomic():
            return Coupon.objects.create(
                code=clean,
                percent_off=percent_off,
                amount_off_minor=amount_off_minor,
                currency=currency,
                duration=duration,
                months=months,
                expires_at=expires_at,
                max_redemptions=max_redemptions,
                created_by=by,
            )
    except IntegrityError:
        message = _(
            "Give a percentage up to 100, or an amount with its currency, and months when it repeats."
        )
        raise TenantRefusal("coupon.terms", message, status=422) from None
