"""Storing and handing out files: opaque names in the workspace's own folder, short-lived signed links (CUS-6)."""

from __future__ import annotations

import hashlib
import os
import unicodedata
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core import signing
from django.db.models import F, Sum
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid, NotFound
from crm_core.metadata.record import new_id
from crm_core.records.models import StoredFile
from tenants import entitlements
from tenants.context import current_schema, current_tenant

MAX_BYTES = 25 * 1024 * 1024
LINK_SECONDS = 600
BLOCKED = {
    "exe",
    "bat",
    "cmd",
    "com",
    "scr",
    "msi",
    "js",
    "vbs",
    "ps1",
    "jar",
    "lnk",
    "hta",
    "dll",
    "app",
    "sh",
    "cpl",
    "reg",
}
_SALT = "records.files"


def folder() -> Path:
    """Where the contents of the workspace's files lie."""
    found = Path(settings.MEDIA_ROOT) / current_schema()
    found.mkdir(parents=True, exist_ok=True)
    return found


def clean_name(name: str) -> str:
    """A file's shown name: no folders, no control characters, at most 200 characters."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").split("/")[-1])
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*\x00').strip(". ")
    return name[-200:] or "file"


def store(
    name: str,
    content: Iterable[bytes] | BinaryIO,
    mime_type: str,
    created_by: uuid.UUID | None,
    *,
    limit: int = MAX_BYTES,
) -> StoredFile:
    """Keep a file. Raises Invalid `file.type_blocked`, `file.too_large`; a refused file leaves nothing behind."""
    name = clean_name(name)
    if name.rsplit(".", 1)[-1].lower() in BLOCKED:
        raise Invalid("file.type_blocked", "Files of this type are not accepted.", field="file")
    identifier = new_id()
    path = folder() / identifier.hex
    digest, size = hashlib.sha256(), 0
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as target:
            for chunk in content:
                size += len(chunk)
                if size > limit:
                    raise Invalid(
                        "file.too_large",
                        f"At most {limit // (1024 * 1024)} MB.",
                        field="file",
                        details={"max_bytes": limit},
                    )
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return StoredFile.objects.create(
        id=identifier, name=name, size=size, mime_type=mime_type[:120] or "application/octet-stream", checksum=digest.hexdigest(),
        path=identifier.hex, created_by=created_by,
    )  # fmt: skip


def bytes_stored() -> int:
    """What the workspace's files take together (limit `storage_bytes`, ASP-20.5)."""
    return StoredFile.objects.filter(deleted_at=None).aggregate(total=Sum("size"))["total"] or 0


def require_room(size: int) -> None:
    """Raise TenantRefusal 402 `quota.storage` unless the workspace has room for `size` bytes more (ASP-20.5).

    For what people bring in: files and imports. Exports, which carry data away, never ask.
    """
    entitlements.require_room(current_tenant(), "storage_bytes", bytes_stored() + size)


def held_by(entity: Entity, ids: Collection[uuid.UUID]) -> set[str]:
    """Ids of the files that attributes of these records hold, such as a note's attachment."""
    held: set[str] = set()
    for attribute in entity.attributes.values():
        if attribute.type.name == "file":
            rows = entity.model.objects.filter(pk__in=ids).annotate(_file=_holding(attribute))
            held.update(str(i) for i in rows.exclude(_file=None).values_list("_file", flat=True))
    return held


def free(ids: Collection[str]) -> int:
    """Give up those of the files that no record holds any more, the recycle bin's included; returns how many.

    A note that was carried over to another record shares its file with the first one.
    """
    left = set(ids)
    for entity in registry.all() if left else ():
        for attribute in entity.attributes.values():
            if attribute.type.name == "file":
                rows = entity.model.objects.annotate(_file=_holding(attribute)).filter(_file__in=left)
                left -= {str(i) for i in rows.values_list("_file", flat=True)}
    rows = StoredFile.objects.filter(pk__in=left, deleted_at=None, regarding_id=None)
    return rows.update(deleted_at=timezone.now())


def _holding(attribute: Attribute) -> Any:
    found = attribute.type.expression(attribute)
    return F(found) if isinstance(found, str) else found


def path_of(stored: StoredFile) -> Path:
    """Where the content lies; always inside the current workspace's folder. Raises NotFound when it is gone."""
    path = folder() / stored.path
    if stored.deleted_at is not None or not path.is_file():
        raise NotFound("file.not_found", "There is no such file.")
    return path


def link(stored_id: uuid.UUID | str) -> str:
    """A link that works ten minutes, in this workspace only."""
    token = signing.dumps([current_schema(), str(stored_id)], salt=_SALT, compress=True)
    return f"/api/v1/files/{stored_id}/download?signature={token}"


def check_link(stored_id: uuid.UUID, signature: str) -> StoredFile:
    """The file of a valid link. Raises NotFound for anything else."""
    try:
        schema, identifier = signing.loads(signature, salt=_SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound("file.not_found", "There is no such file.") from None
    if schema != current_schema() or identifier != str(stored_id):
        raise NotFound("file.not_found", "There is no such file.")
    stored = StoredFile.objects.filter(pk=stored_id, deleted_at=None).first()
    if stored is None:
        raise NotFound("file.not_found", "There is no such file.")
    return stored


def describe(stored: StoredFile) -> dict[str, Any]:
    return {
        "id": str(stored.pk),
        "name": stored.name,
        "size": stored.size,
        "mime_type": stored.mime_type,
        "url": link(stored.pk),
    }


def describe_files(ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Facts of files by id."""
    return {str(f.pk): describe(f) for f in StoredFile.objects.filter(pk__in=list(ids), deleted_at=None)}
