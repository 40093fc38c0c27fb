"""Running long work step by step: each step and its progress commit together, so a killed worker loses and repeats nothing.

A kind of job registers a handler. Celery only carries the wake-up; a sweep finds jobs whose worker died.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crm_core.metadata.errors import Conflict, CrmError, NotFound
from crm_core.records.models import Job, JobFailure
from crm_core.security.actor import Actor, actor_for, system_actor
from tenants.context import current_tenant
from tenants.entitlements import is_writable
from tenants.jobs import named, wake_in_turn

logger = logging.getLogger(__name__)

#: the queue of turns
QUEUE = "jobs"
STALE_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 5
MAX_FAILURES_KEPT = 10_000
UNDO_HOURS = 24 * 30


class JobHandler:
    """What a kind of job does. Stateless; all state is in the job's row."""

    kind = ""
    can_undo = False
    #: Changes no record, so it also runs while the workspace takes no changes (an export, ASP-20).
    reads = False

    def step(self, job: Job, actor: Actor) -> bool:
        """Do the next piece (under a second or two), move `job.cursor` and `job.done`; return whether all is done."""
        raise NotImplementedError

    def undo_step(self, job: Job, actor: Actor) -> bool:
        """Take the next piece back; return whether all is undone."""
        raise NotImplementedError

    def check_undo(self, job: Job) -> None:
        """Whether the job can be taken back as things are now. Raises Conflict with what has to happen first."""

    def finished(self, job: Job, actor: Actor) -> None:
        """After the last step, in its transaction."""


_handlers: dict[str, JobHandler] = {}


def register(handler: JobHandler) -> None:
    _handlers[handler.kind] = handler


def handler_of(kind: str) -> JobHandler:
    return _handlers[kind]


def create_job(
    kind: str,
    label: str,
    actor: Actor,
    *,
    object_name: str | None = None,
    params: dict[str, Any],
    total: int = 0,
) -> Job:
    """A queued job; its wake-up leaves when the transaction commits."""
    handler = handler_of(kind)
    job = Job(
        kind=kind, label=label[:300], object=object_name, params=params, total=total, created_by=actor.user_id,
        can_undo=handler.can_undo, heartbeat_at=timezone.now(),
    )  # fmt: skip
    job.save(force_insert=True)
    return job


def wake_job(job: Job) -> None:
    """Have the workspace take its turn after the commit; which of its jobs goes on is decided then."""
    wake_in_turn(named("records.take_turn"), QUEUE)


def run_inline(job: Job, actor: Actor) -> Job:
    """Run a small job to its end in the caller's transaction."""
    while job.state in ("queued", "running", "undoing"):
        run_step(job, actor)
    return job


def actor_of(job: Job) -> Actor:
    """Who the job works for; a person without rights any more does nothing."""
    if job.created_by is None:
        return system_actor("job").acting("job", job.pk)
    actor = actor_for(job.created_by, "job")
    if actor is None:
        raise Conflict("job.actor_gone", "The person who started this may not work here any more.")
    return actor.acting(job.params.get("source", "job"), job.pk)


def _waiting() -> QuerySet[Job]:
    """Jobs a turn may take up, the one that waits longest first; those somebody works on are left out.

    One that failed a moment ago waits for the sweep, and in a workspace that takes no changes only what reads goes on.
    """
    fresh = Q(attempts=0) | Q(heartbeat_at__lt=timezone.now() - STALE_AFTER)
    rows = Job.objects.filter(fresh, state__in=("queued", "running", "undoing"))
    if not is_writable(current_tenant()):
        rows = rows.filter(kind__in=[kind for kind, handler in _handlers.items() if handler.reads])
    return rows.select_for_update(skip_locked=True).order_by("heartbeat_at", "id")


def run_waiting_step() -> bool:
    """One step of the job of the active workspace that waits longest; returns whether another turn would find work."""
    job = _waiting().first()
    if job is None:
        return False
    more = run_next_step(job.pk)
    return more or _waiting().first() is not None


def run_next_step(job_id: uuid.UUID) -> bool:
    """Run one step of a job in a transaction of its own; returns whether more is to do.

    Somebody else's running step is left alone (SKIP LOCKED). A step that fails unexpectedly is retried
    by the sweep, at most five times.
    """
    job = (
        Job.objects.select_for_update(skip_locked=True)
        .filter(pk=job_id, state__in=("queued", "running", "undoing"))
        .first()
    )
    if job is None or not may_run(job):
        return False
    try:
        with transaction.atomic():
            run_step(job, actor_of(job))
    except CrmError as error:
        _fail(job, error.message, refused=error)
    except Exception as error:
        logger.exception("job step failed", extra={"job": str(job.pk), "kind": job.kind})
        Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1, heartbeat_at=timezone.now())
        if job.attempts + 1 >= MAX_ATTEMPTS:
            _fail(job, f"{type(error).__name__}")
        return False
    return job.state in ("running", "undoing")


def may_run(job: Job) -> bool:
    """Whether the state of the workspace lets the job go on; one that may not waits until it does."""
    return handler_of(job.kind).reads or is_writable(current_tenant())


def run_step(job: Job, actor: Actor) -> None:
    """One step of `job`, saved with its progress."""
    handler = handler_of(job.kind)
    undoing = job.state == "undoing"
    if job.state == "queued":
        job.state = "running"
    done = handler.undo_step(job, actor) if undoing else handler.step(job, actor)
    if done:
        job.state = "undone" if undoing else "succeeded"
        job.finished_at = timezone.now()
        if undoing:
            job.undone_at, job.can_undo = timezone.now(), False
        else:
            handler.finished(job, actor)
    job.heartbeat_at = timezone.now()
    job.attempts = 0
    job.save()


def _fail(job: Job, message: str, refused: CrmError | None = None) -> None:
    """The code and the place of a refusal are kept in the result, so that programs and screens can say more than the text."""
    changes: dict[str, Any] = {"state": "failed", "error": message[:2000], "finished_at": timezone.now()}
    if refused is not None:
        changes["result"] = {**job.result, "refused": refused.as_dict()}
    Job.objects.filter(pk=job.pk).update(**changes)
    job.state = "failed"


def note_failures(job: Job, failures: Iterable[tuple[uuid.UUID | None, str, CrmError]]) -> None:
    """Keep why records could not be treated, at most 10,000 per job."""
    rows = [
        JobFailure(job=job, record_id=i, name=n[:300], code=e.code, message=e.message) for i, n, e in failures
    ]
    room = MAX_FAILURES_KEPT - job.failed
    JobFailure.objects.bulk_create(rows[: max(room, 0)])
    job.failed += len(rows)


def find(job_id: uuid.UUID, actor: Actor) -> Job:
    """A job the actor may see: his own, or any for administrators. Raises NotFound."""
    job = Job.objects.filter(pk=job_id).select_related("file").first()
    if job is None or (job.created_by != actor.user_id and not actor.is_administrator):
        raise NotFound("job.not_found", "There is no such job.")
    return job


@transaction.atomic
def control(job_id: uuid.UUID, action: str, actor: Actor, *, force: Sequence[uuid.UUID] = ()) -> Job:
    """Cancel, retry or undo a job. Raises Conflict `job.not_possible` when its state does not allow it.

    An undo leaves records alone that somebody changed since, but for those in `force`.
    """
    find(job_id, actor)
    job = Job.objects.select_for_update().get(pk=job_id)
    if action == "cancel" and job.state in ("queued", "running"):
        job.state, job.finished_at = "canceled", timezone.now()
    elif action == "retry" and job.state == "failed":
        resumed = "undoing" if job.params.get("undoing") else "running"
        job.state, job.error, job.attempts, job.finished_at = resumed, "", 0, None
    elif action == "undo" and can_undo(job):
        if Job.objects.filter(params__group=str(job.pk), state__in=("queued", "running", "undoing")).exists():
            raise Conflict("job.not_possible", "Records that follow are still being treated.")
        handler_of(job.kind).check_undo(job)
        job.state, job.finished_at = "undoing", None
        if not job.params.get("undoing"):  # one that broke off goes on where it was
            job.cursor = {}
            job.done = 0
        job.params = {**job.params, "undoing": True, "force": [str(i) for i in force]}
    else:
        raise Conflict("job.not_possible", "This is not possible now.", details={"state": job.state})
    job.heartbeat_at = timezone.now()
    job.save()
    if job.state in ("running", "undoing"):
        wake_job(job)
    return job


def can_undo(job: Job) -> bool:
    """Whether the undo of this job is offered."""
    return job.can_undo and job.state in ("succeeded", "failed", "canceled") and _fresh(job)


def _fresh(job: Job) -> bool:
    return job.created_at > timezone.now() - timedelta(hours=UNDO_HOURS)


def resume_stale() -> int:
    """Wake jobs whose worker died or whose wake-up was lost; returns how many. Run by a sweep."""
    stale = Job.objects.filter(
        state__in=("queued", "running", "undoing"), heartbeat_at__lt=timezone.now() - STALE_AFTER
    )
    if not is_writable(current_tenant()):
        stale = stale.filter(kind__in=[kind for kind, handler in _handlers.items() if handler.reads])
    jobs = list(stale[:50])
    for job in jobs:
        wake_job(job)
    return len(jobs)


def waiting_count() -> int:
    """Jobs of the active workspace that are not through; for the provider's health page."""
    return Job.objects.filter(state__in=("queued", "running", "undoing")).count()


def failed_count() -> int:
    """Jobs of the active workspace that failed within a week."""
    since = timezone.now() - timedelta(days=7)
    return Job.objects.filter(state="failed", created_at__gt=since).count()
