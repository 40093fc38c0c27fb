"""`/livez` (the process answers) and `/readyz` (its services answer too), on every host name."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from tenants import probes


def _database() -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select 1 from tenants_tenant limit 1")
    except DatabaseError as error:
        return f"down: {type(error).__name__}"
    finally:
        connection.close()
    return "up"


class HealthMiddleware:
    """Answers the two health paths itself, before the host name is looked at.

    Ready means the database answers: without the queue pages still work and stored work waits, so a dead
    queue is reported, yet does not take the process out of service.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/livez":
            return JsonResponse({"status": "up"})
        if request.path == "/readyz":
            parts = {"database": _database(), "queue": probes.queue()}
            return JsonResponse(parts, status=200 if parts["database"] == "up" else 503)
        return self.get_response(request)
