"""What the console's list shows of workspaces: found by text, state and plan, each with its worst news, sandboxes below
the workspace they belong to (ASP-30 List/search)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Max, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tenants import addresses, hosts, migration
from tenants.entitlements import TRIAL_LIMITS, limit
from tenants.models import Backup, Domain, Operation, Tenant, TenantState
from tenants.models.tenant import WORKING_STATES
from tenants.operator import plan_names, registry, wording
from tenants.operator.pages import TONES, state_label
from tenants.usage import ONE_BY_ONE

BACKUP_LATE = timedelta(hours=36)
FAILED_WITHIN = timedelta(days=7)
#: Not a state of a workspace: those with news an operator should look at.
ATTENTION = "attention"
_WITH_DOMAINS = Prefetch("domains", Domain.objects.order_by("created_at"))


def found_tenants(query: str, state: str, plan: str = "") -> QuerySet[Tenant]:
    """Workspaces matching the search text (name, address, owner, id, flag; also of their sandboxes), acting state and
    plan. Sandboxes are no workspaces of their own here."""
    tenants = Tenant.objects.filter(parent=None).prefetch_related(_WITH_DOMAINS)
    if plan:
        tenants = tenants.filter(plan_code=plan)
    if query:
        words = (
            Q(name__icontains=query) | Q(owner_email__icontains=query) | Q(domains__domain__icontains=query)
        )
        words |= Q(sandboxes__name__icontains=query) | Q(sandboxes__domains__domain__icontains=query)
        words |= Q(flags__contains=[query.lower()]) | Q(pk__in=registry.found(query))
        with suppress(ValueError):
            words |= Q(pk=UUID(query)) | Q(sandboxes__pk=UUID(query))
        tenants = tenants.filter(words).distinct()
    if state == ATTENTION:
        return tenants.filter(pk__in=needing_attention())
    if state in TenantState.values:
        return tenants.annotate(acts_as=_acting_state()).filter(acts_as=state)
    return tenants


def _acting_state() -> Case:
    """`Tenant.acting_state` for the database: what the list shows, filters by and counts."""
    held = Q(held_from__lte=timezone.now(), state__in=[*WORKING_STATES, TenantState.EXPIRED])
    return Case(
        When(deletion_due_at__isnull=False, then=Value(TenantState.DELETED.value)),
        When(held, then=Value(TenantState.SUSPENDED.value)),
        default=F("state"),
    )


def counts_by_state() -> dict[str, int]:
    """{state: how many workspaces act as it}, sandboxes left out."""
    rows = Tenant.objects.filter(parent=None).order_by().annotate(acts_as=_acting_state())
    return dict(rows.values_list("acts_as").annotate(Count("pk")))


def with_sandboxes(tenants: Sequence[Tenant]) -> list[Tenant]:
    """The workspaces, each followed by its sandboxes."""
    below: dict[Any, list[Tenant]] = {}
    own = Tenant.objects.filter(parent__in=[t.pk for t in tenants]).prefetch_related(_WITH_DOMAINS)
    for sandbox in own.order_by("created_at"):
        below.setdefault(sandbox.parent_id, []).append(sandbox)
    return [row for tenant in tenants for row in (tenant, *below.get(tenant.pk, ()))]


def rows_of(tenants: Sequence[Tenant]) -> list[dict[str, Any]]:
    """What the list shows, for one page of tenants, in a constant number of queries."""
    behind = _behind(tenants)
    health = health_of(tenants, behind)
    columns = [(column, column.values(tenants)) for column in registry.columns()]
    plans = plan_names.by_code()
    return [
        {
            **shown(tenant),
            "behind": tenant.schema_name in behind,
            "health": health[tenant.pk],
            "plan": plans.get(tenant.plan_code, tenant.plan_code),
            "added": [(column, values.get(tenant.pk, "")) for column, values in columns],
        }
        for tenant in tenants
    ]


def _behind(tenants: Iterable[Tenant]) -> set[str]:
    living = [
        t.schema_name for t in tenants if t.state not in {TenantState.DELETED, TenantState.PROVISIONING}
    ]
    return set(migration.lagging_schemas(living)) if living else set()


def needing_attention() -> list[UUID]:
    """Workspaces with something an operator should look at, in a constant number of queries."""
    tenants = list(Tenant.objects.filter(parent=None))
    health = health_of(tenants, _behind(tenants))
    return [pk for pk, (tone, _words) in health.items() if tone in {"bad", "warn"}]


def health_of(tenants: Sequence[Tenant], behind: set[str]) -> dict[UUID, tuple[str, str]]:
    """{id: (tone, words)}: the worst thing about each workspace that an operator should look at."""
    keys = [t.pk for t in tenants]
    newest = dict(
        Backup.objects.filter(tenant__in=keys).order_by().values_list("tenant").annotate(Max("created_at"))
    )
    failed = set(
        Operation.objects.filter(
            tenant__in=keys, state="failed", created_at__gt=timezone.now() - FAILED_WITHIN
        ).values_list("tenant", flat=True)
    )
    marks = registry.marks(tenants)
    return {
        t.pk: _health(t, t.schema_name in behind, newest.get(t.pk), t.pk in failed, marks.get(t.pk, []))
        for t in tenants
    }


def shown(tenant: Tenant) -> dict[str, Any]:
    """The facts of one tenant that need no further query."""
    primary = next((domain for domain in tenant.domains.all() if domain.is_primary), None)
    usage = tenant.usage
    return {
        "tenant": tenant,
        "slug": primary.slug or primary.domain if primary else "",
        "url": addresses.origin(hosts.address_of(primary)) + "/" if primary else "",
        "state": state_label(tenant),
        "tone": TONES.get(tenant.acting_state, ""),
        "users": usage.get("users"),
        "seats": None if tenant.is_sandbox else limit(tenant, "users"),
        "fullest": None if tenant.is_sandbox else _fullest(tenant),
        "size": (usage.get("database_bytes") or 0) + (usage.get("file_bytes") or 0) or None,
        "trial_ends_at": tenant.trial_ends_at if tenant.acting_state == TenantState.TRIALING else None,
        "last_seen_at": parse_datetime(usage.get("last_seen_at") or ""),
    }


def _fullest(tenant: Tenant) -> tuple[str, int] | None:
    """(limit, percent of it in use) of whichever is nearest to full, as counted last; None before the first count."""
    counted = tenant.usage.get("meters") or {}
    shares = [
        (100 * value // most, name)
        for name, value in counted.items()
        if name in TRIAL_LIMITS and name not in ONE_BY_ONE and (most := limit(tenant, name))
    ]
    return (wording.limit_name(max(shares)[1]), max(shares)[0]) if shares else None


def _health(
    tenant: Tenant, behind: bool, backup: Any, has_failed: bool, marks: Sequence[registry.Mark]
) -> tuple[str, str]:
    if tenant.state in {TenantState.DELETED, TenantState.PROVISIONING}:
        return "", "–"
    if tenant.state == TenantState.FAILED:
        return "bad", _("preparation failed")
    if marks:
        return marks[0].tone, marks[0].words
    if has_failed:
        return "bad", _("operation failed")
    if behind:
        return "warn", _("migrations behind")
    now = timezone.now()
    # a sandbox is made anew from its workspace and has no daily backup (decision 0027)
    if (
        not tenant.is_sandbox
        and tenant.created_at < now - BACKUP_LATE
        and (backup is None or backup < now - BACKUP_LATE)
    ):
        return "warn", _("backup late")
    return "good", _("good")
