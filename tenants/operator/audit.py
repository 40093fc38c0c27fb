"""The operators' audit: every act, with who, on which tenant and why; append-only in the database (ASP-30)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog

from tenants.context import activate_public
from tenants.models import OperatorAudit, Tenant

_log = structlog.get_logger("tenants.operator.audit")
SYSTEM = "system"


def record(
    who: str, act: str, tenant: Tenant | UUID | None = None, *, reason: str = "", **details: Any
) -> OperatorAudit:
    """Write down one act of the operator with address ``who`` (or ``system``), in the current transaction.

    ``details`` are facts as JSON (what was, what is now); never secrets.
    """
    tenant_id = tenant.pk if isinstance(tenant, Tenant) else tenant
    with activate_public():
        row = OperatorAudit.objects.create(
            operator_email=who[:254], act=act, tenant_id=tenant_id, reason=reason[:500], details=details
        )
    _log.info("operator_act", operator=who, act=act, tenant=str(tenant_id) if tenant_id else None)
    return row
