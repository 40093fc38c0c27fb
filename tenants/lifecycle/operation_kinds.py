"""What each kind of operation does to a workspace: package it, load a package beside or in place of it, destroy it (ASP-30)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from tenants.backup import loading, package, storage
from tenants.context import activate_public
from tenants.lifecycle import copies, deletion, sandbox_tenants
from tenants.models import Backup, Deletion, Operation, Tenant

EXPORT_DAYS = 7
Kind = Operation.Kind


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
    return _copy(row, _package_of(row), progress, copies.RESTORED)


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
        return _copy(row, path, progress, copies.CLONE)
    finally:
        path.unlink(missing_ok=True)


def _destroy(row: Operation, progress: package.Progress) -> dict[str, Any]:
    with activate_public():
        found = Deletion.objects.get(pk=row.values["deletion"])
    if found.state == Deletion.State.DESTROYED:
        return {"deletion": str(found.pk)}
    deletion.destroy(found, lambda step: progress(step, 0, 0))
    return {"deletion": str(found.pk)}


def _sandbox(row: Operation, progress: package.Progress) -> dict[str, Any]:
    """A copy of the workspace in a schema of its own, opened as its sandbox when it is complete."""
    parent, schema = _tenant(row), row.values["schema"]
    with activate_public():
        made = Tenant.objects.filter(schema_name=schema).first()  # a former attempt came to its end
    if made is None:
        _load_copy(row, parent, progress)
        try:
            made = sandbox_tenants.open_sandbox(parent, schema, row.values["slug"], row.values["name"])
        except BaseException:
            loading.remove(schema)
            raise
    return {"tenant": str(made.pk), "slug": row.values["slug"]}


def _load_copy(row: Operation, parent: Tenant, progress: package.Progress) -> None:
    path = storage.absolute(storage.new_path(parent, UUID(row.values["backup"])))
    try:
        package.write(parent, path, progress, with_data=row.values["with_data"])
        loading.load(path, row.values["schema"], progress)
    finally:
        path.unlink(missing_ok=True)
    sandbox_tenants.forget_secrets(row.values["schema"])


def _sandbox_refresh(row: Operation, progress: package.Progress) -> dict[str, Any]:
    """The workspace as it is now, in a new schema beside the sandbox's; one row changed, the old schema gone."""
    schema = row.values["schema"]
    with activate_public():
        sandbox = Tenant.objects.get(pk=row.values["sandbox"], parent_id=row.tenant_id)
    if sandbox.schema_name != schema:
        # known before the row changes, so that a killed attempt's successor still removes it
        row.values = {**row.values, "former": sandbox.schema_name}
        with activate_public():
            row.save(update_fields=["values"])
        _load_copy(row, _tenant(row), progress)
        with activate_public():
            sandbox.schema_name = schema
            sandbox.save(update_fields=["schema_name"])
    loading.remove(row.values["former"])
    return {"tenant": str(sandbox.pk)}


def _sandbox_remove(row: Operation, progress: package.Progress) -> dict[str, Any]:
    with activate_public():
        sandbox = Tenant.objects.filter(pk=row.values["sandbox"], parent_id=row.tenant_id).first()
    if sandbox is not None:
        sandbox_tenants.destroy(sandbox)
    return {}


#: ``work(operation, progress)`` by kind; returns what the operation's row keeps as its result.
WORK: dict[str, Callable[[Operation, package.Progress], dict[str, Any]]] = {
    Kind.BACK_UP: _back_up,
    Kind.EXPORT: _back_up,
    Kind.RESTORE_BESIDE: _restore_beside,
    Kind.RESTORE_IN_PLACE: _restore_in_place,
    Kind.IMPORT: _import,
    Kind.CLONE: _clone,
    Kind.DESTROY: _destroy,
    Kind.SANDBOX: _sandbox,
    Kind.SANDBOX_REFRESH: _sandbox_refresh,
    Kind.SANDBOX_REMOVE: _sandbox_remove,
}
