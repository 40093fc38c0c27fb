"""Requests for workspaces that got stuck: found, tried again, removed (ASP-10.2, SAAS.md F7)."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import cloning
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import PoolSchema, Provisioning, TenantState
from tenants.operator import audit
from tenants.provisioning_steps import ProvisioningFailed

logger = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)
REAP_AFTER = timedelta(hours=24)


def unfinished() -> list[UUID]:
    """Requests nobody works on: pending or running, untouched for a minute, attempts left."""
    with activate_public():
        stale = Provisioning.objects.filter(
            state__in=[Provisioning.State.PENDING, Provisioning.State.RUNNING],
            updated_at__lt=timezone.now() - STALE_AFTER,
        )
        return list(stale.order_by("updated_at").values_list("pk", flat=True)[:50])


def retry(provisioning_id: UUID, by: str) -> Provisioning:
    """Give a failed request all its attempts again; a worker goes on behind the steps that are done.

    Raises TenantRefusal 409 ``provisioning.not_failed``.
    """
    with activate_public(), transaction.atomic():
        wish = Provisioning.objects.select_for_update().get(pk=provisioning_id)
        if wish.state != Provisioning.State.FAILED:
            raise TenantRefusal("provisioning.not_failed", _("This sign-up has not failed."), status=409)
        wish.state, wish.attempts = Provisioning.State.PENDING, 0
        wish.save(update_fields=["state", "attempts", "updated_at"])
        audit.record(by, "provisioning.retried", wish.tenant_id, slug=wish.slug, error=wish.error[:500])
    return wish


def reap(older_than: timedelta = REAP_AFTER) -> int:
    """Remove what failed provisionings left: domain, tenant, schema; the name is free again.

    Returns how many were removed. A finished workspace is never touched.
    """
    with activate_public():
        dead = Provisioning.objects.filter(
            state=Provisioning.State.FAILED, updated_at__lt=timezone.now() - older_than
        )
        ids = list(dead.values_list("pk", flat=True)[:20])
    return sum(_remove(pk) for pk in ids)


def _remove(provisioning_id: UUID) -> int:
    with activate_public(), transaction.atomic():
        wish = Provisioning.objects.select_for_update().get(pk=provisioning_id)
        if wish.state != Provisioning.State.FAILED:
            return 0
        if wish.tenant is not None and wish.tenant.state != TenantState.PROVISIONING:
            raise ProvisioningFailed(f"{provisioning_id} is failed although its workspace is in use.")
        stock = PoolSchema.objects.filter(provisioning_id=wish.pk).first()
        if wish.tenant is not None:
            tenant, wish.tenant = wish.tenant, None
            wish.save(update_fields=["tenant"])
            tenant.delete()  # domains go with it
        if stock is not None:
            cloning.drop_schema(stock.schema_name)
            stock.delete()
        wish.state = Provisioning.State.REAPED
        wish.request_data = {"slug": wish.slug}
        wish.save(update_fields=["state", "request_data"])
        logger.error("Provisioning %s of %r was removed: %s", wish.pk, wish.slug, wish.error)
        return 1
