"""Starting, following and handing out the export of the whole workspace; administrators only (ASP-40.4)."""

from __future__ import annotations

import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone, translation

from crm_core.exchange.exporting.archive import (
    INCOMING,
    KIND,
    archive_path,
    exports_folder,
    record_count,
    sources,
    stored_files,
    work_folder,
)
from crm_core.metadata import workspace
from crm_core.metadata.errors import Conflict, Forbidden, Malformed, NotFound
from crm_core.metadata.models import Organization
from crm_core.records import audit, jobs
from crm_core.records.models import AuditEntry, Job
from crm_core.security.actor import Actor
from tenants.context import current_schema

KEYS = {"audit"}
LINK_SECONDS = 600
KEPT = timedelta(days=7)
ACTIVE = ("queued", "running")
_SALT = "exchange.archives"


def require(actor: Actor) -> None:
    """Raises Forbidden `privilege.missing` for anybody but administrators: the archive holds everything."""
    if not actor.is_administrator or actor.user_id is None:
        raise Forbidden(
            "privilege.missing",
            "Only administrators export the whole workspace.",
            details={"privilege": "administrator"},
        )


@transaction.atomic
def start(request: dict[str, Any], actor: Actor) -> Job:
    """Start the export; `{"audit": true}` takes the audit along. Works in every state of the workspace.

    Raises Forbidden, Malformed, and Conflict `export.running` while one is being written.
    """
    require(actor)
    with_audit = request.get("audit", False)
    if not isinstance(with_audit, bool):
        raise Malformed("export.audit", "true or false.", field="audit")
    Organization.objects.select_for_update().get(pk=1)  # two who start at once: one does
    running = Job.objects.filter(kind=KIND, state__in=ACTIVE).first()
    if running is not None:
        raise Conflict("export.running", "An export is being written.", details={"job": str(running.pk)})
    total = record_count(actor) + stored_files().count() + (AuditEntry.objects.count() if with_audit else 0)
    params = {
        "objects": sources(),
        "audit": with_audit,
        "source": actor.source,
        "language": translation.get_language(),
    }
    job = jobs.create_job(KIND, workspace.current().name, actor, params=params, total=total)
    audit.note(actor, "workspace", "export", {"rows": [None, total], "audit": [None, with_audit]}, job.pk)
    jobs.wake_job(job)
    return job


def latest(actor: Actor) -> tuple[Job | None, Job | None]:
    """The newest export, and the newest whose archive can still be downloaded. Raises Forbidden."""
    require(actor)
    rows = Job.objects.filter(kind=KIND).order_by("-created_at", "-pk")
    made = (job for job in rows.filter(state="succeeded")[:5] if archive_path(job).is_file())
    return rows.first(), next(made, None)


@transaction.atomic
def cancel(actor: Actor) -> Job:
    """Stop the export that is being written; what there was of it is removed. Raises Forbidden, NotFound."""
    require(actor)
    job = Job.objects.filter(kind=KIND, state__in=ACTIVE).first()
    if job is None:
        raise NotFound("export.not_running", "No export is being written.")
    job = jobs.control(job.pk, "cancel", actor)
    transaction.on_commit(lambda: shutil.rmtree(work_folder(job), ignore_errors=True))
    return job


def link(job: Job, actor: Actor) -> str:
    """An address that works ten minutes, for this administrator, in this workspace."""
    token = signing.dumps([current_schema(), str(job.pk), str(actor.user_id)], salt=_SALT, compress=True)
    return f"/api/v1/workspace_export/download?signature={token}"


def linked(signature: str, actor: Actor) -> tuple[Path, str]:
    """The archive of a link and the name to save it by; the download is an entry of the export log.

    Raises Forbidden, and NotFound for a link that is over, of somebody else, or whose archive is gone.
    """
    require(actor)
    try:
        schema, job_id, user_id = signing.loads(signature, salt=_SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        raise _gone() from None
    job = Job.objects.filter(pk=job_id, kind=KIND, state="succeeded").first()
    if schema != current_schema() or user_id != str(actor.user_id) or job is None:
        raise _gone()
    path = archive_path(job)
    if not path.is_file():
        raise _gone()
    audit.note(actor, "workspace", "export", {"download": [None, job.result["sha256"]]}, job.pk)
    stem = "".join(c if c.isalnum() else "-" for c in workspace.current().name).strip("-") or "workspace"
    return path, f"{stem}-{timezone.localdate(job.finished_at)}.zip"


def _gone() -> NotFound:
    return NotFound("file.not_found", "There is no such file.")


def tidy_archives() -> None:
    """Remove archives that are a week old or followed by a newer one, and what unfinished ones left. A sweep."""
    workspace.begin()
    jobs_ = list(Job.objects.filter(kind=KIND).order_by("-created_at", "-pk"))
    kept: set[str] = {job.pk.hex for job in jobs_ if job.state in ACTIVE or _retryable(job)} | {INCOMING}
    newest = next((job for job in jobs_ if job.state == "succeeded"), None)
    if newest is not None and newest.finished_at > timezone.now() - KEPT:
        kept.add(f"{newest.pk.hex}.zip")
    for path in exports_folder().iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif _is_archive(path):
            path.unlink(missing_ok=True)


def _retryable(job: Job) -> bool:
    return job.state == "failed" and job.created_at > timezone.now() - KEPT


def _is_archive(path: Path) -> bool:
    try:
        uuid.UUID(hex=path.stem)
    except ValueError:
        return False
    return path.suffix == ".zip"
