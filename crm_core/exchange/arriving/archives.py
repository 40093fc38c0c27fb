"""Uploading an archive, looking it through, importing it; administrators only (ASP-40.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm_core.exchange.arriving import emptiness, incoming
from crm_core.exchange.arriving.handlers import CHECK, IMPORT, lock
from crm_core.exchange.arriving.opening import Archive
from crm_core.exchange.exporting.growing import checksum
from crm_core.metadata import workspace
from crm_core.metadata.errors import Conflict, Forbidden, NotFound
from crm_core.records import audit, jobs
from crm_core.records.models import Job
from crm_core.security.actor import Actor

ACTIVE = ("queued", "running")
KEPT = timedelta(days=1)


def require(actor: Actor) -> None:
    """Raises Forbidden `privilege.missing` for anybody but administrators: the archive replaces everything."""
    if not actor.is_administrator or actor.user_id is None:
        raise Forbidden(
            "privilege.missing",
            "Only administrators import an archive.",
            details={"privilege": "administrator"},
        )


def _latest() -> Job | None:
    return Job.objects.filter(kind__in=(CHECK, IMPORT)).order_by("-created_at", "-pk").first()


def state(actor: Actor) -> dict[str, Any]:
    """What is in the way of an import, the newest job, and whether its archive is here to be imported. Raises Forbidden."""
    require(actor)
    job = _latest()
    here = job is not None and (incoming.folder() / f"{job.params['archive']}.zip").is_file()
    busy = job is not None and (job.state in ACTIVE or (job.kind == IMPORT and job.state == "succeeded"))
    return {"found": [] if busy else emptiness.found(actor), "job": job, "here": here}


@transaction.atomic
def upload(content: Iterable[bytes], file_name: str, actor: Actor) -> Job:
    """Keep an archive and have it looked through. Raises Forbidden, ArchiveRefused for what is none,
    Conflict `archive.running`, `workspace.not_empty`, `workspace.has_sample_data`; nothing is kept then.
    """
    require(actor)
    lock()
    _refuse_running()
    emptiness.require(actor)
    name = incoming.keep(content)
    try:
        path = incoming.path_of(name)
        with Archive(path) as archive:
            label = archive.head["workspace"][:160]
        before = _latest()
        params = {
            "archive": name,
            "sha256": checksum(path),
            "file_name": file_name[:200],
            "source": actor.source,
        }
        job = jobs.create_job(CHECK, label or file_name, actor, params=params)
    except BaseException:
        incoming.forget(name)
        raise
    if before is not None:
        transaction.on_commit(lambda: incoming.forget(before.params["archive"]))
    jobs.wake_job(job)
    return job


@transaction.atomic
def start(actor: Actor) -> Job:
    """Import the archive that was looked through; one that failed is tried again.

    Raises Forbidden, Conflict `archive.not_checked`, `archive.running`, and what stands in the way by now.
    """
    require(actor)
    lock()
    _refuse_running()
    job = _latest()
    if job is None or not (
        job.state == "succeeded" if job.kind == CHECK else job.state in ("failed", "canceled")
    ):
        raise Conflict(
            "archive.not_checked", "Upload an archive first; it is looked through before it is imported."
        )
    emptiness.require(actor)
    incoming.path_of(job.params["archive"])
    params = {**job.params, "source": actor.source}
    begun = jobs.create_job(IMPORT, job.label, actor, params=params)
    audit.note(actor, "workspace", "import_begun", {"archive": [None, params["sha256"]]}, begun.pk)
    jobs.wake_job(begun)
    return begun


@transaction.atomic
def discard(actor: Actor) -> None:
    """Stop what is running and remove the archive; nothing of it is in the workspace. Raises Forbidden, NotFound, Conflict."""
    require(actor)
    job = _latest()
    if job is None:
        raise NotFound("archive.not_found", "There is no archive to remove.")
    job = Job.objects.select_for_update().get(pk=job.pk)  # a step that runs comes to its end first
    if job.kind == IMPORT and job.state == "succeeded":
        raise Conflict("archive.imported", "The archive was imported already.")
    if job.state in ACTIVE:
        jobs.control(job.pk, "cancel", actor)
    name = job.params["archive"]
    transaction.on_commit(lambda: incoming.forget(name))


def _refuse_running() -> None:
    running = Job.objects.filter(kind__in=(CHECK, IMPORT), state__in=ACTIVE).first()
    if running is not None:
        raise Conflict("archive.running", "An archive is being read.", details={"job": str(running.pk)})


def tidy() -> None:
    """Remove archives nobody imported within a day. A sweep."""
    workspace.begin()
    rows = Job.objects.filter(kind__in=(CHECK, IMPORT)).order_by("-created_at")
    recent = rows.filter(created_at__gt=timezone.now() - KEPT) | rows.filter(state__in=ACTIVE)
    kept = {job.params["archive"] for job in recent}
    for path in incoming.folder().iterdir():
        if path.stem not in kept:
            incoming.forget(path.stem)
