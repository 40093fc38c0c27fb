"""Doing an act: with reason, in one transaction with its audit, or after a second operator's approval (ASP-30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tenants.operator import audit, registry
from tenants.operator.errors import Refused
from tenants.operator.models import Approval, Operator
from tenants.operator.services import approvals


def perform(
    operator: Operator, act: registry.Act, tenant: Tenant, values: dict[str, Any], reason: str
) -> Approval | None:
    """Do the act, or ask a second operator when it takes two (then the request is returned).

    Raises Refused; nothing is changed then.
    """
    _require(operator, act, tenant)
    with transaction.atomic():
        if act.four_eyes:
            return approvals.request(operator, act.name, tenant, values, reason)
        _run(act, registry.ActContext(operator, tenant, reason, values), {})
    return None


def approve(operator: Operator, approval_id: UUID) -> Approval:
    """Approve a waiting act as the second operator and do it. Raises Refused; the request is kept then."""
    with transaction.atomic():
        row = approvals.take(operator, approval_id)
        act = registry.act(row.act)
        _require(operator, act, row.tenant)
        context = registry.ActContext(
            operator, row.tenant, row.reason, {**row.values, "_requested_by": row.requested_by.email}
        )
        _run(act, context, {"requested_by": row.requested_by.email, "approval": str(row.pk)})
    return row


def _require(operator: Operator, act: registry.Act, tenant: Tenant) -> None:
    if not operator.can(act.needs):
        raise Refused("operator.role", _("Your role does not allow this."), status=403)
    if not act.is_possible(tenant):
        raise Refused("act.not_possible", _("This is not possible for the workspace as it is now."))


def _run(act: registry.Act, context: registry.ActContext, more: dict[str, Any]) -> None:
    try:
        facts = act.run(context)
    except TenantRefusal as error:
        raise Refused(error.code, error.message, field=error.field, status=error.status) from error
    told = {name: value for name, value in context.values.items() if not name.startswith("_")}
    audit.record(
        context.operator.email,
        act.name,
        context.tenant,
        reason=context.reason,
        **{**told, **(facts or {}), **more},
    )
