"""Deleting a workspace: scheduled, 30 days recoverable, destroyed with proof (ASP-20, ASP-30, ASP-40.5, F13).

Who may decide is the console's business (two operators) or billing's (the end of an unpaid subscription);
here is what happens then.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tenants import cloning
from tenants.context import activate, activate_public
from tenants.lifecycle.certificate import COPY, sign
from tenants.lifecycle.notices import tell_owner
from tenants.models import Backup, Deletion, Domain, Operation, Provisioning, Tenant, TenantState
from tenants.slugs import TOMBSTONE_DAYS

logger = logging.getLogger(__name__)

RECOVERABLE = timedelta(days=30)

#: ``erase(tenant)`` removes what a package keeps about a tenant in the control data; returns how many rows.
Eraser = Callable[[Tenant], int]
_erasers: dict[str, Eraser] = {}
#: ``guard(tenant)`` raises TenantRefusal while the workspace must not be deleted (a running subscription).
Guard = Callable[[Tenant], None]
_guards: dict[str, Guard] = {}


class NotDeletable(RuntimeError):
    """There is nothing scheduled, it is not due yet, or it is over already."""


def register_eraser(name: str, erase: Eraser) -> None:
    """Let a package remove its own control data of a destroyed workspace (sign-ups, memberships).

    ``name`` appears in the certificate. Must be safe to repeat.
    """
    _erasers[name] = erase


def register_guard(name: str, guard: Guard) -> None:
    """Let a package refuse the deletion of a workspace; asked when a deletion is scheduled."""
    _guards[name] = guard


def ask_guards(tenant: Tenant) -> None:
    """Raise what a package has against deleting the workspace as it is now."""
    for guard in _guards.values():
        guard(tenant)


def schedule(
    tenant: Tenant, reason: str, *, requested_by: str, approved_by: str, due_at: datetime | None = None
) -> Deletion:
    """Close the workspace at once and destroy it after 30 days (or at ``due_at``); tells the owner.

    Its address answers 404, its sessions end, its jobs stop. Raises NotDeletable when it is scheduled already
    and whatever a registered guard raises.
    """
    from tenants.lifecycle.holding import end_sessions

    due = due_at or timezone.now() + RECOVERABLE
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if (
            row.state == TenantState.DELETED
            and Deletion.objects.filter(tenant=row, state="destroyed").exists()
        ):
            raise NotDeletable("This workspace is destroyed already.")
        ask_guards(row)
        try:
            with transaction.atomic():
                made = Deletion.objects.create(
                    tenant=row,
                    reason=reason[:500],
                    requested_by=requested_by,
                    approved_by=approved_by,
                    due_at=due,
                )
        except IntegrityError:
            raise NotDeletable("This workspace is scheduled for deletion already.") from None
        row.deletion_due_at = due
        row.save(update_fields=["deletion_due_at"])
        tell_owner(row, "deletion_scheduled", reason=reason, due=due)
    tenant.deletion_due_at = due
    end_sessions(tenant)
    return made


def recover(tenant: Tenant) -> Deletion:
    """Call a scheduled deletion off: the workspace is as it was. Tells the owner. Raises NotDeletable."""
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        found = (
            Deletion.objects.select_for_update().filter(tenant=row, state=Deletion.State.SCHEDULED).first()
        )
        if found is None:
            raise NotDeletable("No deletion of this workspace can be called off.")
        found.state, found.finished_at = Deletion.State.RECOVERED, timezone.now()
        found.save(update_fields=["state", "finished_at"])
        row.deletion_due_at = None
        row.save(update_fields=["deletion_due_at"])
        tell_owner(row, "deletion_called_off")
    tenant.deletion_due_at = None
    return found


def schedule_ended() -> int:
    """Sweep: workspaces billing let end (state Deleted after 60 or 30 days of notice) are destroyed now, with proof.

    Returns how many were found.
    """
    with activate_public():
        ended = Tenant.objects.filter(state=TenantState.DELETED).exclude(
            deletions__state__in=["scheduled", "destroying", "destroyed"]
        )
        found = list(ended[:50])
    for tenant in found:
        reason = f"The subscription or trial ended: {tenant.state_reason or 'time is over'}"
        try:
            schedule(tenant, reason, requested_by="billing", approved_by="billing", due_at=timezone.now())
        except Exception:  # one workspace's trouble keeps no other from its end
            logger.exception("The end of workspace %s was not scheduled", tenant.pk)
    return len(found)


def due() -> list[Deletion]:
    """Deletions whose time has come, and those a killed worker left half done."""
    with activate_public():
        waiting = Deletion.objects.filter(state=Deletion.State.SCHEDULED, due_at__lte=timezone.now())
        begun = Deletion.objects.filter(state=Deletion.State.DESTROYING)
        return list((waiting | begun).select_related("tenant"))


def destroy(deletion: Deletion, report: Callable[[str], None] = lambda _step: None) -> dict[str, Any]:
    """Destroy schema, files, cache, backups and control data; returns the signed certificate.

    Safe to repeat after a kill: every step looks at what is left. Raises NotDeletable before it is due.
    """
    tenant = _begin(deletion)
    schema = tenant.schema_name
    counted = deletion.certificate.get("before") or _count(tenant)
    if counted and not deletion.certificate.get("before"):
        with activate_public():
            deletion.certificate = {"before": counted}
            deletion.save(update_fields=["certificate"])
    report("Database schema")
    cloning.drop_schema(schema)
    report("Files")
    files = _remove_folder(Path(settings.MEDIA_ROOT) / schema)
    report("Cache")
    keys = _remove_cache(schema)
    report("Backups")
    backups = _remove_backups(tenant)
    report("Control data")
    erased = {name: erase(tenant) for name, erase in sorted(_erasers.items())}
    return _finish(
        deletion, tenant, counted, {"files": files, "cache_keys": keys, "backups": backups, **erased}
    )


def _begin(deletion: Deletion) -> Tenant:
    with activate_public(), transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(pk=deletion.tenant_id)
        deletion.refresh_from_db()
        open_states = {Deletion.State.SCHEDULED, Deletion.State.DESTROYING}
        if deletion.state not in open_states or deletion.due_at > timezone.now():
            raise NotDeletable("This deletion is not due.")
        deletion.state = Deletion.State.DESTROYING
        deletion.save(update_fields=["state"])
        # The moment is the fact billing's state function reads; the state follows from it.
        tenant.deleted_at = tenant.deleted_at or timezone.now()
        tenant.state, tenant.state_changed_at = TenantState.DELETED, timezone.now()
        tenant.save(update_fields=["state", "state_changed_at", "deleted_at"])
        return tenant


def _count(tenant: Tenant) -> dict[str, Any]:
    """Rows per table and files, before anything is removed."""
    with activate_public(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [tenant.schema_name])
        if not cursor.fetchone()[0]:
            return {}
    with activate(tenant), connection.cursor() as cursor:
        cursor.execute(
            """SELECT quote_ident(relname), relname FROM pg_class
               WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY relname""",
            [tenant.schema_name],
        )
        tables = cursor.fetchall()
        rows = {}
        for quoted, name in tables:
            cursor.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608 - quoted by the catalogue
            rows[name] = cursor.fetchone()[0]
    folder = Path(settings.MEDIA_ROOT) / tenant.schema_name
    return {"tables": len(rows), "rows": sum(rows.values()), "files": len(_files(folder))}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _remove_folder(folder: Path) -> int:
    count = len(_files(folder))
    if folder.is_dir():
        shutil.rmtree(folder)
    return count


def _remove_cache(schema: str) -> int:
    """Remove the workspace's keys from the cache server; they all begin with its schema (`django_tenants.cache.make_key`)."""
    if "redis" not in settings.CACHES["default"]["BACKEND"]:
        cache.clear()
        return 0
    import redis

    removed = 0
    with redis.Redis.from_url(settings.KONTOR_CACHE_URL) as client:
        for key in client.scan_iter(match=f"{schema}:*", count=1000):
            removed += int(client.delete(key))
    return removed


def _remove_backups(tenant: Tenant) -> int:
    from tenants.backup import storage

    with activate_public():
        rows = list(Backup.objects.filter(tenant=tenant))
        for row in rows:
            storage.remove(row.path)
            row.delete()
    storage.remove_folder(tenant)
    return len(rows)


def _finish(
    deletion: Deletion, tenant: Tenant, before: dict[str, Any], removed: dict[str, int]
) -> dict[str, Any]:
    """Look whether it is all gone, sign what was found, keep name and tombstone, forget persons."""
    from tenants.backup import storage

    with activate_public(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regnamespace(%s) IS NULL", [tenant.schema_name])
            schema_gone = cursor.fetchone()[0]
        proof = {
            "schema_absent": schema_gone,
            "file_folder_absent": not (Path(settings.MEDIA_ROOT) / tenant.schema_name).exists(),
            "backup_folder_absent": not storage.folder_of(tenant).exists(),
        }
        if not all(proof.values()):
            raise RuntimeError(f"Something of workspace {tenant.pk} is left: {proof}")
        addresses = list(Domain.objects.filter(tenant=tenant).values_list("domain", flat=True))
        until = timezone.now() + timedelta(days=TOMBSTONE_DAYS)
        Domain.objects.filter(tenant=tenant).update(tombstone_until=until)
        # The wish holds the owner's name, address and password hash.
        Provisioning.objects.filter(tenant=tenant).update(request_data={})
        tenant.notices.exclude(sent_at=None).update(to="", body="")
        certificate = {
            "workspace": str(tenant.pk),
            "name": tenant.name,
            "addresses": addresses,
            "requested_by": deletion.requested_by,
            "approved_by": deletion.approved_by,
            "reason": deletion.reason,
            "scheduled_at": deletion.scheduled_at.isoformat(),
            "destroyed_at": timezone.now().isoformat(),
            "before": before,
            "removed": removed,
            "proof": proof,
            "kept": [
                "invoices, contract and tax records, as the law demands",
                "this certificate",
                "the operators' audit",
                *(f"{COPY}{copy.name} ({copy.pk})" for copy in _copies_of(tenant)),
            ],
        }
        tell_owner(tenant, "destroyed")
        tenant.owner_email, tenant.usage = "", {}
        tenant.save(update_fields=["owner_email", "usage"])
        deletion.state, deletion.finished_at = Deletion.State.DESTROYED, timezone.now()
        deletion.certificate, deletion.signature = certificate, sign(certificate)
        deletion.save(update_fields=["state", "finished_at", "certificate", "signature"])
    return certificate


def _copies_of(tenant: Tenant) -> list[Tenant]:
    """Workspaces operators made of this one and did not delete: they hold its data, so the certificate names them."""
    kinds = (Operation.Kind.CLONE, Operation.Kind.RESTORE_BESIDE)
    made = Operation.objects.filter(tenant=tenant, kind__in=kinds).values_list("result__tenant", flat=True)
    known = [pk for pk in made if pk]
    return list(
        Tenant.objects.filter(pk__in=known).exclude(deletions__state="destroyed").order_by("created_at")
    )
