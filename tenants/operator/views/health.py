"""Queues, errors, slow statements and noisy workspaces on one page (ASP-30 Monitor)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import redis
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tenants import health as facts
from tenants import queues, rates
from tenants.operator import audit
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

#: Waiting longer is late; longer than the second, something is broken.
LATE, BROKEN = timedelta(minutes=2), timedelta(minutes=15)
SPANS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24))
# Units of the drawing; the browser scales it.
WIDTH, HEIGHT = 720, 96


@operator_page
@require_safe
def health(request: OperatorRequest) -> HttpResponse:
    """Everything as it is now; nothing here is asked of workspace schemas."""
    try:
        lengths: list[queues.Length] | None = queues.lengths()
    except redis.RedisError:
        lengths = None
    source, statements = facts.slow_statements()
    windows = facts.by_window()
    context: dict[str, Any] = {
        "queues": [_queue(length) for length in lengths] if lengths is not None else None,
        "backlogs": [_backlog(backlog) for backlog in queues.backlogs()],
        "rates": [(span, facts.error_rate(span)) for span in SPANS],
        "chart": _chart(windows),
        "outboxes": facts.outboxes(),
        "late_seconds": facts.LATE_SECONDS,
        "noisy": [{**row, "allowed": rates.allowed(row["tenant"])} for row in facts.noisy()],
        "source": source,
        "statements": statements,
        "database": facts.database(),
        "now": timezone.now(),
    }
    return show(request, "operator/health.html", "health", context)


def _queue(length: queues.Length) -> dict[str, Any]:
    return {"length": length, "tone": _tone(length.oldest_at), "age": _age(length.oldest_at)}


def _backlog(backlog: queues.Backlog) -> dict[str, Any]:
    state = backlog.state()
    tone = "bad" if state.failed else _tone(state.oldest_at)
    return {"backlog": backlog, "state": state, "tone": tone, "age": _age(state.oldest_at)}


def _tone(oldest_at: datetime | None) -> str:
    age = timezone.now() - oldest_at if oldest_at else timedelta()
    return "bad" if age > BROKEN else "warn" if age > LATE else "good"


def _age(moment: datetime | None) -> str:
    """``12 s``, ``5 min``, ``3 h``, ``2 d``; empty for nothing."""
    if moment is None:
        return ""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _chart(windows: list[tuple[datetime, int, int]]) -> dict[str, Any]:
    """One column per five minutes, the part with errors on top of it, in units of the drawing."""
    highest = max((requests for _at, requests, _errors in windows), default=0)
    most = highest or 1
    step = WIDTH / max(1, len(windows))
    columns = []
    for number, (at, requests, errors) in enumerate(windows):
        height = HEIGHT * requests / most
        wrong = max(2.0, HEIGHT * errors / most) if errors else 0.0
        columns.append(
            {
                "x": round(number * step + 1, 1),
                "y": round(HEIGHT - height, 1),
                "width": round(step - 2, 1),
                "height": round(height, 1),
                "wrong_y": round(HEIGHT - wrong, 1),
                "wrong": round(wrong, 1),
                "words": _("%(time)s: %(requests)s requests, %(errors)s errors")
                % {"time": f"{at:%H:%M}", "requests": requests, "errors": errors},
            }
        )
    return {
        "columns": columns,
        "width": WIDTH,
        "height": HEIGHT,
        "most": highest,
        "first": windows[0][0] if windows else None,
    }


@operator_page(needs=Capability.MANAGE_PLATFORM)
@require_POST
def retry(request: OperatorRequest, name: str) -> HttpResponse:
    """Give everything that failed in one backlog another chance."""
    try:
        backlog = queues.backlog(name)
    except KeyError:
        raise Http404 from None
    if backlog.retry is None:
        raise Http404
    count = backlog.retry(request.operator.email)
    audit.record(request.operator.email, "backlog.retried", backlog=name, count=count)
    say(
        request, ngettext("%(count)s is tried again.", "%(count)s are tried again.", count) % {"count": count}
    )
    return redirect("operator:health")
