"""How long one statement may run: by plan for what people wait for, longer for work behind the scenes (SAAS.md §5.2)."""

from __future__ import annotations

from django.conf import settings

from tenants.entitlements import limit
from tenants.models import Tenant


def request_ms(tenant: Tenant | None = None) -> int:
    """For a page or API call of a workspace; without one, or without a word of its plan, the installation's."""
    own = limit(tenant, "statement_ms") if tenant is not None else None
    return own or int(settings.KONTOR_STATEMENT_TIMEOUT_MS)


def job_ms() -> int:
    """For a statement of a task or sweep in a workspace."""
    return int(settings.KONTOR_JOB_STATEMENT_TIMEOUT_MS)
