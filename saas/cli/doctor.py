"""`python -m saas doctor`: what is configured, what is missing, what to do about it."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterator

from saas.cli import frontend
from saas.cli.console import say
from saas.embedded import running, services
from saas.environment import DATA_DIR, text

Finding = tuple[str, bool, str]


def doctor() -> int:
    """Prints one line per finding. Returns 1 when something has to be mended, else 0."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (_platform, _services, _database, _front_end, _mail)
    failed = False
    for check in checks:
        for name, fine, message in check():
            failed |= not fine
            say(f"  {'✓' if fine else '✗'} {name:<20} {message}")
    return int(failed)


def _platform() -> Iterator[Finding]:
    yield "Python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}"
    free = shutil.disk_usage(DATA_DIR.parent if not DATA_DIR.exists() else DATA_DIR).free // 2**30
    yield "Disk", free >= 2, f"{free} GiB free in {DATA_DIR}" + ("" if free >= 2 else "; 2 GiB are needed")


def _services() -> Iterator[Finding]:
    embedded = services.wanted()
    found = running(DATA_DIR)
    for name, variable in (("postgres", "DATABASE_URL"), ("redis", "REDIS_URL")):
        if name not in embedded:
            yield name, True, f"{variable} is set"
        elif name in found:
            yield name, True, f"embedded, process {found[name]}"
        else:
            yield name, True, "embedded, not started"


def _database() -> Iterator[Finding]:
    if "postgres" in services.wanted() and "postgres" not in running(DATA_DIR):
        return
    import django

    django.setup()
    from django.db import DatabaseError, connection

    from tenants import migration, pool
    from tenants.context import activate_public
    from tenants.models import Tenant

    try:
        with connection.cursor() as cursor:
            cursor.execute("show server_version_num")
            version = int(cursor.fetchone()[0])
        yield "PostgreSQL version", version >= 160000, f"{version // 10000}.{version % 10000}"
        with activate_public():
            names = list(Tenant.objects.exclude(state="deleted").values_list("schema_name", flat=True))
        lagging = migration.lagging_schemas(names)
        yield "Workspaces", not lagging, f"{len(names)}, of which {len(lagging)} lag behind: saas migrate"
        ready = pool.ready_count()
        yield "Ready in stock", ready > 0, f"{ready} of {pool.target_size()}"
    except DatabaseError as error:
        yield "Database", False, f"{error}".strip() + " (run: python -m saas migrate)"


def _front_end() -> Iterator[Finding]:
    try:
        yield "Node", True, frontend.find_node().version
    except frontend.BuildFailed as error:
        yield "Node", False, str(error)
    built = frontend.is_built()
    yield "Front end", built, "built" if built else "not built or outdated (run: make run)"


def _mail() -> Iterator[Finding]:
    configured = text("EMAIL_URL").split("@")[-1]
    yield "Mail", True, configured or "no mail server; messages are kept in the local mailbox"
    yield "Payments", True, "Stripe" if text("STRIPE_SECRET_KEY") else "built-in provider with test cards"
