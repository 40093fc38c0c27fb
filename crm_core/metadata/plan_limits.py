"""What the plan has room for when definitions grow, asked in one place and refused as the CRM refuses (ASP-20.5).

Only growing is ever refused: what a workspace has, it may read, change, delete and take with it under any plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_core.metadata.errors import PlanLimit
from tenants import entitlements
from tenants.context import current_tenant
from tenants.errors import TenantRefusal

FIELD_SECURITY = "field_security"
CUSTOM_OBJECTS = "custom_objects"


def has_field_security() -> bool:
    """Whether attributes may be secured and profiles be made; what is secured stays so without it."""
    return entitlements.allows(current_tenant(), FIELD_SECURITY)


def require_field_security(field: str | None = None) -> None:
    """Raise PlanLimit `plan.feature` when securing attributes is not part of the plan (PLT-41)."""
    try:
        entitlements.require_feature(current_tenant(), FIELD_SECURITY)
    except TenantRefusal as refusal:
        raise _refused(refusal, field) from refusal


def require_custom_objects(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raise PlanLimit `quota.custom_objects` when the body `after` has more own objects than `before` and than the plan."""
    wanted = objects_in(after)
    if wanted <= objects_in(before):
        return
    try:
        entitlements.require_room(current_tenant(), CUSTOM_OBJECTS, wanted)
    except TenantRefusal as refusal:
        raise _refused(refusal, None) from refusal


def objects_in(body: Mapping[str, Any]) -> int:
    """How many own objects a customization defines."""
    return len(body.get("objects", {}))


def _refused(refusal: TenantRefusal, field: str | None) -> PlanLimit:
    return PlanLimit(refusal.code, str(refusal.message), field=field, details=refusal.details)
