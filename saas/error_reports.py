"""Error reports to Sentry, when a DSN is set: with workspace and request id, without personal data."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from saas.request_context import request_id


def enrich(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Adds workspace, schema and request id as tags; drops what may carry personal data.

    Gone are people, cookies, bodies, query strings, addresses, all headers but two harmless ones, arguments of
    tasks, and the trail of earlier steps, whose log lines and statements name records. The message and the
    values of exceptions stay: without them a report explains nothing.
    """
    from django.db import connection

    tenant = getattr(connection, "tenant", None)
    tags = event.setdefault("tags", {})
    tags["tenant"] = str(getattr(tenant, "pk", None) or "")
    tags["schema"] = getattr(connection, "schema_name", "")
    tags["request_id"] = request_id.get()
    request = event.get("request", {})
    for name in ("cookies", "data", "query_string", "env"):
        request.pop(name, None)
    if "url" in request:
        request["url"] = request["url"].partition("?")[0]
    if "headers" in request:
        kept = {"content-type", "user-agent"}
        request["headers"] = {k: v for k, v in request["headers"].items() if k.lower() in kept}
    for name in ("user", "breadcrumbs", "extra"):
        event.pop(name, None)
    event.get("contexts", {}).pop("celery-job", None)
    return event


def start(transport: Any = None) -> None:
    """Connects to Sentry; does nothing without a DSN. `transport` takes the place of the network in tests."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.KONTOR_ENV,
        integrations=[DjangoIntegration(), CeleryIntegration()],
        # the library sends nothing personal unless told to (cookies, users, bodies); `enrich` takes the rest out
        include_local_variables=False,  # they hold customers' data
        before_send=enrich,  # type: ignore[arg-type]
        traces_sample_rate=0.0,
        transport=transport,
    )
