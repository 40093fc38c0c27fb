"""Backups, restores, exports, imports, clones and destructions as rows a worker works through (ASP-30).

One per workspace at a time (the database refuses a second). A killed one starts again from the beginning: what it had built
has a name that stands in the row and is removed first. After three attempts it is failed, and the health of the workspace says so.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from celery import shared_task
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import jobs, slugs
from tenants.backup import loading, package, storage
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.ids import new_schema_name, uuid7
from tenants.lifecycle import copies, deletion
from tenants.models import Backup, Deletion, Operation, Tenant, TenantState
from tenants.operator import audit

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
STALE_AFTER = timedelta(minutes=5)
BACKUP_EVERY = timedelta(hours=24)
BACKUPS_AT_ONCE = 20
EXPORT_DAYS = 7
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
            result = _WORK[row.kind](row, progress)
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


def _tenant(row: Operation) -> Tenant:
    with activate_public():
        return Tenant.objects.get(pk=row.tenant_id)


def _keep_backup(tenant: Tenant, pk: UUID, kind: str, days: int, progress: package.Progress) -> Backup:
    """Write a package of the workspace and the row that finds it."""
    path = storage.new_path(tenant, pk)
    written = package.write(tenant, storage.absolute(path), progress)
    with activate_public():
        return Backup.objects.create(
            pk=pk,
            tenant=tenant,
            kind=kind,
            path=path,
            size=written.size,
            checksum=written.checksum,
            rows=written.rows,
            files=written.files,
            expires_at=timezone.now() + timedelta(days=days),
        )


def _summary(backup: Backup) -> dict[str, Any]:
    return {"backup": str(backup.pk), "rows": backup.rows, "files": backup.files, "size": backup.size}


def _back_up(row: Operation, progress: package.Progress) -> dict[str, Any]:
    kind = row.values.get("backup_kind", Backup.Kind.MANUAL)
    days = EXPORT_DAYS if kind == Backup.Kind.EXPORT else settings.KONTOR_BACKUP_DAYS
    return _summary(_keep_backup(_tenant(row), UUID(row.values["backup"]), kind, days, progress))


def _package_of(row: Operation) -> Path:
    """The package to load, whole as it was written. Raises loading.BadPackage."""
    with activate_public():
        backup = Backup.objects.get(pk=row.values["from"])
    path = storage.absolute(backup.path)
    if not path.is_file() or package.file_checksum(path) != backup.checksum:
        raise loading.BadPackage("The package is not there any more, or not as it was written.")
    return path


def _copy(row: Operation, path: Path, progress: package.Progress, flag: str) -> dict[str, Any]:
    schema = row.values["schema"]
    with activate_public():
        if Tenant.objects.filter(schema_name=schema).exists():  # a former attempt came to its end
            made = Tenant.objects.get(schema_name=schema)
            return {"tenant": str(made.pk), "slug": row.values["slug"]}
    manifest = loading.load(path, schema, progress)
    facts = manifest["workspace"]
    try:
        made = copies.open_copy(
            schema, row.values["slug"], row.values.get("name") or facts["name"], facts, flags=[flag]
        )
    except BaseException:
        loading.remove(schema)
        raise
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return {"tenant": str(made.pk), "slug": row.values["slug"], "rows": rows, "files": len(manifest["files"])}


def _restore_beside(row: Operation, progress: package.Progress) -> dict[str, Any]:
    return _copy(row, _package_of(row), progress, "restored")


def _restore_in_place(row: Operation, progress: package.Progress) -> dict[str, Any]:
    """A backup of what is there now, the new schema beside it, one row changed, the old schema gone."""
    tenant, path = _tenant(row), _package_of(row)
    schema = row.values["schema"]
    if tenant.schema_name != schema:
        manifest = loading.read_manifest(path)
        if manifest["workspace"]["id"] != str(tenant.pk):
            raise loading.BadPackage("This backup is of another workspace.")
        pk = UUID(row.values["backup"])
        with activate_public():
            known = Backup.objects.filter(pk=pk).exists()
        if not known:
            _keep_backup(tenant, pk, Backup.Kind.BEFORE_RESTORE, settings.KONTOR_BACKUP_DAYS, progress)
        loading.load(path, schema, progress)
        former = copies.swap_schema(tenant, schema)
        loading.remove(former)
    with activate_public():
        return _summary(Backup.objects.get(pk=row.values["from"]))


def _import(row: Operation, progress: package.Progress) -> dict[str, Any]:
    path = storage.absolute(row.values["path"])
    result = _copy(row, path, progress, "imported")
    path.unlink(missing_ok=True)
    return result


def _clone(row: Operation, progress: package.Progress) -> dict[str, Any]:
    tenant = _tenant(row)
    path = storage.absolute(storage.new_path(tenant, UUID(row.values["backup"])))
    try:
        package.write(tenant, path, progress)
        return _copy(row, path, progress, "clone")
    finally:
        path.unlink(missing_ok=True)


def _destroy(row: Operation, progress: package.Progress) -> dict[str, Any]:
    with activate_public():
        found = Deletion.objects.get(pk=row.values["deletion"])
    if found.state == Deletion.State.DESTROYED:
        return {"deletion": str(found.pk)}
    deletion.destroy(found, lambda step: progress(step, 0, 0))
    return {"deletion": str(found.pk)}


_WORK: dict[str, Callable[[Operation, package.Progress], dict[str, Any]]] = {
    Kind.BACK_UP: _back_up,
    Kind.EXPORT: _back_up,
    Kind.RESTORE_BESIDE: _restore_beside,
    Kind.RESTORE_IN_PLACE: _restore_in_place,
    Kind.IMPORT: _import,
    Kind.CLONE: _clone,
    Kind.DESTROY: _destroy,
}


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


def back_up_due() -> int:
    """Sweep: start the daily backup of workspaces whose newest one is a day old, oldest first (ASP-40.3).

    At most twenty wait at a time, so that a thousand workspaces do not keep a restore waiting.
    """
    now = timezone.now()
    with activate_public():
        waiting = Operation.objects.filter(kind=Kind.BACK_UP, state__in=["queued", "running"]).count()
        states = {
            TenantState.TRIALING,
            TenantState.ACTIVE,
            TenantState.PAST_DUE,
            TenantState.SUSPENDED,
            TenantState.EXPIRED,
        }
        fresh = Backup.objects.filter(created_at__gt=now - BACKUP_EVERY).exclude(kind=Backup.Kind.EXPORT)
        late = (
            Tenant.objects.filter(state__in=states, deletion_due_at=None)
            .exclude(pk__in=fresh.values("tenant"))
            .exclude(operations__state__in=["queued", "running"])
            .exclude(operations__kind=Kind.BACK_UP, operations__created_at__gt=now - timedelta(hours=1))
            .order_by("created_at")
        )
        chosen = list(late[: max(0, BACKUPS_AT_ONCE - waiting)])
    for tenant in chosen:
        start(Kind.BACK_UP, tenant, "schedule", backup_kind=Backup.Kind.DAILY)
    return len(chosen)


def remove_expired() -> int:
    """Sweep: packages past their time go, file and row. Returns how many."""
    with activate_public():
        old = list(Backup.objects.filter(expires_at__lt=timezone.now())[:500])
        for row in old:
            storage.remove(row.path)
            row.delete()
    return len(old)


def destroy_due() -> int:
    """Sweep: start the destruction of what is due."""
    started = 0
    for row in deletion.due():
        with activate_public():
            busy = Operation.objects.filter(tenant=row.tenant_id, state__in=["queued", "running"]).exists()
        if not busy:
            start(Kind.DESTROY, row.tenant, "schedule", deletion=str(row.pk))
            started += 1
    return started


def check_new_name(slug: str) -> str:
    """The sub-domain for a copy, checked before the work begins. Raises TenantRefusal ``tenant.name_*``."""
    return slugs.check_name(slug)
