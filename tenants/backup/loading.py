"""Builds a schema from a package, checking every hash on the way (ASP-30 restore, import; F12).

A new schema is always built beside whatever is live; nothing else is touched. Who may reach it is decided afterwards by one
row (`tenants.lifecycle.copies`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from tenants import cloning, migration
from tenants.backup import content, signing
from tenants.backup.package import FORMAT, Progress, no_progress
from tenants.context import activate_public, activate_schema

_CHUNK = 1 << 20
_LARGEST_MANIFEST = 64 << 20


class BadPackage(ValueError):
    """The file is no package of ours, is damaged, or was altered. Nothing was loaded from it."""


def read_manifest(path: Path) -> dict[str, Any]:
    """The checked list of what the package holds. Raises BadPackage."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _manifest(archive)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, OSError, UnicodeDecodeError) as error:
        raise BadPackage(f"This is not a package: {error}") from error


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if (
        archive.getinfo("manifest.json").file_size > _LARGEST_MANIFEST
        or archive.getinfo("manifest.sig").file_size > 200
    ):
        raise BadPackage("The list of contents is too large.")
    text = archive.read("manifest.json")
    if not signing.is_ours(text, archive.read("manifest.sig").decode().strip()):
        raise BadPackage("The signature does not belong to this installation, or the package was altered.")
    manifest: dict[str, Any] = json.loads(text)
    if manifest.get("format") != FORMAT:
        raise BadPackage(f"Format {manifest.get('format')} is not known here.")
    expected = {"manifest.json", "manifest.sig", "schema.json"}
    expected |= {f"data/{table}" for table in manifest["tables"]} | {
        f"files/{name}" for name in manifest["files"]
    }
    if set(archive.namelist()) != expected or len(archive.namelist()) != len(expected):
        raise BadPackage("The contents are not those of the list.")
    for name in manifest["files"]:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\\" in name or "\0" in name:
            raise BadPackage("A file has an impossible name.")
    return manifest


def load(path: Path, schema: str, progress: Progress = no_progress) -> dict[str, Any]:
    """Build ``schema`` and its files from the package; brings older packages to today's migrations.

    Whatever an earlier attempt left under that name is removed first. On any failure nothing stays. Returns the
    manifest. Raises BadPackage.
    """
    manifest = read_manifest(path)
    folder = Path(settings.MEDIA_ROOT) / schema
    remove(schema)
    try:
        with zipfile.ZipFile(path) as archive:
            _build(archive, manifest, schema, progress)
            _load_files(archive, manifest, folder, progress)
        if migration.lagging_schemas([schema]):
            progress("migrations", 0, 1)
            migration.migrate_schema(schema)
        with activate_schema(schema), transaction.atomic():
            content.forget_all()
    except BaseException:
        remove(schema)
        raise
    return manifest


def remove(schema: str) -> None:
    """Remove a schema and its files, when they are there."""
    cloning.drop_schema(schema)
    shutil.rmtree(Path(settings.MEDIA_ROOT) / schema, ignore_errors=True)


def _build(archive: zipfile.ZipFile, manifest: dict[str, Any], schema: str, progress: Progress) -> None:
    text = archive.read("schema.json")
    if hashlib.sha256(text).hexdigest() != manifest["schema"]:
        raise BadPackage("The structure is not the one of the list.")
    structure = json.loads(text)
    with activate_public(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {connection.ops.quote_name(schema)}")
    with activate_schema(schema), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cloning.execute_all(cursor, structure["before"])
        for position, (table, facts) in enumerate(manifest["tables"].items()):
            progress(table, position, len(manifest["tables"]) + 1)
            _load_table(cursor, archive, table, facts)
        progress("keys and indexes", len(manifest["tables"]), len(manifest["tables"]) + 1)
        cloning.execute_all(cursor, structure["after"])
        cloning.advance_identities(cursor, schema)


def _load_table(cursor: Any, archive: zipfile.ZipFile, table: str, facts: dict[str, Any]) -> None:
    """Rows of one table. Raises BadPackage when hash or number of rows is not the one of the list."""
    digest, count = hashlib.sha256(), 0
    try:
        # Table and column names are those the catalogue quoted; the manifest that holds them is signed.
        with cursor.copy(f"COPY {table} ({', '.join(facts['columns'])}) FROM STDIN") as rows:
            for chunk in _chunks(archive, f"data/{table}"):
                digest.update(chunk)
                count += chunk.count(b"\n")
                rows.write(chunk)
    except psycopg.Error as error:
        raise BadPackage(f"Table {table} cannot be read: {error}") from error
    if digest.hexdigest() != facts["sha256"] or count != facts["rows"] or cursor.rowcount != count:
        raise BadPackage(f"Table {table} is not the one of the list.")


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    try:
        with archive.open(name) as entry:
            while chunk := entry.read(_CHUNK):
                yield chunk
    except zipfile.BadZipFile as error:
        raise BadPackage(f"{name} is damaged: {error}") from error


def _load_files(archive: zipfile.ZipFile, manifest: dict[str, Any], folder: Path, progress: Progress) -> None:
    for position, (name, facts) in enumerate(manifest["files"].items()):
        progress("files", position, len(manifest["files"]))
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with target.open("wb") as stream:
            for chunk in _chunks(archive, f"files/{name}"):
                size += len(chunk)
                if size > facts["size"]:
                    break
                digest.update(chunk)
                stream.write(chunk)
        if size != facts["size"] or digest.hexdigest() != facts["sha256"]:
            raise BadPackage(f"File {name} is not the one of the list.")


def fingerprint(schema: str) -> dict[str, tuple[int, str]]:
    """{table: (rows, MD5 over all rows in order)} of a schema; what a restore drill compares."""
    found: dict[str, tuple[int, str]] = {}
    with activate_schema(schema), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            """SELECT quote_ident(relname), relname FROM pg_class
               WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY relname""",
            [schema],
        )
        for quoted, name in cursor.fetchall():
            cursor.execute(
                # Quoted by the catalogue.
                f"SELECT count(*), coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM {quoted} t"  # noqa: S608
            )
            found[name] = cursor.fetchone()
    return found
