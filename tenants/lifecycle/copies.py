"""Which schema a workspace is, and workspaces made from packages (ASP-30 restore, clone, import)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import hosts, provisioning, slugs
from tenants.context import activate_public
from tenants.lifecycle.notices import tell_owner
from tenants.models import Domain, Tenant, TenantState

COPY_LIFETIME = timedelta(days=30)
#: Flags of workspaces that are copies of another for operators' purposes: nobody signed up for them.
CLONE, RESTORED = "clone", "restored"
_FIELDS = ("country", "language", "currency", "time_zone", "region", "plan_code", "owner_email")


def open_copy(schema: str, slug: str, name: str, facts: dict[str, Any], *, flags: list[str]) -> Tenant:
    """A workspace on a schema that was just built: reachable under ``slug``, on trial for 30 days.

    ``facts`` are those of the package (country, language, …). Raises TenantRefusal ``tenant.name_*``.
    """
    with activate_public(), transaction.atomic():
        slug = slugs.check_name(slug)
        made = Tenant.objects.create(
            schema_name=schema,
            name=name[:160],
            state=TenantState.TRIALING,
            state_changed_at=timezone.now(),
            trial_ends_at=timezone.now() + COPY_LIFETIME,
            flags=flags,
            **{field: facts[field] for field in _FIELDS if facts.get(field)},
        )
        give_address(made, slug)
    provisioning.run_steps(made, ("plan", "directory"), {**facts, "owner_email": made.owner_email})
    return made


def give_address(tenant: Tenant, slug: str) -> None:
    """The first address of a workspace that was just made. Raises TenantRefusal ``tenant.name_taken``."""
    try:
        with transaction.atomic():
            Domain.objects.create(
                tenant=tenant, slug=slug, domain=hosts.workspace_host(slug), is_primary=True
            )
    except IntegrityError:
        raise slugs.name_taken() from None


def swap_schema(tenant: Tenant, schema: str) -> str:
    """Let the workspace be ``schema`` from now on, in one row; tells the owner. Returns the schema it was before."""
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        before, row.schema_name = row.schema_name, schema
        row.save(update_fields=["schema_name"])
        tell_owner(row, "restored")
    tenant.schema_name = schema
    return before


def signed_up(tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
    """Without sandboxes, clones and restored backups: what stands for a customer or somebody trying the product."""
    own = tenants.filter(parent=None)
    return own.exclude(flags__contains=[CLONE]).exclude(flags__contains=[RESTORED])
