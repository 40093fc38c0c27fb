"""How the installation is doing, read for the operators' health page (ASP-30 Monitor)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from tenants.context import activate_public
from tenants.models import SlowStatement, Tenant, TenantState, Traffic

SHOWN = 20
#: An event that waits longer than this is worth a look.
LATE_SECONDS = 300


@dataclass(frozen=True)
class Rate:
    """Answers within a time."""

    requests: int
    errors: int
    refused: int

    @property
    def percent(self) -> float:
        """Share of answers with a 5xx status, in percent."""
        return 100 * self.errors / self.requests if self.requests else 0.0


@dataclass(frozen=True)
class Statement:
    """A slow statement: how often, milliseconds in all, on average and at worst."""

    sql: str
    calls: int
    total: float
    mean: float
    slowest: float
    schema: str = ""

    @property
    def total_seconds(self) -> float:
        """Seconds in all."""
        return self.total / 1000


def error_rate(within: timedelta, now: datetime | None = None) -> Rate:
    """All workspaces together."""
    since = (now or timezone.now()) - within
    with activate_public():
        sums = Traffic.objects.filter(began_at__gte=since).aggregate(
            r=Sum("requests"), e=Sum("errors"), f=Sum("refused")
        )
    return Rate(sums["r"] or 0, sums["e"] or 0, sums["f"] or 0)


def by_window(hours: int = 3, now: datetime | None = None) -> list[tuple[datetime, int, int]]:
    """(begin, requests, errors) of every five minutes, oldest first, empty ones too."""
    now = now or timezone.now()
    last = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    first = last - timedelta(hours=hours)
    with activate_public():
        rows = Traffic.objects.filter(began_at__gte=first).order_by().values("began_at")
        found = {
            row["began_at"]: (row["r"], row["e"]) for row in rows.annotate(r=Sum("requests"), e=Sum("errors"))
        }
    windows = [first + timedelta(minutes=5 * number) for number in range(1, 12 * hours + 1)]
    return [(window, *found.get(window, (0, 0))) for window in windows]


def noisy(within: timedelta = timedelta(hours=1), now: datetime | None = None) -> list[dict[str, Any]]:
    """The workspaces that sent most requests: {tenant, requests, errors, refused, mean, slowest, share}."""
    since = (now or timezone.now()) - within
    with activate_public():
        rows = list(
            Traffic.objects.filter(began_at__gte=since)
            .order_by()
            .values("tenant_id")
            .annotate(
                requests=Sum("requests"),
                errors=Sum("errors"),
                refused=Sum("refused"),
                spent=Sum("milliseconds"),
                slowest=Max("slowest"),
            )
            .order_by("-requests")[:SHOWN]
        )
        tenants: dict[UUID, Tenant] = Tenant.objects.in_bulk([row["tenant_id"] for row in rows])
        total = error_rate(within, now).requests
    return [
        {
            **row,
            "tenant": tenants[row["tenant_id"]],
            "mean": row["spent"] // max(1, row["requests"]),
            "share": 100 * row["requests"] // max(1, total),
        }
        for row in rows
        if row["tenant_id"] in tenants
    ]


def outboxes() -> list[dict[str, Any]]:
    """Workspaces whose events, jobs or failures want a look, as they counted themselves last; the latest first."""
    with activate_public():
        tenants = Tenant.objects.exclude(state=TenantState.DELETED).filter(usage__has_key="counted_at")
        rows = [
            {
                "tenant": tenant,
                "seconds": int(tenant.usage.get("outbox_oldest_seconds") or 0),
                "jobs": int(tenant.usage.get("jobs_waiting") or 0),
                "failed": int(tenant.usage.get("jobs_failed") or 0),
                "counted_at": datetime.fromisoformat(tenant.usage["counted_at"]),
            }
            for tenant in tenants
        ]
    wanted = [row for row in rows if row["seconds"] or row["jobs"] or row["failed"]]
    return sorted(wanted, key=lambda row: (-row["seconds"], -row["failed"], -row["jobs"]))[:SHOWN]


def slow_statements() -> tuple[str, list[Statement]]:
    """(source, statements, the costliest first). The source is ``pg_stat_statements`` where the database has it, else
    ``counted``: what our own web processes saw above a quarter of a second."""
    with activate_public():
        try:
            with transaction.atomic():
                return "pg_stat_statements", _from_extension()
        except DatabaseError:
            rows = SlowStatement.objects.order_by("-milliseconds")[:SHOWN]
            return "counted", [
                Statement(r.sql, r.calls, r.milliseconds, r.milliseconds / max(1, r.calls), r.slowest, r.last_schema)
                for r in rows
            ]  # fmt: skip


def _from_extension() -> list[Statement]:
    """Raises DatabaseError when the extension is not there, not loaded, or not ours to read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
               WHERE e.extname = 'pg_stat_statements'"""
        )
        found = cursor.fetchone()
        if found is None:
            raise DatabaseError("There is no pg_stat_statements.")
        cursor.execute(
            f"""SELECT query, calls, total_exec_time, mean_exec_time, max_exec_time
                FROM {found[0]}.pg_stat_statements
                WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                ORDER BY total_exec_time DESC LIMIT %s""",  # noqa: S608 - a name of the catalogue, quoted by it
            [SHOWN],
        )
        return [Statement(*row) for row in cursor.fetchall()]


def database() -> dict[str, Any]:
    """{connections, most_connections, active, oldest_seconds, bytes} of the database."""
    with activate_public(), connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (WHERE state = 'active'),
                      coalesce(extract(epoch FROM max(now() - xact_start)), 0)::float,
                      current_setting('max_connections')::int, pg_database_size(current_database())
               FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
        connections, active, oldest, most, size = cursor.fetchone()
    return {
        "connections": connections + 1,
        "most_connections": most,
        "active": active,
        "oldest_seconds": int(oldest),
        "bytes": size,
    }
