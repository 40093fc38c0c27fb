"""Another sub-domain for a workspace; the old one redirects for 90 days (ASP-30 Edit)."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import hosts, slugs
from tenants.context import activate_public
from tenants.lifecycle.notices import tell_owner
from tenants.models import Domain, Tenant


def rename(tenant: Tenant, raw: str) -> Domain:
    """Give the workspace the sub-domain ``raw``; tells the owner. Returns the new primary Domain.

    The given-up name redirects for 90 days and nobody else can take it that long; taking one's own old name
    back is allowed. Raises TenantRefusal 422 ``tenant.name_invalid|name_reserved|name_taken``.
    """
    with activate_public(), transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        own = Domain.objects.filter(tenant=tenant, slug=slugs.normalize(raw)).first()
        slug = own.slug if own is not None and own.slug else slugs.check_name(raw)
        current = Domain.objects.filter(tenant=tenant, is_primary=True).first()
        if current is not None and current.slug == slug:
            return current
        if current is not None:
            _give_up(current)
        made = _take(tenant, slug, own)
        tell_owner(
            tenant, "renamed", address=hosts.workspace_host(slug), old=hosts.address_of(current or made)
        )
        return made


def _give_up(domain: Domain) -> None:
    domain.is_primary = False
    if domain.slug:  # a custom domain stays, it only is not the main one any more
        domain.tombstone_until = timezone.now() + timedelta(days=slugs.TOMBSTONE_DAYS)
    domain.save(update_fields=["is_primary", "tombstone_until"])


def _take(tenant: Tenant, slug: str, own: Domain | None) -> Domain:
    if own is not None:
        own.is_primary, own.tombstone_until = True, None
        own.save(update_fields=["is_primary", "tombstone_until"])
        return own
    try:
        with transaction.atomic():
            return Domain.objects.create(
                tenant=tenant, slug=slug, domain=hosts.workspace_host(slug), is_primary=True
            )
    except IntegrityError:  # somebody was faster
        raise slugs.name_taken() from None
