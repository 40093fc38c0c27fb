"""The two jobs of an import: looking the archive through without changing anything, then the import itself.

Both survive a killed worker: hashes and files go on where they were committed, reading in is one transaction.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any

import orjson
from django.db import transaction

from crm_core.exchange.arriving import incoming, loading
from crm_core.exchange.arriving.opening import MAX_LINE, Archive
from crm_core.exchange.arriving.refusals import ArchiveRefused
from crm_core.metadata.errors import Forbidden
from crm_core.metadata.models import Organization
from crm_core.records import audit, files, jobs
from crm_core.records.models import Job
from crm_core.security.actor import Actor, actor_for

CHECK = "archive_check"
IMPORT = "archive_import"
STEP_SECONDS = 1.5


class _Handler(jobs.JobHandler, ABC):
    """A step over the opened archive."""

    def step(self, job: Job, actor: Actor) -> bool:
        if not actor.is_administrator:
            raise Forbidden("privilege.missing", "Only administrators import an archive.")
        with Archive(incoming.path_of(job.params["archive"])) as archive:
            return self.work(job, actor, archive)

    @abstractmethod
    def work(self, job: Job, actor: Actor, archive: Archive) -> bool:
        """The next piece, with the opened archive."""


class CheckHandler(_Handler):
    """Hashes of everything, then the whole import on trial, taken back at the end."""

    kind = CHECK

    def work(self, job: Job, actor: Actor, archive: Archive) -> bool:
        names = [name for name, listed in archive.entries.items() if not listed.exact]
        job.total = len(names) + 1
        deadline = time.monotonic() + STEP_SECONDS
        while job.done < len(names):
            for _chunk in archive.content(names[job.done]):
                pass
            job.done += 1
            if time.monotonic() > deadline:
                return False
        files.require_room(_file_bytes(archive))
        loaded = loading.try_out(archive, actor)
        job.done = job.total
        job.result = {"preview": preview(archive, loaded)}
        return True


class ImportHandler(_Handler):
    """Contents of files first, which nobody sees yet; then everything in one transaction with its comparison."""

    kind = IMPORT

    def work(self, job: Job, actor: Actor, archive: Archive) -> bool:
        identifiers = list(archive.file_entries)
        job.total = len(identifiers) + 1
        deadline = time.monotonic() + STEP_SECONDS
        if not job.done:
            files.require_room(_file_bytes(archive))
        while job.done < len(identifiers):
            incoming.unpack(archive, job.params["archive"], identifiers[job.done])
            job.done += 1
            if time.monotonic() > deadline:
                return False
        loaded = loading.load(archive, actor)
        incoming.take_over(archive, job.params["archive"])
        self._note(job, archive, loaded)
        job.done = job.total
        return True

    def _note(self, job: Job, archive: Archive, loaded: loading.Loaded) -> None:
        job.created_by = loaded.person
        assert loaded.person is not None
        importer = actor_for(loaded.person, job.params.get("source", "job"))
        if importer is None:
            raise ArchiveRefused("no_administrators", "You could not sign in to the imported workspace.")
        digest = job.params["sha256"]
        facts = {"archive": [None, digest], "workspace": [None, archive.head["workspace"]]}
        audit.note(importer.acting(importer.source, job.pk), "workspace", "import", facts, job.pk)
        head = preview(archive, loaded)
        job.result = {**head, "compared": loaded.compared, "files": len(archive.file_entries)}

    def finished(self, job: Job, actor: Actor) -> None:
        name = job.params["archive"]
        transaction.on_commit(lambda: incoming.forget(name))


def _file_bytes(archive: Archive) -> int:
    return sum(archive.entries[name].size for name in archive.file_entries.values())


def preview(archive: Archive, loaded: loading.Loaded) -> dict[str, Any]:
    """What is in the archive and who made it, in JSON form."""
    head = archive.head
    tables = {row["entry"]: row["rows"] for row in loaded.compared}
    return {
        "workspace": head["workspace"],
        "made_at": head["made_at"],
        "made_by": head["made_by"],
        "audit": head["audit"],
        "records": head["records"],
        "recycle_bin": head["recycle_bin"],
        "files": len(archive.file_entries),
        "files_missing": head["files_missing"],
        "file_bytes": _file_bytes(archive),
        "people": tables.get("data/security.systemuser.jsonl", 0),
        "known": loaded.was_known,
        "labels": _labels(archive),
        "rows": sum(tables.values()),
        "tables": len(tables),
    }


def _labels(archive: Archive) -> dict[str, str]:
    """What the archive's objects are called there; a workspace that is still empty does not know its custom ones."""
    if "objects.json" not in archive.entries or archive.entries["objects.json"].size > MAX_LINE:
        return {}
    try:
        found = orjson.loads(b"".join(archive.content("objects.json")))
        return {
            str(o["name"])[:63]: str(o["label_plural"])[:100]
            for o in found[:1000]
            if o["name"] in archive.head["records"]
        }
    except (orjson.JSONDecodeError, TypeError, KeyError):
        raise ArchiveRefused("bad_manifest", "objects.json cannot be read.", entry="objects.json") from None


def lock() -> None:
    """Two administrators who begin at once: one does."""
    Organization.objects.select_for_update().get(pk=1)
