"""Writes one workspace as one file: structure, rows, files, and a signed list of hashes (ASP-30, ASP-40.4).

A zip archive::

    manifest.json    what it is, rows and SHA-256 of every table, size and SHA-256 of every file
    manifest.sig     HMAC of manifest.json (tenants.backup.signing)
    schema.json      statements that build the tables, and those that add keys, indexes, triggers after the rows
    data/<table>     rows in PostgreSQL's COPY text format
    files/<path>     attachments

Rows come from one snapshot (REPEATABLE READ): people go on working meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tenants import cloning, migration
from tenants.backup import content, signing
from tenants.context import activate, activate_public
from tenants.models import Domain, Tenant

FORMAT = 1
_CHUNK = 1 << 20
Progress = Callable[[str, int, int], None]


def no_progress(_step: str, _done: int, _total: int) -> None:
    """For callers who do not show any."""


@dataclass(frozen=True)
class Written:
    """What a package holds. ``checksum`` is the SHA-256 of the whole file."""

    size: int
    checksum: str
    rows: int
    files: int


class _Hashing:
    """Passes bytes on to an entry of the archive and hashes them."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target, self.digest, self.size = target, hashlib.sha256(), 0

    def write(self, data: bytes | memoryview) -> None:
        self.digest.update(data)
        self.size += len(data)
        self.target.write(data)


def file_checksum(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write(tenant: Tenant, path: Path, progress: Progress = no_progress, *, with_data: bool = True) -> Written:
    """Write the workspace to ``path``; the file appears there complete or not at all.

    ``with_data=False`` leaves out all rows but those of definitions, people and rights, and all files.

    Raises cloning.CannotClone when the schema holds something packages do not carry, OSError when the disk is full.
    """
    unfinished = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(
            unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6, allowZip64=True
        ) as archive:
            manifest = _write_content(tenant, archive, progress, with_data)
            text = json.dumps(manifest, indent=1, sort_keys=True).encode()
            archive.writestr("manifest.json", text)
            archive.writestr("manifest.sig", signing.sign(text))
        unfinished.chmod(0o600)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Written(path.stat().st_size, file_checksum(path), rows, len(manifest["files"]))


def _write_content(
    tenant: Tenant, archive: zipfile.ZipFile, progress: Progress, with_data: bool
) -> dict[str, Any]:
    with _snapshot():
        blueprint = cloning.read_blueprint(tenant.schema_name)
        structure = {"before": list(blueprint.before_rows), "after": list(blueprint.after_rows)}
        text = json.dumps(structure).encode()
        archive.writestr("schema.json", text)
        tables = _write_rows(tenant, archive, blueprint, progress, with_data)
    files = _write_files(tenant, archive, progress) if with_data else {}
    return {
        "format": FORMAT,
        "product": settings.PRODUCT_NAME,
        "made_at": timezone.now().isoformat(),
        "level": migration.current_level(),
        "workspace": _facts(tenant),
        "schema": hashlib.sha256(text).hexdigest(),
        "tables": tables,
        "files": files,
    }


@contextmanager
def _snapshot() -> Iterator[None]:
    """One transaction that sees one moment. Inside another one (tests) that one's view has to do."""
    outermost = not connection.in_atomic_block
    with activate_public(), transaction.atomic():
        with connection.cursor() as cursor:
            if outermost:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def _facts(tenant: Tenant) -> dict[str, Any]:
    with activate_public():
        slug = Domain.objects.filter(tenant=tenant, is_primary=True).values_list("slug", flat=True).first()
    names = (
        "name",
        "country",
        "language",
        "currency",
        "time_zone",
        "region",
        "plan_code",
        "owner_email",
        "state",
    )
    return {"id": str(tenant.pk), "slug": slug or "", **{name: str(getattr(tenant, name)) for name in names}}


def _write_rows(
    tenant: Tenant,
    archive: zipfile.ZipFile,
    blueprint: cloning.Blueprint,
    progress: Progress,
    with_data: bool,
) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    rows_of = [(table.strip('"'), table, names) for table, names in blueprint.rows]
    kept = [
        (table, names)
        for plain, table, names in rows_of
        if not content.is_left_out(plain) and (with_data or content.is_definition(plain))
    ]
    with activate(tenant):
        for position, (table, names) in enumerate(kept):
            progress(table, position, len(kept))
            with (
                connection.cursor() as cursor,
                archive.open(f"data/{table}", "w", force_zip64=True) as entry,
                # Names come quoted from the catalogue.
                cursor.copy(f"COPY {table} ({', '.join(names)}) TO STDOUT") as rows,
            ):
                hashing = _Hashing(entry)
                count = 0
                for chunk in rows:
                    hashing.write(chunk)
                    count += bytes(chunk).count(b"\n")
            tables[table] = {"columns": list(names), "rows": count, "sha256": hashing.digest.hexdigest()}
    return tables


def _write_files(tenant: Tenant, archive: zipfile.ZipFile, progress: Progress) -> dict[str, Any]:
    folder = Path(settings.MEDIA_ROOT) / tenant.schema_name
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    files: dict[str, Any] = {}
    for position, path in enumerate(paths):
        progress("files", position, len(paths))
        name = path.relative_to(folder).as_posix()
        if name.startswith(f"{content.EXPORTS_FOLDER}/"):
            continue
        try:
            with path.open("rb") as source, archive.open(f"files/{name}", "w", force_zip64=True) as entry:
                hashing = _Hashing(entry)
                while chunk := source.read(_CHUNK):
                    hashing.write(chunk)
        except FileNotFoundError:  # removed for good meanwhile
            continue
        files[name] = {"size": hashing.size, "sha256": hashing.digest.hexdigest()}
    return files
