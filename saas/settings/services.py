"""Database, cache, queue, mail and file storage: real services when their URL is set, else embedded ones."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from saas.embedded import postgres_url, redis_url
from saas.environment import DATA_DIR, IS_PRODUCTION, IS_TEST, flag, number, text

DATABASE_URL = text("DATABASE_URL") or postgres_url(DATA_DIR)
REDIS_URL = text("REDIS_URL") or redis_url(DATA_DIR)
#: Where caches lie when not beside the queue: a cache may push out its oldest entries, a queue never.
KONTOR_CACHE_URL = text("KONTOR_CACHE_URL", REDIS_URL)


def database_from_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a `postgresql://user:password@host:port/name?option=value` URL.

    A `host` option may name a directory with a Unix socket. Raises ValueError for another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "tenants.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "kontor",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Every request and task runs in one transaction: under a transaction pooler statements outside of
        # one would run in another workspace's schema (SAAS.md §0.1).
        "ATOMIC_REQUESTS": True,
        "CONN_HEALTH_CHECKS": False,
        "DISABLE_SERVER_SIDE_CURSORS": flag("KONTOR_PGBOUNCER", False),
        "OPTIONS": {
            **options,
            "application_name": text("KONTOR_PROCESS", "kontor"),
            # Kept statements (`tenants/postgresql/statement.py`) are written so that one plan serves all their values;
            # left alone the server would make a plan for each as soon as a guess about one of them is cheaper.
            "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000"
            " -c plan_cache_mode=force_generic_plan",
        },
        "TEST": {"NAME": "kontor_test"},
    }


DATABASES = {"default": database_from_url(DATABASE_URL)}
if flag("KONTOR_DB_POOL", False):
    # Each server process keeps ~4 MB per workspace it has touched and never gives it back
    # (SAAS.md §0.6): few connections, and none older than five minutes.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": number("KONTOR_DB_POOL_SIZE", 8),
        "timeout": 10,
        "max_lifetime": 300,
        "max_idle": 60,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0 if IS_TEST else 300
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
ORIGINAL_BACKEND = "django.db.backends.postgresql"
TENANT_LIMIT_SET_CALLS = False  # on, it leaks between workspaces even inside a transaction (SAAS.md §0.1)
PG_EXTRA_SEARCH_PATHS = ["ext"]
SKIP_PG_EXTRA_VALIDATION = True  # it queries at import time; our schema names can't collide with "ext"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": KONTOR_CACHE_URL,
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "TIMEOUT": 300,
    }
}
if IS_TEST:
    CACHES["default"] |= {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "kontor-test",
    }
# Numbers per workspace name it in their keys themselves (tenants.counters): counting need not switch the search path.
CACHES["counters"] = {name: value for name, value in CACHES["default"].items() if name != "KEY_FUNCTION"}
CACHES["counters"]["KEY_PREFIX"] = "counters"


def celery_broker(url: str) -> str:
    """The broker URL for Celery from a redis-py URL; Unix sockets are spelt differently there."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


CELERY_BROKER_URL = "memory://" if IS_TEST else celery_broker(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "prefork"  # threads would share one connection state across workspaces (SAAS.md §0.3)
# Steps of imports, exports and bulk changes have workers of their own, so that they do not delay mail or sign-up; the
# first half second of a workspace that had none lately is done by the workers for these (`tenants.turns.SMALL`).
# Backups and restores of whole workspaces wait in a queue of their own; give it a worker of its own in production.
CELERY_TASK_ROUTES = {
    "records.run_job_step": {"queue": "jobs"},
    "records.take_turn": {"queue": "jobs"},
    "tenants.run_operation": {"queue": "operations"},
    "tenants.advance_wave": {"queue": "operations"},
}
CELERY_TASK_DEFAULT_QUEUE = "work"
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = number("KONTOR_TASK_SECONDS", 1800)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = "UTC"

DEFAULT_FROM_EMAIL = text("KONTOR_MAIL_FROM", "Kontor <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
#: Without a mail server every message is written here and shown on the local mailbox page.
EMAIL_FILE_PATH = str(DATA_DIR / "mail" / "out")
EMAIL_TIMEOUT = 20


def email_from_url(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for `smtp://user:password@host:port?tls=1` (or `smtps://`)."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError("EMAIL_URL must begin with smtp:// or smtps://")
    options = dict(parse_qsl(parts.query))
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and options.get("tls", "0") == "1",
    }


EMAIL_URL = text("EMAIL_URL")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_URL
    else "onboarding.mailbox.backend.MailboxBackend"
)
if EMAIL_URL:
    globals().update(email_from_url(EMAIL_URL))

STRIPE_SECRET_KEY = text("STRIPE_SECRET_KEY")
#: Separated by commas while a secret is being rotated: all of them are accepted.
STRIPE_WEBHOOK_SECRET = text("STRIPE_WEBHOOK_SECRET")
KONTOR_BILLING_PROVIDER = "stripe" if STRIPE_SECRET_KEY else "builtin"
#: `test`: test cards, a virtual clock, and every page says that no money moves. `live`: real invoices.
KONTOR_BILLING_MODE = text("KONTOR_BILLING_MODE", "live" if IS_PRODUCTION else "test")
#: Where the built-in provider delivers its webhooks: this installation's own web server.
KONTOR_WEBHOOK_ORIGIN = text("KONTOR_WEBHOOK_ORIGIN", f"http://127.0.0.1:{number('KONTOR_PORT', 8000)}")
#: The EU's service that says whether a VAT number is valid; empty: numbers are checked by format only.
KONTOR_VIES_URL = text(
    "KONTOR_VIES_URL",
    "https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number"
    if KONTOR_BILLING_MODE == "live" and not IS_TEST
    else "",
)
#: Who writes the invoices; printed on each, and decides the VAT.
KONTOR_SELLER = {
    "name": text("KONTOR_SELLER_NAME", text("KONTOR_PRODUCT_NAME", "Kontor")),
    "street": text("KONTOR_SELLER_STREET", "Musterstraße 1"),
    "postal_code": text("KONTOR_SELLER_POSTAL_CODE", "20095"),
    "city": text("KONTOR_SELLER_CITY", "Hamburg"),
    "country": text("KONTOR_SELLER_COUNTRY", "DE"),
    "tax_id": text("KONTOR_SELLER_TAX_ID"),
    "bank": text("KONTOR_SELLER_BANK"),
    "iban": text("KONTOR_SELLER_IBAN"),
    "bic": text("KONTOR_SELLER_BIC"),
}

MEDIA_ROOT = DATA_DIR / "files"
#: Packages of workspaces: daily backups and exports. In production a mount away from the database's disk.
KONTOR_BACKUPS = text("KONTOR_BACKUPS", str(DATA_DIR / "backups"))
KONTOR_BACKUP_DAYS = number("KONTOR_BACKUP_DAYS", 35)
#: Keys packages are signed with, separated by spaces: the first signs, all are believed. Installations that exchange
#: workspaces share one; without any, the secret key is used.
KONTOR_PACKAGE_KEYS = text("KONTOR_PACKAGE_KEYS").split()
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"  # one folder per schema
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
