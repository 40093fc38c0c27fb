"""Figures of each workspace for the operators, pushed to the control data by a sweep (SAAS.md §2.3 rule 5)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone

from tenants.context import activate_public, current_tenant
from tenants.identity.models import Session, User
from tenants.models import Tenant

SEATS = ("users", "read_only_users")
#: Taken one by one and on purpose: the last one is no trouble, somebody has exactly as many as he needs.
ONE_BY_ONE = (*SEATS, "custom_objects", "sandboxes")

_meters: dict[str, Callable[[], int]] = {}
_figures: dict[str, Callable[[], object]] = {}


def register_figure(name: str, measure: Callable[[], object]) -> None:
    """Have ``measure()`` tell a figure of the active workspace: a number, or several by name. Register in ``AppConfig.ready``."""
    _figures[name] = measure


def register_meter(code: str, count: Callable[[], int]) -> None:
    """Have ``count()`` measure the limit ``code`` in the active workspace. Register in ``AppConfig.ready``."""
    _meters[code] = count


def measure_all() -> dict[str, int]:
    """Every registered meter of the active workspace, now."""
    return {code: count() for code, count in sorted(_meters.items())}


def seats_taken() -> dict[str, int]:
    """Active people of the active workspace by kind of seat; the provider's support takes none."""
    rows = User.objects.filter(is_active=True, is_operator=False).values_list("licence")
    taken = dict(rows.annotate(number=Count("pk")).order_by())
    kinds = User.Licence
    return {"users": taken.get(kinds.FULL, 0), "read_only_users": taken.get(kinds.READ_ONLY, 0)}


def push() -> dict[str, object]:
    """Count the active workspace's users, last use and size, and store them on its tenant."""
    tenant = current_tenant()
    last_seen = Session.objects.aggregate(at=Max("seen_at"))["at"]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
               WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"""
        )
        size = cursor.fetchone()[0]
    figures: dict[str, object] = {
        "users": User.objects.filter(is_active=True).count(),
        "administrators": User.objects.filter(is_active=True, is_admin=True, is_operator=False).count(),
        "last_seen_at": last_seen.isoformat() if last_seen else tenant.usage.get("last_seen_at"),
        "database_bytes": size,
        "meters": {**seats_taken(), **measure_all()},
        **{name: measure() for name, measure in sorted(_figures.items())},
        "counted_at": timezone.now().isoformat(),
    }
    with activate_public():
        Tenant.objects.filter(pk=tenant.pk).update(usage={**tenant.usage, **figures})
    return figures
