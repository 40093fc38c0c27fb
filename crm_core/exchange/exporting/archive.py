"""The whole workspace as one zip archive, to take away at any time and in any state (ASP-40.4).

    manifest.json            what it is, counts, and name, size and SHA-256 of every entry
    workspace.json           name, currency, language, settings
    customization.json       the published customization, whole; objects.json what the objects look like with it
    records/<objects>.csv    every record as a table for people: labels, names, formula-safe
    records/<objects>.jsonl  every record for programs, one JSON object a line, references with their names
    recycle_bin/<objects>.jsonl  records that were deleted and can still be restored
    data/<table>.jsonl       every record exactly, as it is kept: what an import reads (`exact_tables`)
    access/, views.jsonl …   who holds roles, teams, shares, field security, saved views, all exactly
    access/logins.jsonl      who could sign in; without passwords, and nobody can by importing it
    files/<id>/<name>        attachments; files.jsonl says what they are
    audit.jsonl              the audit, where it was asked for

`ArchiveHandler` writes it in steps; `archives` starts it, shows it and hands it out; `exchange.arriving` reads it.
"""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from crm_core.exchange.exporting import exact_tables, manifest
from crm_core.exchange.exporting.archive_rows import PAGE, Table, as_json, described, without_links
from crm_core.exchange.exporting.growing import (
    GrowingArchive,
    add_chunks,
    add_file,
    checksum,
    entry_facts,
    growing,
)
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Forbidden, NotFound
from crm_core.metadata.models import Organization, Publication
from crm_core.records import files, jobs
from crm_core.records.models import Job, StoredFile
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from crm_core.security.models import SystemUser
from tenants.backup.content import EXPORTS_FOLDER
from tenants.context import current_schema

KIND = "workspace_export"
FORMAT = 2
LOGINS = "access/logins.jsonl"
INCOMING = "incoming"  # folder beside the exports where archives wait that are to be imported
STEP_SECONDS = 1.5


def exports_folder() -> Path:
    """Where the workspace's archives lie, outside its stored files: they count against no limit."""
    folder = Path(settings.MEDIA_ROOT) / current_schema() / EXPORTS_FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def archive_path(job: Job) -> Path:
    """The finished archive of a job."""
    return exports_folder() / f"{job.pk.hex}.zip"


def work_folder(job: Job) -> Path:
    """Where an unfinished archive grows."""
    return exports_folder() / job.pk.hex


def sources() -> list[str]:
    """Names of the objects whose records are written: all of them, delivered, custom and internal."""
    return sorted(entity.name for entity in registry.all())


def stored_files() -> Any:
    """The workspace's files without those that jobs made, such as earlier exports."""
    made = Job.objects.filter(file__isnull=False).values("file")
    return StoredFile.objects.filter(deleted_at=None).exclude(pk__in=made).order_by("pk")


def record_count(actor: Actor) -> int:
    """How many records `actor` would take away, the recycle bin included."""
    return sum(
        Query(entity, actor, deleted=deleted).rows_.order_by().count()
        for entity in registry.all()
        for deleted in _bins(entity)
    )


def _bins(entity: Entity) -> tuple[bool, ...]:
    return (False, True) if any(f.name == "deleted_at" for f in entity.model._meta.fields) else (False,)


class ArchiveHandler(jobs.JobHandler):
    """Writes the archive in steps of about a second and a half. `cursor` holds the section it is at, how far it
    came in there, and the committed sizes of the growing files; a killed worker's step is cut off and done again.
    """

    kind = KIND
    reads = True

    def step(self, job: Job, actor: Actor) -> bool:
        if not actor.is_administrator:
            raise Forbidden("privilege.missing", "Only administrators export the whole workspace.")
        with translation.override(job.params.get("language") or workspace.current().language):
            return _Step(job, actor).run()

    def finished(self, job: Job, actor: Actor) -> None:
        transaction.on_commit(lambda: shutil.rmtree(work_folder(job), ignore_errors=True))


class _Step:
    """One step over the job's row; what it changes in `cursor` is committed with the files it describes."""

    def __init__(self, job: Job, actor: Actor) -> None:
        self.job, self.actor = job, actor
        self.folder = work_folder(job)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        self.cursor: dict[str, Any] = dict(job.cursor) or {"section": 0, "sizes": {}, "mark": None}
        self.deadline = time.monotonic() + STEP_SECONDS

    def run(self) -> bool:
        plan = [
            "start",
            *(f"records:{n}" for n in self.job.params["objects"]),
            *(f"recycle_bin:{n}" for n in self.job.params["objects"]),
            "exact",
            "files",
        ]
        self._forget_written()
        archive = GrowingArchive(self.folder)
        with archive.opened(self.cursor["mark"]) as self.zip, self._part("entries") as self.entries:
            while self.cursor["section"] < len(plan):
                kind, _colon, name = plan[self.cursor["section"]].partition(":")
                if self._section(kind, name):
                    self.cursor["section"] += 1
                    self.cursor["at"] = None
                if time.monotonic() > self.deadline:
                    break
            self.cursor["sizes"]["entries"] = self.entries.tell()
            done = self.cursor["section"] == len(plan)
            if done:
                self._manifest()
        self.cursor["mark"] = archive.saved_mark
        self.job.cursor = self.cursor
        if done:
            self._finish(archive.path)
        return done

    def _section(self, kind: str, name: str) -> bool:
        if kind == "start":
            self._describe()
            return True
        if kind == "exact":
            return self._exact()
        if kind == "files":
            return self._files()
        entity = registry.current().entities.get(name)
        if entity is None:  # unpublished meanwhile
            return True
        deleted = kind == "recycle_bin"
        return self._records(entity, kind, deleted) if deleted in _bins(entity) else True

    def _part(self, name: str) -> Any:
        return growing(self._path(name), self.cursor["sizes"].get(name, 0))

    def _path(self, name: str) -> Path:
        """Rows lie in files per section: a step that is lost may have gone on to the next object's."""
        own = f"{self.cursor['section']}.{name}" if name in ("jsonl", "csv") else name
        return self.folder / own

    def _forget_written(self) -> None:
        """Remove the rows of sections that are in the archive as committed."""
        for path in self.folder.glob("*.*"):
            number = path.name.partition(".")[0]
            if number.isdigit() and int(number) < self.cursor["section"]:
                path.unlink(missing_ok=True)

    def _note(self, facts: dict[str, Any]) -> None:
        self.entries.write(orjson.dumps(facts) + b"\n")

    # what is written ------------------------------------------------------------------------------------------------
    def _describe(self) -> None:
        organization = Organization.objects.get(pk=1)
        state = {f.attname: getattr(organization, f.attname) for f in Organization._meta.concrete_fields}
        published = Publication.objects.filter(version=state["metadata_version"]).first()
        body = {"version": state["metadata_version"], "body": published.body if published else {}}
        objects = [described(registry.get(name)) for name in self.job.params["objects"]]
        for name, content in (
            ("workspace.json", state),
            ("customization.json", body),
            ("objects.json", objects),
        ):
            self._note(entry_facts(add_chunks(self.zip, name, [as_json(content)])))
        logins = SystemUser.objects.exclude(login=None).order_by("pk")
        rows = logins.values("id", "login__email", "login__licence", "login__is_active")
        lines = [
            orjson.dumps({k.removeprefix("login__"): v for k, v in r.items()}, default=str) + b"\n"
            for r in rows
        ]
        self._note(entry_facts(add_chunks(self.zip, LOGINS, lines), rows=len(lines)))

    def _exact(self) -> bool:
        """All exact tables in one go: they are of one moment, which would be over in the next step."""
        found = exact_tables.tables(audit=bool(self.job.params.get("audit")))
        counts = dict.fromkeys(found, 0)
        with ExitStack() as stack:
            paths = {
                name: self._path("jsonl").with_suffix(f".{number}.jsonl") for number, name in enumerate(found)
            }
            streams = {name: stack.enter_context(path.open("wb")) for name, path in paths.items()}
            for name, lines in exact_tables.write(found):
                streams[name].write("\n".join(lines).encode() + b"\n")
                counts[name] += len(lines)
                if name == exact_tables.AUDIT:
                    self.job.done += len(lines)
        for name, path in paths.items():
            self._note(entry_facts(add_file(self.zip, name, path), rows=counts[name], exact=True))
            path.unlink()
        return True

    def _records(self, entity: Entity, folder: str, deleted: bool) -> bool:
        """Some pages of an object into its part files; behind the last one they become entries."""
        at = self.cursor.get("at") or {"fields": list(entity.attributes), "next": None, "rows": 0}
        sizes, names = self.cursor["sizes"], ("jsonl",) if deleted else ("jsonl", "csv")
        if self.cursor.get("at") is None:
            sizes.update(jsonl=0, csv=0)
        query = Query(entity, self.actor, deleted=deleted)
        more = True
        with ExitStack() as stack:
            streams = [stack.enter_context(self._part(name)) for name in names]
            table = None if deleted else Table(entity, at["fields"], self.actor, streams[1])
            if table is not None and not sizes["csv"]:
                table.head()
            while more and time.monotonic() < self.deadline:
                page = query.page(
                    at["fields"], limit=PAGE, cursor=at["next"], most_fields=len(entity.attributes)
                )
                for row in page.rows:
                    streams[0].write(orjson.dumps(without_links(entity, row)) + b"\n")
                    if table is not None:
                        table.row(row)
                at["rows"] += len(page.rows)
                at["next"] = page.next
                self.job.done += len(page.rows)
                more = page.next is not None
            for name, stream in zip(names, streams, strict=True):
                stream.flush()
                sizes[name] = stream.tell()
        self.cursor["at"] = at
        if more:
            return False
        if at["rows"] or not deleted:
            for name in names:
                entry = add_file(self.zip, f"{folder}/{entity.plural}.{name}", self._path(name))
                self._note(entry_facts(entry, object=entity.name, rows=at["rows"]))
        return True

    def _files(self) -> bool:
        rows = stored_files()
        at = self.cursor.get("at") or {"after": None, "list": 0}
        with growing(self.folder / "files", at["list"]) as listed:
            if at["after"]:
                rows = rows.filter(pk__gt=at["after"])
            for stored in rows.iterator(chunk_size=500):
                self._file(stored, listed)
                at.update(after=str(stored.pk), list=listed.tell())
                self.job.done += 1
                if time.monotonic() > self.deadline:
                    self.cursor["at"] = at
                    return False
        self._note(entry_facts(add_file(self.zip, "files.jsonl", self.folder / "files")))
        return True

    def _file(self, stored: StoredFile, listed: IO[bytes]) -> None:
        name = f"files/{stored.pk}/{files.clean_name(stored.name)}"
        facts = {f.attname: getattr(stored, f.attname) for f in StoredFile._meta.concrete_fields}
        try:
            entry = add_file(self.zip, name, files.path_of(stored))
        except (NotFound, FileNotFoundError):  # the row is there and the content is not: said, not hidden
            listed.write(orjson.dumps({**facts, "entry": None, "missing": True}, default=str) + b"\n")
            self.cursor["missing"] = self.cursor.get("missing", 0) + 1
            return
        listed.write(orjson.dumps({**facts, "entry": name}, default=str) + b"\n")
        self.cursor["files"] = self.cursor.get("files", 0) + 1
        self._note(entry_facts(entry, file=str(stored.pk)))

    # the end --------------------------------------------------------------------------------------------------------
    def _manifest(self) -> None:
        self.entries.flush()
        listed = self.folder / "entries"
        head = {
            "format": FORMAT,
            "product": settings.PRODUCT_NAME,
            "workspace": workspace.current().name,
            "started_at": self.job.created_at,
            "made_at": timezone.now(),
            "made_by": self.actor.name,
            "audit": bool(self.job.params.get("audit")),
            "records": manifest.counts(listed, "records"),
            "recycle_bin": manifest.counts(listed, "recycle_bin"),
            "files": self.cursor.get("files", 0),
            "files_missing": self.cursor.get("missing", 0),
        }
        add_chunks(self.zip, "manifest.json", manifest.text(head, listed))

    def _finish(self, made: Path) -> None:
        target = archive_path(self.job)
        self.job.total = self.job.done
        self.job.result = {
            "size": made.stat().st_size,
            "sha256": checksum(made),
            "records": sum(manifest.counts(self.folder / "entries", "records").values()),
            "files": self.cursor.get("files", 0),
            "files_missing": self.cursor.get("missing", 0),
        }
        # A link, not a move: when this commit is lost, the next worker still finds what it takes to end again.
        target.unlink(missing_ok=True)
        target.hardlink_to(made)
        target.chmod(0o600)
