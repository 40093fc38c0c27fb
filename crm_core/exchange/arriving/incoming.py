"""Where archives and their files lie until they are imported: beside the exports, so that they count against no limit."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from crm_core.exchange.arriving.opening import Archive
from crm_core.exchange.arriving.refusals import ArchiveRefused
from crm_core.exchange.exporting.archive import INCOMING, exports_folder
from crm_core.records import files
from crm_core.records.models import StoredFile


def folder() -> Path:
    """The workspace's folder of archives that came in."""
    found = exports_folder() / INCOMING
    found.mkdir(exist_ok=True, mode=0o700)
    return found


def keep(content: Iterable[bytes]) -> str:
    """Store an uploaded archive; returns its name."""
    name = uuid.uuid4().hex
    path = folder() / f"{name}.zip"
    try:
        with path.open("wb") as target:
            for chunk in content:
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        path.chmod(0o600)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def path_of(name: str) -> Path:
    """The archive called `name`. Raises ArchiveRefused `archive.gone`."""
    path = folder() / f"{name}.zip"
    if not path.is_file():
        raise ArchiveRefused("gone", "The archive is not here any more. Please upload it again.")
    return path


def _unpacked(name: str) -> Path:
    found = folder() / name
    found.mkdir(exist_ok=True, mode=0o700)
    return found


def unpack(archive: Archive, name: str, identifier: str) -> int:
    """Lay down the content of one stored file; returns its size. Raises ArchiveRefused; repeating it is harmless."""
    try:
        target = _unpacked(name) / uuid.UUID(identifier).hex
    except ValueError:
        raise ArchiveRefused("bad_manifest", "A file has an impossible id.", entry="manifest.json") from None
    size = 0
    with target.open("wb") as stream:
        for chunk in archive.content(archive.file_entries[identifier]):
            size += len(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return size


def take_over(archive: Archive, name: str) -> None:
    """Make unpacked contents those of the workspace's files. Linked, not moved: a lost commit finds them again."""
    source, target = _unpacked(name), files.folder()
    for identifier in archive.file_entries:
        stem = uuid.UUID(identifier).hex
        (target / stem).unlink(missing_ok=True)
        (target / stem).hardlink_to(source / stem)


def forget(name: str) -> None:
    """Remove an archive, what was unpacked of it, and contents that came into the workspace without their rows."""
    (folder() / f"{name}.zip").unlink(missing_ok=True)
    unpacked = folder() / name
    if unpacked.is_dir():
        stems = [path.name for path in unpacked.iterdir()]
        known = {pk.hex for pk in StoredFile.objects.filter(pk__in=stems).values_list("pk", flat=True)}
        for stem in set(stems) - known:
            (files.folder() / stem).unlink(missing_ok=True)
        shutil.rmtree(unpacked, ignore_errors=True)
