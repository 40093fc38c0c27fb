"""Files that grow step by step and can be put back to what was committed, so that a killed worker leaves nothing twice."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from crm_core.metadata.errors import Invalid

CHUNK = 1 << 20


def _lost() -> Invalid:
    return Invalid("export.part_lost", "The unfinished file was lost; please export again.")


@contextmanager
def growing(path: Path, size: int) -> Iterator[IO[bytes]]:
    """Append to `path` behind its first `size` bytes; what lies further was never committed.

    Raises Invalid `export.part_lost` when the file is shorter than that.
    """
    with path.open("r+b" if path.exists() else "w+b") as stream:
        if path.stat().st_size < size:
            raise _lost()
        stream.truncate(size)
        stream.seek(size)
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one entry of the archive."""

    name: str
    size: int
    sha256: str


class GrowingArchive:
    """A zip archive in a folder of its own. The list a zip file ends with is kept beside it per step, because the
    next step writes over it: `mark` (end of the entries, number of the step) is all a step must commit.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "archive.zip"

    @contextmanager
    def opened(self, mark: list[int] | None) -> Iterator[zipfile.ZipFile]:
        """The archive as of `mark`, to add entries to; `saved_mark` is the mark behind them afterwards."""
        end, step = mark or (0, 0)
        with growing(self.path, end) as stream:
            if step:
                listed = self._directory(step)
                if not listed.is_file():
                    raise _lost()
                stream.write(listed.read_bytes())
                stream.seek(0)
            with zipfile.ZipFile(
                stream, "a" if step else "w", zipfile.ZIP_DEFLATED, compresslevel=6, allowZip64=True
            ) as archive:
                yield archive
            self.saved_mark = [archive.start_dir, step + 1]
            stream.seek(archive.start_dir)
            with self._directory(step + 1).open("wb") as kept:
                shutil.copyfileobj(stream, kept, CHUNK)
                kept.flush()
                os.fsync(kept.fileno())
        self._directory(step - 1).unlink(missing_ok=True)

    def _directory(self, step: int) -> Path:
        return self.folder / f"directory-{step}"


def add_file(archive: zipfile.ZipFile, name: str, path: Path) -> Entry:
    """Copy a file into the archive, a megabyte at a time. Raises FileNotFoundError before anything is written."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return Entry(name, size, digest.hexdigest())


def add_chunks(archive: zipfile.ZipFile, name: str, chunks: Iterator[bytes] | list[bytes]) -> Entry:
    """Write pieces of content as one entry."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as target:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return Entry(name, size, digest.hexdigest())


def checksum(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def entry_facts(entry: Entry, **more: Any) -> dict[str, Any]:
    """An entry as a line of the manifest."""
    return {"name": entry.name, "size": entry.size, "sha256": entry.sha256, **more}
