"""Error reports to Sentry, when a DSN is set: with workspace and request id, without personal data."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from saas.request_context import request_id


def enrich(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Adds the schema and request id as tags; drops cookies, bodies and query strings."""
    from django.db import connection

    tags = event.setdefault("tags", {})
    tags["schema"] = getattr(connection, "schema_name", "")
    tags["request_id"] = request_id.get()
    for name in ("cookies", "data", "query_string", "env"):
        event.get("request", {}).pop(name, None)
    return event


def start() -> None:
    """Connects to Sentry; does nothing without a DSN."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.KONTOR_ENV,
        integrations=[DjangoIntegration(), CeleryIntegration()],
        send_default_pii=False,
        include_local_variables=False,  # they hold customers' data
        before_send=enrich,  # type: ignore[arg-type]
        traces_sample_rate=0.0,
    )
