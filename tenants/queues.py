"""What waits in the queues: wake-ups in Redis, and the rows they are about (ASP-30 Monitor)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import jobs, provisioning
from tenants.context import activate_public
from tenants.lifecycle import notices, operations
from tenants.models import Operation, OwnerNotice, Provisioning

QUEUES = ("work", "small", "jobs", "operations")
FAILED_SINCE = timedelta(days=7)
Words = Any


@dataclass(frozen=True)
class Length:
    """A queue of wake-ups: how many, and since when the oldest waits (None: unknown or empty)."""

    name: str
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class State:
    """Rows of one kind of work: waiting, since when, and failed for good."""

    waiting: int
    oldest_at: datetime | None
    failed: int


@dataclass(frozen=True)
class Backlog:
    """One kind of stored work. ``retry(by)`` gives everything that failed another chance and returns how many;
    without it the page at ``url_name`` does."""

    name: str
    label: Words
    state: Callable[[], State]
    retry: Callable[[str], int] | None = None
    url_name: str = ""
    order: int = 500


_backlogs: dict[str, Backlog] = {}


def register_backlog(backlog: Backlog) -> None:
    """Show a kind of work on the health page. The same name replaces."""
    _backlogs[backlog.name] = backlog


def backlogs() -> list[Backlog]:
    """All kinds, in order."""
    return sorted(_backlogs.values(), key=lambda backlog: (backlog.order, backlog.name))


def backlog(name: str) -> Backlog:
    """One of them. Raises KeyError."""
    return _backlogs[name]


def lengths() -> list[Length]:
    """Every queue of wake-ups. Raises redis.RedisError when Redis does not answer within two seconds."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        return [Length(name, client.llen(name), _oldest(client.lindex(name, -1))) for name in QUEUES]
    finally:
        client.close()


def _oldest(message: bytes | str | None) -> datetime | None:
    """When the message at the end of a queue was sent; messages are taken from there."""
    if message is None:
        return None
    try:
        return datetime.fromisoformat(json.loads(message)["headers"][jobs.SENT_HEADER])
    except (ValueError, KeyError, TypeError):
        return None


def _operations() -> State:
    with activate_public():
        open_ones = Operation.objects.filter(state__in=["queued", "running"])
        failed = Operation.objects.filter(
            state=Operation.State.FAILED, finished_at__gt=timezone.now() - FAILED_SINCE
        )
        return State(
            open_ones.count(),
            open_ones.filter(state="queued").aggregate(at=Min("created_at"))["at"],
            failed.count(),
        )


def _sign_ups() -> State:
    with activate_public():
        waiting = Provisioning.objects.filter(state__in=["pending", "running"])
        failed = Provisioning.objects.filter(state=Provisioning.State.FAILED)
        return State(waiting.count(), waiting.aggregate(at=Min("created_at"))["at"], failed.count())


def _retry_sign_ups(by: str) -> int:
    from tenants import tasks

    with activate_public():
        found = list(
            Provisioning.objects.filter(state=Provisioning.State.FAILED).values_list("pk", flat=True)
        )
    for pk in found:
        provisioning.retry(pk, by)
        jobs.wake(tasks.provision, str(pk))
    return len(found)


def _notices() -> State:
    with activate_public():
        unsent = OwnerNotice.objects.filter(sent_at=None).exclude(to="")
        waiting = unsent.filter(attempts__lt=notices.MAX_ATTEMPTS)
        oldest = waiting.aggregate(at=Min("created_at"))["at"]
        return State(waiting.count(), oldest, unsent.filter(attempts__gte=notices.MAX_ATTEMPTS).count())


def _retry_notices(_by: str) -> int:
    with activate_public():
        given_up = OwnerNotice.objects.filter(sent_at=None, attempts__gte=notices.MAX_ATTEMPTS)
        return given_up.exclude(to="").update(attempts=0, next_try_at=timezone.now())


def register() -> None:
    """The work of this package; called once the apps are ready."""
    register_backlog(
        Backlog("operations", _("Backups, restores, clones"), _operations, operations.retry_failed, order=10)
    )
    register_backlog(
        Backlog("sign_ups", _("Sign-ups"), _sign_ups, _retry_sign_ups, url_name="operator:platform", order=20)
    )
    register_backlog(Backlog("notices", _("Mails to owners"), _notices, _retry_notices, order=30))
