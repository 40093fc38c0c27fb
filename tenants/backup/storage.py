"""Where packages of workspaces lie: a folder per workspace below KONTOR_BACKUPS (SAAS.md §5.2 backup)."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tenants.models import Tenant


class OutsideStorage(ValueError):
    """A path that does not lie below the backup folder."""


def root() -> Path:
    """The backup folder; on production machines a mount of its own, away from the database's disk."""
    return Path(settings.KONTOR_BACKUPS)


def folder_of(tenant: Tenant) -> Path:
    """The workspace's own folder; named by its id, which outlives names and schemas."""
    return root() / str(tenant.pk)


def new_path(tenant: Tenant, backup_id: UUID) -> str:
    """The path of a new package, relative to the root; its folder exists afterwards."""
    folder = folder_of(tenant)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return f"{tenant.pk}/{backup_id}.zip"


def absolute(path: str) -> Path:
    """The file behind a stored path. Raises OutsideStorage."""
    found = (root() / path).resolve()
    if not found.is_relative_to(root().resolve()):
        raise OutsideStorage(path)
    return found


def remove(path: str) -> None:
    """Remove one package; harmless when it is gone."""
    absolute(path).unlink(missing_ok=True)


def remove_folder(tenant: Tenant) -> None:
    """Remove whatever is left of a workspace's packages."""
    shutil.rmtree(folder_of(tenant), ignore_errors=True)
