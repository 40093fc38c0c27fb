"""Tasks that know where they work: in one workspace, asserted, or with the control data (ARCHITECTURE.md §5, T12, T13)."""

from __future__ import annotations

import uuid
from typing import Any

import celery
from django.db import InterfaceError, OperationalError, connection, transaction

from tenants import timeouts
from tenants.context import TenancyError, activate, activate_public, assert_public, assert_workspace
from tenants.models import Tenant
from tenants.models.tenant import WORKING_STATES

TENANT_HEADER = "tenant_id"
KEY_HEADER = "idempotency_key"


class TaskRefused(TenancyError):
    """The task does not say, or says wrongly, for which workspace it is; its body was not run (T12, T13)."""


class _BoundTask(celery.Task):
    """What both kinds share: repeat on database trouble, no result kept."""

    abstract = True
    ignore_result = True
    acks_late = True
    autoretry_for = (OperationalError, InterfaceError)
    retry_backoff = 2
    retry_backoff_max = 300
    retry_jitter = True
    max_retries = 6

    def _header(self, name: str) -> Any:
        return (self.request.headers or {}).get(name)


class WorkspaceTask(_BoundTask):
    """Base of tasks that run inside one workspace: ``@shared_task(base=WorkspaceTask)``.

    The body runs in one transaction with the workspace active and asserted. Without a tenant header, with
    an odd one, or for a tenant whose state stops background work, the body does not run at all. With an
    idempotency key it runs once. Enqueue with ``jobs.wake``.
    """

    abstract = True
    # A task that must also run for suspended workspaces passes ``allowed_states=REACHABLE_STATES``.
    allowed_states = WORKING_STATES

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        tenant = self._tenant()
        with activate(tenant), transaction.atomic():
            assert_workspace(timeouts.job_ms())
            if not self._first_time():
                return None
            return self.run(*args, **kwargs)

    def _tenant(self) -> Tenant:
        raw = self._header(TENANT_HEADER)
        try:
            tenant_id = uuid.UUID(raw)
        except (TypeError, ValueError, AttributeError):
            tenant_id = None
        if tenant_id is None or str(tenant_id) != raw:
            raise TaskRefused(f"{self.name}: no usable tenant header.")
        with activate_public():
            tenant = Tenant.objects.filter(pk=tenant_id).first()
        if tenant is None:
            raise TaskRefused(f"{self.name}: tenant {tenant_id} does not exist.")
        if tenant.acting_state not in self.allowed_states:
            raise TaskRefused(f"{self.name}: tenant {tenant_id} is {tenant.acting_state}.")
        return tenant

    def _first_time(self) -> bool:
        """Write the receipt of a keyed task; False when somebody has it already.

        A second copy running at the same time waits here until the first commits or rolls back.
        """
        key = self._header(KEY_HEADER)
        if key is None:
            return True
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO receipts_task_receipt (key, done_at) VALUES (%s, now()) ON CONFLICT DO NOTHING",
                [f"{self.name}:{key}"[:200]],
            )
            return cursor.rowcount == 1


class PublicTask(_BoundTask):
    """Base of tasks over the control data. Refuses to run with a tenant header."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._header(TENANT_HEADER) is not None:
            raise TaskRefused(f"{self.name} works on control data and was sent for a workspace.")
        with activate_public():
            assert_public()
            return self.run(*args, **kwargs)
