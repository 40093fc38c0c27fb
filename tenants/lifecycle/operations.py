"""Backups, restores, exports, imports, clones and destructions as rows a worker works through (ASP-30).

One per workspace at a time (the database refuses a second). A killed one starts again from the beginning: what it had built
has a name that stands in the row and is removed first. After three attempts it is failed, and the health of the workspace says so.
What each kind does is in `operation_kinds`, what starts by itself in `upkeep`.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from celery import shared_task
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import jobs, slugs
from tenants.backup import package
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.ids import new_schema_name, uuid7
from tenants.lifecycle.operation_kinds import WORK
from tenants.models import Operation, Tenant
from tenants.operator import audit

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
STALE_AFTER = timedelta(minutes=5)
Kind = Operation.Kind


def start(kind: str, tenant: Tenant | None, by: str, **values: Any) -> Operation:
    """Put an operation into the queue and wake the worker.

    Raises TenantRefusal 409 ``operation.running`` while another one of the workspace is under way.
    """
    try:
        with activate_public(), transaction.atomic():
            row = Operation.objects.create(kind=kind, tenant=tenant, requested_by=by, values=values)
    except IntegrityError:
        message = _("Another operation of this workspace is under way. Wait until it is done.")
        raise TenantRefusal("operation.running", message, status=409) from None
    jobs.wake(run_operation, str(row.pk))
    return row


@shared_task(base=jobs.PublicTask, name="tenants.run_operation")
def run_operation(operation_id: str) -> None:
    """Work through one operation."""
    run(UUID(operation_id))


def run(pk: UUID) -> Operation | None:
    """Claim and do one operation; None when somebody else is at it. Failures end in the row."""
    row = _claim(pk)
    if row is None:
        return None
    try:
        with _Progress(row) as progress:
            result = WORK[row.kind](row, progress)
    except Exception as error:
        logger.exception("Operation %s (%s) failed", row.pk, row.kind)
        _finish(row, Operation.State.FAILED, error=f"{type(error).__name__}: {error}"[:4000])
        return row
    _finish(row, Operation.State.DONE, result=result)
    return row


def _claim(pk: UUID) -> Operation | None:
    with activate_public(), transaction.atomic():
        row = Operation.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        if row is None or row.state not in {Operation.State.QUEUED, Operation.State.RUNNING}:
            return None
        now = timezone.now()
        if row.state == Operation.State.RUNNING and row.heartbeat_at and now - row.heartbeat_at < STALE_AFTER:
            return None
        if row.attempts >= MAX_ATTEMPTS:
            row.state, row.finished_at, row.error = (
                Operation.State.FAILED,
                now,
                "Ended without a result three times.",
            )
            row.save(update_fields=["state", "finished_at", "error"])
            return None
        row.state, row.started_at, row.heartbeat_at = Operation.State.RUNNING, now, now
        row.attempts += 1
        # Known before anything is built under it, so that a killed attempt can be cleared away.
        row.values = {"schema": new_schema_name(), "backup": str(uuid7()), **row.values}
        row.save(update_fields=["state", "started_at", "heartbeat_at", "attempts", "values"])
        return row


def _finish(row: Operation, state: str, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    row.state, row.error, row.finished_at, row.step = state, error, timezone.now(), ""
    row.result = result or {}
    with activate_public():
        row.save(update_fields=["state", "error", "finished_at", "result", "step"])


class _Progress:
    """Writes how far an operation is over a connection of its own: its work is one long transaction."""

    def __init__(self, row: Operation) -> None:
        self.row, self.last = row, 0.0
        parameters = {k: v for k, v in connection.get_connection_params().items() if k != "pool"}
        self.connection = psycopg.connect(**parameters, autocommit=True)

    def __enter__(self) -> package.Progress:
        return self.note

    def __exit__(self, *_error: object) -> None:
        self.connection.close()

    def note(self, step: str, done: int, total: int) -> None:
        """At most twice a second."""
        if time.monotonic() - self.last < 0.5:
            return
        self.last = time.monotonic()
        self.connection.execute(
            "UPDATE public.tenants_operation SET step = %s, done = %s, total = %s, heartbeat_at = now() WHERE id = %s",
            [step[:120], done, total, self.row.pk],
        )


def resume() -> int:
    """Sweep: wake what was lost or killed. Returns how many."""
    with activate_public():
        waiting = Operation.objects.filter(
            state=Operation.State.QUEUED, created_at__lt=timezone.now() - timedelta(seconds=30)
        )
        stale = Operation.objects.filter(
            state=Operation.State.RUNNING, heartbeat_at__lt=timezone.now() - STALE_AFTER
        )
        found = [str(pk) for pk in (waiting | stale).values_list("pk", flat=True)[:100]]
    for pk in found:
        jobs.wake(run_operation, pk)
    return len(found)


def retry_failed(by: str) -> int:
    """Queue what failed within a week again, but only the newest of each workspace and nothing of one where something is
    under way. Returns how many."""
    since, count = timezone.now() - timedelta(days=7), 0
    with activate_public():
        failed = Operation.objects.filter(state=Operation.State.FAILED, finished_at__gt=since)
        newest: dict[UUID | None, Operation] = {}
        for row in failed.order_by("created_at"):
            newest[row.tenant_id or row.pk] = row
        for row in newest.values():
            row.state, row.attempts, row.error, row.finished_at = Operation.State.QUEUED, 0, "", None
            try:
                with transaction.atomic():
                    row.save(update_fields=["state", "attempts", "error", "finished_at"])
                    jobs.wake(run_operation, str(row.pk))
            except IntegrityError:  # another one of the workspace is under way
                continue
            audit.record(by, "operation.retried", row.tenant_id, operation=str(row.pk), kind=row.kind)
            count += 1
    return count


def check_new_name(slug: str) -> str:
    """The sub-domain for a copy, checked before the work begins. Raises TenantRefusal ``tenant.name_*``."""
    return slugs.check_name(slug)
