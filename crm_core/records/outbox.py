"""Delivering events to those who asked for them: at least once, in order per record, with back-off and a dead letter (ARCHITECTURE 1.4)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from crm_core.records.models import OutboxEvent

logger = logging.getLogger(__name__)

BATCH = 200
BACK_OFF_MINUTES = (1, 5, 25, 125, 625)

_subscribers: list[tuple[str, Callable[[OutboxEvent], Any]]] = []


def subscribe(topic_prefix: str, receive: Callable[[OutboxEvent], Any]) -> None:
    """Call `receive(event)` for events whose topic begins with `topic_prefix` ("" for all). It must be idempotent by event id."""
    _subscribers.append((topic_prefix, receive))


def deliver_due() -> int:
    """Deliver the next due events; a delivered event is removed in the transaction of its delivery. Returns how many."""
    due = OutboxEvent.objects.select_for_update(skip_locked=True).filter(
        dead=False, next_attempt_at__lte=timezone.now()
    )
    delivered = []
    for event in due.order_by("created_at", "id")[:BATCH]:
        try:
            with transaction.atomic():
                for prefix, receive in _subscribers:
                    if event.topic.startswith(prefix):
                        receive(event)
            delivered.append(event.pk)
        except Exception as error:
            logger.exception("event not delivered", extra={"event": str(event.pk), "topic": event.topic})
            _postpone(event, error)
    OutboxEvent.objects.filter(pk__in=delivered).delete()
    return len(delivered)


def oldest_seconds() -> float:
    """Age of the oldest event of the active workspace that is not delivered yet, dead ones apart; 0 when none waits."""
    oldest = OutboxEvent.objects.filter(dead=False).aggregate(at=Min("created_at"))["at"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def _postpone(event: OutboxEvent, error: Exception) -> None:
    attempts = event.attempts + 1
    dead = attempts > len(BACK_OFF_MINUTES)
    wait = timedelta(minutes=0 if dead else BACK_OFF_MINUTES[attempts - 1])
    OutboxEvent.objects.filter(pk=event.pk).update(
        attempts=attempts,
        dead=dead,
        next_attempt_at=timezone.now() + wait,
        error=f"{type(error).__name__}: {error}"[:2000],
    )
