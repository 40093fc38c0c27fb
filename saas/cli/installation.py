"""Brings database, plans, operator and demo workspace of this installation up to date; safe to repeat."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.db import connection

from saas import database
from saas.cli import credentials

Report = Callable[[str], None]

OPERATOR_EMAIL = "operator@kontor.example"


def migrate(report: Report) -> None:
    """Extensions, control data, then every workspace in waves. Raises waves.WaveStopped.

    With KONTOR_MIGRATE_WORKSPACES off the workspaces keep their level until an operator starts a wave.
    """
    from tenants import migration, waves

    connection.ensure_connection()
    database.prepare(connection.connection)
    migration.migrate_public()
    if settings.KONTOR_MIGRATE_WORKSPACES:
        waves.migrate_all(report)
    else:
        report("Workspaces keep their level until an operator starts a wave on the console.")


def fill_pool(report: Report, target: int | None = None) -> int:
    """Keeps `target` (default KONTOR_POOL_SIZE) ready workspaces in stock. Returns how many were built."""
    from tenants import pool

    built = pool.fill(target)
    report(f"{pool.ready_count()} ready")
    return built


def seed_plans() -> None:
    """Puts the plans of the catalogue on sale."""
    from billing.services.catalogue import sync_catalogue
    from tenants.context import activate_public

    with activate_public():
        sync_catalogue()


def seed_operator() -> None:
    """The provider's own first log-in at `ops.<base domain>`, with a random password.

    A stored password that was changed since is left alone.
    """
    from tenants.context import activate_public
    from tenants.identity.models import User
    from tenants.operator import audit
    from tenants.operator.models import Role
    from tenants.operator.services import operators

    with activate_public():
        if User.objects.filter(email=OPERATOR_EMAIL).exists():
            return
        password = credentials.new_password()
        # Stored first: a start that is interrupted here makes the user with a new password next time.
        credentials.store(settings.KONTOR_DATA, "operator", email=OPERATOR_EMAIL, password=password)
        operators.create(OPERATOR_EMAIL, "Operator", Role.OPERATOR, by=audit.SYSTEM, password=password)


def seed_demo() -> None:
    """The demo workspace with colleagues and sample data; made once, and left alone afterwards."""
    from onboarding import demo

    known = credentials.load(settings.KONTOR_DATA).get("demo", {})
    password = known.get("password") or credentials.new_password()
    # Stored first: an interrupted start finishes the same request with the same password.
    credentials.store(settings.KONTOR_DATA, "demo", email=demo.ADMINISTRATOR.email, password=password)
    demo.ensure_demo(password)


def reset_second_factor(workspace: str, email: str) -> str:
    """Take the second factor from a person of the workspace with this name in its address.

    His sessions end, he gets a mail, and the workspace's audit keeps it. Returns what to say, empty when nothing was done.
    """
    from tenants import hosts
    from tenants.context import activate
    from tenants.identity.addresses import normalize_email
    from tenants.identity.models import User
    from tenants.identity.second_factor import own, rules

    found = hosts.find(hosts.workspace_host(workspace.strip().lower()))
    if found is None or found.redirect_to:
        return ""
    with activate(found.tenant):
        user = User.objects.filter(email=normalize_email(email), has_second_factor=True).first()
        if user is None:
            return ""
        own.reset(user, by=settings.PRODUCT_NAME, reason="reset on the machine itself")
        rules.changed.send(User, user=user, what=rules.RESET, address="")
    return f"{user.email} signs in to {found.tenant.name} without a second factor, or sets up a new one where it is asked for."
