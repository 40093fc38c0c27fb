"""Refuses to start with settings under which one workspace could see another's data (SAAS.md T10)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("tenancy")
def workspace_isolation(**_options: Any) -> list[CheckMessage]:
    """One error per setting that must not be as it is; runs at every start of a server or worker."""
    database = settings.DATABASES["default"]
    rules = [
        (database.get("ATOMIC_REQUESTS") is True, "E001", "ATOMIC_REQUESTS must be on: outside a transaction a "
         "pooler may run statements in another workspace's schema."),
        (not getattr(settings, "TENANT_LIMIT_SET_CALLS", False), "E002", "TENANT_LIMIT_SET_CALLS must be off: it "
         "trusts a search path that a pooler may have changed."),
        (not getattr(settings, "SHOW_PUBLIC_IF_NO_TENANT_FOUND", False), "E003",
         "SHOW_PUBLIC_IF_NO_TENANT_FOUND must be off: an unknown host gets 404."),
        (settings.SESSION_COOKIE_DOMAIN is None and settings.CSRF_COOKIE_DOMAIN is None, "E004",
         "Cookies must be host-only: remove SESSION_COOKIE_DOMAIN and CSRF_COOKIE_DOMAIN."),
        (not settings.USE_X_FORWARDED_HOST, "E005", "USE_X_FORWARDED_HOST must be off: the host decides the "
         "workspace, and clients can send that header."),
        (getattr(settings, "CELERY_WORKER_POOL", "prefork") in {"prefork", "solo"}, "E006", "CELERY_WORKER_POOL "
         "must be prefork: threads share one connection's schema."),
        ("public" not in settings.PG_EXTRA_SEARCH_PATHS, "E007", "public must not be in PG_EXTRA_SEARCH_PATHS."),
        (set(settings.SHARED_APPS) & set(settings.TENANT_APPS) <= {"django.contrib.contenttypes", "tenants.identity"},
         "E008", "Only content types and tenants.identity may be in both SHARED_APPS and TENANT_APPS."),
    ]  # fmt: skip
    return [Error(text, id=f"tenants.{number}") for holds, number, text in rules if not holds]
