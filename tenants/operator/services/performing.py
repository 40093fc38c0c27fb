"""Doing an act: with reason, in one transaction with its audit, or after a second operator's approval (ASP-30)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
            with _told():
                act.check(tenant)
            return approvals.request(operator, act.name, tenant, values, reason)
        _run(act, registry.ActContext(operator, tenant, reason, values), {})
    return None


def ask(operator: Operator, act: registry.InstallationAct, values: dict[str, Any], reason: str) -> Approval:
    """Ask a second operator for an act on the installation. Raises Refused; nothing is changed then."""
    _require_role(operator, act.needs)
    with transaction.atomic():
        return approvals.request(operator, act.name, None, values, reason, act.subject(values).key)


def approve(operator: Operator, approval_id: UUID) -> Approval:
    """Approve a waiting act as the second operator and do it. Raises Refused; the request is kept then."""
    with transaction.atomic():
        row = approvals.take(operator, approval_id)
        if row.tenant is None:
            _run_for_all(operator, row)
            return row
        act = registry.act(row.act)
        _require(operator, act, row.tenant)
        context = registry.ActContext(
            operator, row.tenant, row.reason, {**row.values, "_requested_by": row.requested_by.email}
        )
        _run(act, context, {"requested_by": row.requested_by.email, "approval": str(row.pk)})
    return row


def _run_for_all(operator: Operator, row: Approval) -> None:
    act = registry.installation_act(row.act)
    _require_role(operator, act.needs)
    with _told():
        facts = act.run(operator, row.values, row.reason) or {}
    more = {"requested_by": row.requested_by.email, "approval": str(row.pk)}
    audit.record(operator.email, act.name, reason=row.reason, **{**row.values, **facts, **more})


def _require_role(operator: Operator, needs: str) -> None:
    if not operator.can(needs):
        raise Refused("operator.role", _("Your role does not allow this."), status=403)


def _require(operator: Operator, act: registry.Act, tenant: Tenant) -> None:
    _require_role(operator, act.needs)
    if not act.is_possible(tenant):
        raise Refused("act.not_possible", _("This is not possible for the workspace as it is now."))


@contextmanager
def _told() -> Iterator[None]:
    """Refusals of the packages below, as the console's."""
    try:
        yield
    except TenantRefusal as error:
        raise Refused(error.code, error.message, field=error.field, status=error.status) from error


def _run(act: registry.Act, context: registry.ActContext, more: dict[str, Any]) -> None:
    with _told():
        facts = act.run(context)
    told = {name: value for name, value in context.values.items() if not name.startswith("_")}
    audit.record(
        context.operator.email,
        act.name,
        context.tenant,
        reason=context.reason,
        **{**told, **(facts or {}), **more},
    )
