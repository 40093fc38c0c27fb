"""Opening an archive that may be anything: looked at from outside before anything in it is unpacked (SAAS.md §6.3 I).

Sizes are believed from nobody: what the list of the zip file says is compared with the manifest, and reading stops there.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from crm_core.exchange.arriving.refusals import ArchiveRefused
from crm_core.exchange.exporting.archive import FORMAT

CHUNK = 1 << 20
MAX_MANIFEST = 64 << 20
MAX_DIRECTORY = 128 << 20  # of the zip file's own list, which is read into memory whole
MAX_LINE = 16 << 20
MAX_RATIO = 200  # real archives shrink to a twentieth
FREE_BYTES = 64 << 20  # small archives may be as dense as they like
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_HEAD = {
    "format": int, "product": str, "workspace": str, "made_at": str, "made_by": str, "audit": bool, "records": dict,
    "recycle_bin": dict, "files": int, "files_missing": int, "entries": list,
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """An entry as the manifest describes it."""

    name: str
    size: int
    sha256: str
    exact: bool
    rows: int
    file: str | None


class Archive:
    """An opened archive whose list was checked; contents are checked while they are read."""

    def __init__(self, path: Path) -> None:
        """Raises ArchiveRefused for what is no archive of ours, or not one that can be read here."""
        _refuse_directory_bomb(path)
        try:
            self.zip = zipfile.ZipFile(path)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            struct.error,
            OverflowError,
        ) as error:
            raise _unreadable() from error
        try:
            self._check_names()
            self.head, self.entries = self._manifest()
            self._check_list(path.stat().st_size)
        except BaseException:
            self.zip.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_error: object) -> None:
        self.zip.close()

    def _check_names(self) -> None:
        seen: set[str] = set()
        for info in self.zip.infolist():
            name = info.filename
            # the name as it stands in the file, too: the library shortens it at a NUL
            if name != info.orig_filename or not _is_plain(name):
                raise ArchiveRefused("bad_name", "An entry has an impossible name.", entry=name[:100])
            if name in seen:
                raise ArchiveRefused("duplicate_entry", f"{name} is there twice.", entry=name)
            if info.flag_bits & 0x1 or info.compress_type not in _METHODS:
                raise ArchiveRefused(
                    "unreadable", f"{name} is encrypted or packed in an unknown way.", entry=name
                )
            seen.add(name)

    def _manifest(self) -> tuple[dict[str, Any], dict[str, Listed]]:
        try:
            info = self.zip.getinfo("manifest.json")
        except KeyError:
            raise ArchiveRefused(
                "no_manifest", "This is not an archive of a workspace: it has no manifest."
            ) from None
        if info.file_size > MAX_MANIFEST:
            raise ArchiveRefused("too_large", "The manifest is too large.", entry="manifest.json")
        try:
            found = orjson.loads(b"".join(self._chunks("manifest.json", info.file_size)))
        except orjson.JSONDecodeError:
            raise _bad_manifest() from None
        version = found.get("format") if isinstance(found, dict) else None
        if isinstance(version, int) and not isinstance(version, bool):
            if version > FORMAT:
                raise ArchiveRefused(
                    "newer", "The archive was written by a newer version. Ask your provider to update.",
                    entry="manifest.json", format=version, known=FORMAT,
                )  # fmt: skip
            if version < FORMAT:
                raise ArchiveRefused(
                    "older", "The archive was written before imports existed. Please export again.",
                    entry="manifest.json", format=version, known=FORMAT,
                )  # fmt: skip
        if not isinstance(found, dict) or any(
            not isinstance(found.get(key), kind) or (kind is int and isinstance(found[key], bool))
            for key, kind in _HEAD.items()
        ):
            raise _bad_manifest()
        counts = [*found["records"].values(), *found["recycle_bin"].values()]
        if not all(type(n) is int and n >= 0 for n in counts):
            raise _bad_manifest()
        return found, _listed(found.pop("entries"))

    def _check_list(self, packed: int) -> None:
        there = {info.filename: info for info in self.zip.infolist() if info.filename != "manifest.json"}
        for name in self.entries:
            if name not in there:
                raise ArchiveRefused("missing_entry", f"{name} is missing.", entry=name)
        for name, info in there.items():
            if name not in self.entries:
                raise ArchiveRefused("unexpected_entry", f"{name} is not in the manifest.", entry=name)
            if info.file_size != self.entries[name].size:
                raise ArchiveRefused("wrong_size", f"{name} has not the size of the manifest.", entry=name)
        if self.unpacked > FREE_BYTES + MAX_RATIO * packed:
            raise ArchiveRefused(
                "too_large", "The archive would unpack to far more than archives do.", size=self.unpacked
            )

    @cached_property
    def unpacked(self) -> int:
        """Bytes of all entries together, unpacked."""
        return sum(entry.size for entry in self.entries.values())

    @cached_property
    def file_entries(self) -> dict[str, str]:
        """Entries with the content of stored files: file id → name of the entry."""
        return {entry.file: entry.name for entry in self.entries.values() if entry.file}

    # contents ---------------------------------------------------------------------------------------------------------
    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        left = size
        try:
            with self.zip.open(name) as stream:
                while chunk := stream.read(min(CHUNK, left + 1)):
                    left -= len(chunk)
                    if left < 0:
                        raise ArchiveRefused("wrong_size", f"{name} is longer than it says.", entry=name)
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise ArchiveRefused("unreadable", f"{name} is damaged.", entry=name) from error
        if left:
            raise ArchiveRefused("wrong_size", f"{name} is shorter than it says.", entry=name)

    def content(self, name: str) -> Iterator[bytes]:
        """The content of an entry, piece by piece; at the end its hash is compared. Raises ArchiveRefused."""
        listed, digest = self.entries[name], hashlib.sha256()
        for chunk in self._chunks(name, listed.size):
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != listed.sha256:
            raise ArchiveRefused(
                "wrong_hash", f"{name} is not what the manifest says: it was changed.", entry=name
            )

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of an entry without their ends; the hash is compared behind the last one. Raises ArchiveRefused."""
        rest, number = b"", 0
        for chunk in self.content(name):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                number += 1
                yield line
            if len(rest) > MAX_LINE:
                raise ArchiveRefused(
                    "too_large", f"{name}, row {number + 1} is too long.", entry=name, row=number + 1
                )
        if rest:
            raise ArchiveRefused(
                "unreadable", f"The last row of {name} has no end.", entry=name, row=number + 1
            )


def _listed(rows: list[Any]) -> dict[str, Listed]:
    found: dict[str, Listed] = {}
    files: set[str] = set()
    for row in rows:
        if not isinstance(row, dict):
            raise _bad_manifest()
        name, size, digest = row.get("name"), row.get("size"), row.get("sha256")
        count, file = row.get("rows", 0), row.get("file")
        if (
            not isinstance(name, str) or type(size) is not int or size < 0 or type(count) is not int or count < 0
            or not isinstance(digest, str) or len(digest) != 64 or not isinstance(file, str | None)
        ):  # fmt: skip
            raise _bad_manifest()
        if name in found or (file is not None and file in files):
            raise ArchiveRefused(
                "duplicate_entry", f"The manifest names {name[:100]} twice.", entry=name[:100]
            )
        found[name] = Listed(name, size, digest, row.get("exact") is True, count, file)
        files |= {file} if file else set()
    return found


def _is_plain(name: str) -> bool:
    """Whether an entry has a relative name of ordinary parts; directories have no entries of their own."""
    parts = name.split("/")
    return (
        0 < len(name) <= 400
        and name.isprintable()
        and "\\" not in name
        and ":" not in parts[0]
        and all(part not in ("", ".", "..") for part in parts)
    )


def _refuse_directory_bomb(path: Path) -> None:
    """Look at the size of the zip file's list before the library reads it into memory."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - (1 << 16) - 22 - 20))
            tail = stream.read()
            at = tail.rfind(_END)
            if at < 0 or len(tail) < at + 22:
                raise _unreadable()
            (listed,) = struct.unpack_from("<L", tail, at + 12)
            if listed == 0xFFFFFFFF:
                locator = tail.rfind(_END_64, 0, at)
                if locator < 0:
                    raise _unreadable()
                (record,) = struct.unpack_from("<Q", tail, locator + 8)
                stream.seek(min(record, size))
                head = stream.read(56)
                if len(head) < 56:
                    raise _unreadable()
                (listed,) = struct.unpack_from("<Q", head, 40)
    except (OSError, struct.error, OverflowError) as error:
        raise _unreadable() from error
    if listed > MAX_DIRECTORY:
        raise ArchiveRefused("too_large", "The archive has too many entries.")


def _unreadable() -> ArchiveRefused:
    return ArchiveRefused("unreadable", "This is not a zip archive, or it is damaged.")


def _bad_manifest() -> ArchiveRefused:
    return ArchiveRefused("bad_manifest", "The manifest cannot be read.", entry="manifest.json")
