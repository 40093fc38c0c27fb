"""Four eyes: one operator asks, another one approves, and only then the act happens (ASP-30 Delete)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.models import Tenant
from tenants.operator import audit
from tenants.operator.errors import Refused
from tenants.operator.models import Approval, Operator

LIFETIME = timedelta(days=7)
State = Approval.State


def request(
    operator: Operator,
    act: str,
    tenant: Tenant | None,
    values: dict[str, Any],
    reason: str,
    subject: str = "",
) -> Approval:
    """Ask for a second operator, for an act on a workspace or (without one) on ``subject``.

    Raises Refused ``approval.pending`` when somebody asked for the same already.
    """
    expire(tenant)
    try:
        with transaction.atomic():
            made = Approval.objects.create(
                act=act,
                tenant=tenant,
                subject=subject,
                values=values,
                reason=reason,
                requested_by=operator,
                expires_at=timezone.now() + LIFETIME,
            )
    except IntegrityError:
        raise Refused("approval.pending", _("This is waiting for a second operator already.")) from None
    audit.record(operator.email, f"{act}.requested", tenant, reason=reason, approval=str(made.pk), **values)
    return made


def expire(tenant: Tenant | None = None) -> int:
    """Close requests nobody approved within their time. Returns how many."""
    late = Approval.objects.filter(state=State.PENDING, expires_at__lte=timezone.now())
    if tenant is not None:
        late = late.filter(tenant=tenant)
    return late.update(state=State.EXPIRED, decided_at=timezone.now())


def take(operator: Operator, approval_id: UUID) -> Approval:
    """Approve as the second operator; the caller performs the act in the same transaction.

    Raises Refused ``approval.not_pending`` (also for the slower of two approvers, and after its time) or
    ``approval.same_person`` for whoever asked.
    """
    row = Approval.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=approval_id)
    if row.state != State.PENDING or row.expires_at <= timezone.now():
        raise Refused(
            "approval.not_pending", _("Somebody has decided about this already, or its time is over.")
        )
    if row.requested_by_id == operator.pk:
        raise Refused("approval.same_person", _("A second operator has to approve this."), status=403)
    row.state, row.decided_by, row.decided_at = State.APPROVED, operator, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    return row


def turn_down(operator: Operator, approval_id: UUID) -> Approval:
    """Refuse a request, or withdraw one's own. Raises Refused ``approval.not_pending``."""
    with transaction.atomic():
        row = Approval.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=approval_id)
        if row.state != State.PENDING:
            raise Refused("approval.not_pending", _("Somebody has decided about this already."))
        own = row.requested_by_id == operator.pk
        row.state = State.WITHDRAWN if own else State.REFUSED
        row.decided_by, row.decided_at = operator, timezone.now()
        row.save(update_fields=["state", "decided_by", "decided_at"])
        audit.record(operator.email, f"{row.act}.{row.state}", row.tenant, approval=str(row.pk))
    return row


def withdraw(operator: Operator, act: str, subject: str) -> int:
    """Take back what waits for an act on ``subject``: it is not what was asked for any more. Returns how many."""
    with transaction.atomic():
        rows = Approval.objects.select_for_update().filter(
            act=act, subject=subject, tenant=None, state=State.PENDING
        )
        for row in rows:
            row.state, row.decided_by, row.decided_at = State.WITHDRAWN, operator, timezone.now()
            row.save(update_fields=["state", "decided_by", "decided_at"])
            audit.record(operator.email, f"{act}.withdrawn", approval=str(row.pk), subject=subject)
        return len(rows)
