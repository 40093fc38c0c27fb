"""Absolute addresses. Always from the Domain row and the settings, never from the Host header (SAAS.md T8)."""

from __future__ import annotations

from django.conf import settings

from tenants import hosts
from tenants.context import activate_public
from tenants.models import Domain, Tenant


def origin(host: str) -> str:
    """Scheme, host and port under which ``host`` is reached: ``http://acme.localhost:8000``."""
    scheme, default = ("https", 443) if settings.KONTOR_HTTPS else ("http", 80)
    port = settings.KONTOR_PUBLIC_PORT
    return f"{scheme}://{host}" + ("" if port == default else f":{port}")


def workspace_url(tenant: Tenant, path: str = "/") -> str:
    """Address of ``path`` in the workspace, on its primary domain. Raises Domain.DoesNotExist before it has one."""
    with activate_public():
        domain = Domain.objects.get(tenant_id=tenant.pk, is_primary=True)
    return origin(hosts.address_of(domain)) + path


def public_url(path: str = "/") -> str:
    """Address of ``path`` on the provider's own site."""
    return origin(settings.KONTOR_BASE_DOMAIN) + path


def operator_url(path: str = "/") -> str:
    """Address of ``path`` on the operators' console."""
    return origin(f"{hosts.OPERATOR_LABEL}.{settings.KONTOR_BASE_DOMAIN}") + path
