"""Background work: wake-ups of tasks, and periodic sweeps (ARCHITECTURE.md §5). The tasks' bases: `bound_tasks`.

Work that must not be lost is a row; Celery only carries the wake-up, and a sweep finds the rows whose
wake-up was lost. Tasks can therefore run twice or late, and bodies decide by the row's state.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import celery
from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from tenants import timeouts, turns
from tenants.bound_tasks import KEY_HEADER, TENANT_HEADER, PublicTask, TaskRefused, WorkspaceTask
from tenants.context import TenancyError, activate, assert_workspace, current_tenant, in_public
from tenants.models import SweepRun, Tenant
from tenants.models.tenant import WORKING_STATES
from tenants.receipts.models import TaskReceipt

__all__ = ["PublicTask", "TaskRefused", "WorkspaceTask"]  # what tasks are made of, beside what is here

logger = logging.getLogger(__name__)

SENT_HEADER = "sent_at"
PAGE_SIZE = 50
# After a failed publish the broker is left alone for this long, so that requests do not queue up behind
# connection time-outs; sweeps pick the rows up.
BROKER_PAUSE_SECONDS = 5.0


_broker_away_until = 0.0


def named(name: str) -> celery.Task:
    """A task by its name, for code that its body works with: the two do not import each other.

    Raises celery.exceptions.NotRegistered for a name no loaded module has.
    """
    found: celery.Task = celery.current_app.tasks[name]
    return found


def wake(
    task: celery.Task, *args: Any, key: str | None = None, countdown: float | None = None, **kwargs: Any
) -> None:
    """Send ``task`` once the current transaction commits; nothing is sent when it rolls back.

    Workspace tasks go to the workspace active now. ``key`` makes repeated wake-ups one run, ``countdown``
    delays by that many seconds. Never fails because of the broker: the row is the truth and a sweep finds
    it. Raises TenancyError when a workspace task is woken outside a workspace.
    """
    headers: dict[str, str] = {}
    if isinstance(task, PublicTask):
        pass
    elif isinstance(task, WorkspaceTask):
        headers[TENANT_HEADER] = str(current_tenant().pk)
        if key is not None:
            headers[KEY_HEADER] = key
    else:
        raise TenancyError(f"{task.name} has neither WorkspaceTask nor PublicTask as its base.")
    transaction.on_commit(lambda: _publish(task, args, kwargs, headers, countdown))


def wake_for(task: celery.Task, tenant_id: uuid.UUID, *args: Any, **kwargs: Any) -> None:
    """Like :func:`wake`, from control data code to the workspace ``tenant_id``."""
    headers = {TENANT_HEADER: str(tenant_id)}
    transaction.on_commit(lambda: _publish(task, args, kwargs, headers, None))


def wake_in_turn(task: celery.Task, queue: str) -> None:
    """Give the active workspace a turn of ``task(place, mark)`` once the transaction commits, unless its turns are in
    the queue already (``tenants.turns``). The task ends with :func:`next_turn`."""
    tenant_id = current_tenant().pk

    def publish() -> None:
        if (taken := turns.claim(tenant_id, queue)) is not None:
            _publish_turn(task, tenant_id, queue, *taken)

    transaction.on_commit(publish)


def next_turn(task: celery.Task, queue: str, place: int, mark: str, *, more: bool, took: float) -> None:
    """After a turn of ``took`` seconds: to the end of the queue when more waits and the place is still this turn's, else
    give it back."""
    tenant_id = current_tenant().pk

    def publish() -> None:
        turns.note_work(tenant_id, queue, took)
        if not more:
            turns.give_back(tenant_id, queue, place, mark)
        elif turns.renew(tenant_id, queue, place, mark):
            _publish_turn(task, tenant_id, queue, place, mark)

    transaction.on_commit(publish)


def _publish_turn(task: celery.Task, tenant_id: uuid.UUID, queue: str, place: int, mark: str) -> None:
    ahead = turns.SMALL if turns.used_little(tenant_id, queue) else None
    if not _publish(task, (place, mark), {}, {TENANT_HEADER: str(tenant_id)}, None, ahead):
        turns.give_back(tenant_id, queue, place, mark)  # the sweep claims it again


def _publish(
    task: celery.Task,
    args: tuple,
    kwargs: dict,
    headers: dict[str, str],
    countdown: float | None,
    queue: str | None = None,
) -> bool:
    """Hand the wake-up to the broker, for its task's own queue unless ``queue`` names another. False, and a log line,
    when that can't be done now."""
    global _broker_away_until
    if time.monotonic() < _broker_away_until:
        logger.warning("Wake-up of %s not sent: the broker did not answer a moment ago", task.name)
        return False
    # So that the health page can tell how long the oldest wake-up of a queue waits.
    headers = {**headers, SENT_HEADER: timezone.now().isoformat()}
    try:
        options = {"queue": queue} if queue else {}
        task.apply_async(
            args=args, kwargs=kwargs, headers=headers, countdown=countdown, retry=False, **options
        )
    except (BrokerError, OSError) as error:
        _broker_away_until = time.monotonic() + BROKER_PAUSE_SECONDS
        logger.warning("Wake-up of %s not sent: %s", task.name, error)
        return False
    return True


@dataclass(frozen=True)
class Sweep:
    """Something to look after every ``interval_seconds``, per working workspace or once over control data."""

    name: str
    interval_seconds: float
    run: Callable[[], Any]
    is_public: bool = False
    states: frozenset[str] = WORKING_STATES


_sweeps: dict[str, Sweep] = {}


def register_sweep(
    name: str,
    interval_seconds: float,
    run: Callable[[], Any],
    *,
    states: frozenset[str] = WORKING_STATES,
) -> None:
    """Call ``run()`` in every workspace in one of ``states`` about every ``interval_seconds``.

    It runs in one transaction with the workspace active, must be quick when there is nothing to do, and
    must bear being called twice. Register in ``AppConfig.ready``; the same name replaces.
    """
    _sweeps[name] = Sweep(name, interval_seconds, run, states=states)


def register_public_sweep(name: str, interval_seconds: float, run: Callable[[], Any]) -> None:
    """Call ``run()`` with the control data about every ``interval_seconds``, outside a transaction."""
    _sweeps[name] = Sweep(name, interval_seconds, run, is_public=True)


def sweeps() -> list[Sweep]:
    """Everything registered, by name."""
    return [_sweeps[name] for name in sorted(_sweeps)]


def _take_round(sweep: Sweep) -> bool:
    """Whether this call owns the sweep's next round; two schedulers at once: one does (F14)."""
    now = timezone.now()
    SweepRun.objects.bulk_create([SweepRun(name=sweep.name, due_at=now)], ignore_conflicts=True)
    with connection.cursor() as cursor:
        # One statement decides. A clock that jumped back must not stop sweeps for longer than an interval.
        cursor.execute(
            """UPDATE tenants_sweep_run
               SET due_at = %(next)s, last_started_at = %(now)s, rounds = rounds + 1
               WHERE name = %(name)s AND (due_at <= %(now)s OR due_at > %(far)s)""",
            {
                "name": sweep.name,
                "now": now,
                "next": now + timedelta(seconds=sweep.interval_seconds),
                "far": now + timedelta(seconds=2 * sweep.interval_seconds + 1),
            },
        )
        return cursor.rowcount == 1


@shared_task(base=PublicTask, name="tenants.dispatch_sweeps")
def dispatch_sweeps() -> int:
    """Start every sweep that is due: one task per page of working tenants, spread over the interval.

    Call every second or so from any number of schedulers. Returns how many rounds were started.
    """
    started = 0
    for sweep in sweeps():
        if not _take_round(sweep):
            continue
        started += 1
        if sweep.is_public:
            _publish(run_public_sweep, (sweep.name,), {}, {}, None)
            continue
        pages = _tenant_pages(sweep)
        for number, page in enumerate(pages):
            delay = number * min(sweep.interval_seconds, 60.0) / len(pages)
            _publish(run_sweep_page, (sweep.name, page), {}, {}, delay or None)
    return started


def _tenant_pages(sweep: Sweep) -> list[list[str]]:
    ids = Tenant.objects.filter(state__in=sweep.states).order_by("id").values_list("pk", flat=True)
    listed = [str(pk) for pk in ids]
    return [listed[start : start + PAGE_SIZE] for start in range(0, len(listed), PAGE_SIZE)]


@shared_task(base=PublicTask, name="tenants.run_public_sweep")
def run_public_sweep(name: str) -> None:
    """One round of a sweep over the control data."""
    sweep = _sweeps.get(name)
    if sweep is not None and sweep.is_public:
        sweep.run()


@shared_task(base=PublicTask, name="tenants.run_sweep_page")
def run_sweep_page(name: str, tenant_ids: list[str]) -> int:
    """One round of a sweep over some workspaces; a failure in one does not keep it from the others.

    Returns in how many it ran through.
    """
    sweep = _sweeps.get(name)
    if sweep is None or sweep.is_public:
        return 0
    found = Tenant.objects.filter(pk__in=tenant_ids, state__in=sweep.states)
    tenants = {str(t.pk): t for t in found if t.acting_state in sweep.states}
    return sum(_sweep_workspace(sweep, tenants[pk]) for pk in tenant_ids if pk in tenants)


def _sweep_workspace(sweep: Sweep, tenant: Tenant) -> bool:
    try:
        with activate(tenant), transaction.atomic():
            assert_workspace(timeouts.job_ms())
            sweep.run()
    except Exception:
        logger.exception("Sweep %s failed in workspace %s", sweep.name, tenant.pk)
        return False
    return True


def sweep_now(name: str) -> None:
    """Run a sweep at once in this process: in the active workspace, or over control data outside of one.

    For start-up and for tests. Raises KeyError for an unknown name.
    """
    sweep = _sweeps[name]
    if sweep.is_public or not in_public():
        sweep.run()
        return
    for page in _tenant_pages(sweep):
        run_sweep_page.run(name, page)


def purge_receipts() -> None:
    """Forget receipts older than 30 days in the active workspace."""
    TaskReceipt.objects.filter(done_at__lt=timezone.now() - timedelta(days=30)).delete()
