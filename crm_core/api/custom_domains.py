"""Domains of the workspace's own, with proof of ownership (ASP-30 Edit, SAAS.md T7)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Invalid, NotFound
from crm_core.records import audit
from tenants import entitlements, hosts
from tenants.context import activate_public, current_tenant
from tenants.domains import claims
from tenants.models import CustomDomain, Domain


class _Administrators(Endpoint):
    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.require_administrator()

    def note(self, operation: str, domain: str) -> None:
        """Keep in the workspace's own audit who changed its addresses."""
        audit.note(self.actor, "custom_domain", operation, {"domain": [None, domain]})

    @property
    def who(self) -> str:
        return self.actor.email or self.actor.name


class CustomDomainsEndpoint(_Administrators):
    """GET and POST /custom_domains"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(_document())

    def post(self, request: Any) -> HttpResponse:
        domain = self.body({"domain"}).get("domain")
        if not isinstance(domain, str) or not domain.strip():
            raise Invalid("value.required", "A domain is needed.", field="domain")
        claim = claims.add(current_tenant(), domain, self.who)
        self.note("create", claim.domain)
        return self.answer(_document(), 201)


class CustomDomainEndpoint(_Administrators):
    """DELETE /custom_domains/{id}"""

    def delete(self, request: Any, domain_id: str) -> HttpResponse:
        try:
            claim = claims.remove(current_tenant(), self.identifier(domain_id), self.who)
        except CustomDomain.DoesNotExist:
            raise NotFound() from None
        self.note("delete", claim.domain)
        return self.answer(_document())


class CustomDomainActionEndpoint(_Administrators):
    """POST /custom_domains/{id}/actions/check|make_primary"""

    def post(self, request: Any, domain_id: str, action: str) -> HttpResponse:
        self.body(set())
        if action not in ("check", "make_primary"):
            raise NotFound("action.unknown", "There is no such action.")
        tenant, pk = current_tenant(), self.identifier(domain_id)
        try:
            if action == "check":
                claims.ask_again(tenant, pk)
            else:
                claims.make_primary(tenant, pk, self.who)
        except CustomDomain.DoesNotExist:
            raise NotFound() from None
        if action == "make_primary":
            with activate_public():
                domain = CustomDomain.objects.values_list("domain", flat=True).get(pk=pk)
            self.note("primary", domain)
        return self.answer(_document())


class SubdomainEndpoint(_Administrators):
    """POST /custom_domains/actions/use_subdomain"""

    def post(self, request: Any) -> HttpResponse:
        self.body(set())
        claims.make_primary(current_tenant(), None, self.who)
        self.note("primary", _document()["subdomain"]["domain"])
        return self.answer(_document())


def _document() -> dict[str, Any]:
    tenant = current_tenant()
    with activate_public():
        rows = list(CustomDomain.objects.filter(tenant=tenant))
        bound = Domain.objects.filter(tenant=tenant, tombstone_until=None)
        primary = {row.domain for row in bound if row.is_primary}
        own = next((row for row in bound.order_by("-created_at") if row.slug), None)
    return {
        "allowed": entitlements.allows(tenant, claims.FEATURE),
        "most": claims.MOST_PER_WORKSPACE,
        "target": claims.target(),
        "subdomain": {
            "domain": hosts.address_of(own) if own else None,
            "is_primary": own is not None and own.is_primary,
        },
        "rows": [
            {
                "id": str(row.pk),
                "domain": row.domain,
                "state": row.state,
                "problem": row.problem or None,
                "points_here": row.points_here,
                "is_primary": row.domain in primary,
                "record": {
                    "type": "TXT",
                    "name": claims.record_name(row.domain),
                    "value": claims.record_value(row),
                },
                "added_by": row.added_by,
                "created_at": _instant(row.created_at),
                "checked_at": _instant(row.checked_at),
                "next_check_at": _instant(row.next_check_at),
                "verified_at": _instant(row.verified_at),
            }
            for row in rows
        ],
    }


def _instant(value: Any) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None
