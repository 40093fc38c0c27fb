"""Delivers events over HTTP, signed, with repeats; and goes wrong on purpose when switched to (SAAS.md §3.6)."""

from __future__ import annotations

import http.client
import logging
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing import mode
from billing.providers.builtin import clock
from billing.providers.builtin.models import Installation, OutboundEvent
from billing.webhooks.signature import sign

logger = logging.getLogger(__name__)

#: Seconds until the next try after each failed one; together about three days.
BACK_OFF = (5, 30, 300, 1800, 7200, 21600, 43200, 86400, 86400)
SWITCHES = ("duplicate", "reorder", "drop", "fail", "delay_seconds")


def set_switches(**wanted: Any) -> dict[str, Any]:
    """Make deliveries go wrong: `duplicate` sends twice, `reorder` newest first, `drop` loses, `fail` counts every
    answer as a 500, `delay_seconds` waits. Raises ValueError for another name."""
    unknown = set(wanted) - set(SWITCHES)
    if unknown:
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        row = clock.installation(lock=True)
        row.switches = {**row.switches, **wanted}
        row.save(update_fields=["switches"])
    return dict(row.switches)


def switched(row: Installation) -> dict[str, Any]:
    """The switches that are on. Where money moves none is, whatever was set before."""
    return {name: value for name, value in row.switches.items() if value} if mode.is_test() else {}


def deliver_due(limit: int = 200) -> int:
    """Send what is due, each in its own transaction. Returns how many were accepted."""
    row = clock.installation()
    order = ("-created_at", "-id") if switched(row).get("reorder") else ("created_at", "id")
    due = OutboundEvent.objects.filter(finished_at=None, next_try_at__lte=timezone.now())
    pks = list(due.order_by(*order).values_list("pk", flat=True)[:limit])
    return sum(_deliver(pk, row) for pk in pks)


def _deliver(pk: str, installation: Installation) -> bool:
    switches = switched(installation)
    with transaction.atomic():
        event = (
            OutboundEvent.objects.select_for_update(skip_locked=True).filter(pk=pk, finished_at=None).first()
        )
        if event is None:
            return False
        delay = int(switches.get("delay_seconds") or 0)
        if delay and event.attempts == 0 and event.last_answer != "delayed":
            event.next_try_at, event.last_answer = timezone.now() + timedelta(seconds=delay), "delayed"
            event.save(update_fields=["next_try_at", "last_answer"])
            return False
        if switches.get("drop"):
            return _finish(event, "dropped")
        answers = [post(event.body.encode(), installation.webhook_secret)]
        if switches.get("duplicate"):
            answers.append(post(event.body.encode(), installation.webhook_secret))
        event.last_answer = answers[0]
        if answers[0].startswith("2") and not switches.get("fail"):
            return _finish(event, "delivered")
        event.attempts += 1
        if event.attempts > len(BACK_OFF):
            logger.error("Event %s was given up: %s", event.pk, event.last_answer)
            _finish(event, "given_up")
            return False
        event.next_try_at = timezone.now() + timedelta(seconds=BACK_OFF[event.attempts - 1])
        event.save(update_fields=["attempts", "next_try_at", "last_answer"])
        return False


def _finish(event: OutboundEvent, outcome: str) -> bool:
    event.outcome, event.finished_at = outcome, timezone.now()
    event.save(update_fields=["outcome", "finished_at", "last_answer"])
    return outcome == "delivered"


def post(body: bytes, secret: str, path: str = "/billing/webhooks/builtin/") -> str:
    """Send one signed request; the status and reason, or what went wrong, as text."""
    target = urlsplit(settings.KONTOR_WEBHOOK_ORIGIN)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname or "127.0.0.1", target.port, timeout=10)
    headers = {
        "Host": settings.KONTOR_BASE_DOMAIN,
        "Content-Type": "application/json",
        "Billing-Signature": sign(body, secret, int(time.time())),
    }
    try:
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return f"{answer.status} {answer.reason}"[:200]
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        connection.close()
