"""The billing profile of a tenant: his lock, his address and tax id, and his customer at the provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.countries import country_names
from billing.models import BillingProfile
from billing.money.tax import EU_RATES, normalized_tax_id
from billing.providers import provider, provider_named
from billing.providers.interface import BillingProvider, CustomerData
from billing.services import clock
from tenants.errors import TenantRefusal
from tenants.models import Tenant

FIELDS = ("legal_name", "email", "street", "postal_code", "city", "country", "tax_id", "po_number")


@contextmanager
def locked(tenant: Tenant) -> Iterator[BillingProfile]:
    """A transaction that holds the tenant's profile, made when missing. Everybody who changes his money waits here."""
    with transaction.atomic():
        BillingProfile.objects.bulk_create([_fresh(tenant)], ignore_conflicts=True)
        yield (
            BillingProfile.objects.select_for_update(of=("self",)).select_related("tenant").get(tenant=tenant)
        )


def _fresh(tenant: Tenant) -> BillingProfile:
    return BillingProfile(
        tenant=tenant, legal_name=tenant.name, email=tenant.owner_email, country=tenant.country
    )


def profile_of(tenant: Tenant) -> BillingProfile:
    """The profile to show; not saved when there is none yet."""
    return BillingProfile.objects.filter(tenant=tenant).first() or _fresh(tenant)


def provider_of(profile: BillingProfile) -> BillingProvider:
    """The provider that knows this customer; for a new one the provider in use."""
    return provider_named(profile.provider) if profile.customer_id else provider()


def customer_data(profile: BillingProfile) -> CustomerData:
    """What the provider is told."""
    return CustomerData(
        tenant_id=str(profile.tenant_id),
        name=profile.legal_name or profile.tenant.name,
        email=profile.email or profile.tenant.owner_email,
        country=profile.country or profile.tenant.country,
        street=profile.street,
        postal_code=profile.postal_code,
        city=profile.city,
        tax_id=profile.tax_id,
        po_number=profile.po_number,
        language=profile.tenant.language,
        tax_id_valid=profile.tax_id_counts(clock.now()),
        tax_id_verified_at=profile.tax_id_verified_at,
    )


def ensure_customer(profile: BillingProfile) -> BillingProvider:
    """Make sure the customer exists at the provider and is up to date there. The profile is locked."""
    agent = provider_of(profile)
    customer_id = agent.ensure_customer(
        customer_data(profile), profile.customer_id, key=f"customer:{profile.tenant_id}"
    )
    if customer_id != profile.customer_id or profile.provider != agent.name:
        profile.provider, profile.customer_id = agent.name, customer_id
        profile.save(update_fields=["provider", "customer_id"])
    return agent


def check(values: dict[str, Any]) -> dict[str, str]:
    """Clean values of the address form. Raises TenantRefusal 422 with the field at fault."""
    limits = {name: getattr(BillingProfile._meta.get_field(name), "max_length", 0) for name in FIELDS}
    clean = {name: " ".join(str(values.get(name, "")).split()) for name in FIELDS}
    for name, text in clean.items():
        if len(text) > limits[name] and name != "tax_id":
            raise TenantRefusal("value.too_long", _("This is too long."), status=422, field=name)
        if not text.isprintable():
            raise TenantRefusal(
                "value.invalid", _("This has characters that can't be printed."), status=422, field=name
            )
    if not clean["legal_name"]:
        raise TenantRefusal(
            "value.required", _("Give the name for the invoice."), status=422, field="legal_name"
        )
    try:
        validate_email(clean["email"])
    except ValidationError:
        raise TenantRefusal(
            "email.invalid", _("This is no e-mail address."), status=422, field="email"
        ) from None
    clean["country"] = clean["country"].upper()
    if clean["country"] not in dict(country_names("en")):  # an invented one would be free of VAT
        raise TenantRefusal("country.unknown", _("Choose a country."), status=422, field="country")
    if clean["tax_id"]:
        clean["tax_id"] = _checked_tax_id(clean["country"], clean["tax_id"])
    return clean


def _checked_tax_id(country: str, raw: str) -> str:
    if country not in EU_RATES:
        if len(raw) > 20:
            raise TenantRefusal("tax_id.invalid", _("This is too long."), status=422, field="tax_id")
        return raw
    found = normalized_tax_id(country, raw[:40])
    if found is None:
        message = _("This is not a VAT number of the chosen country. Check it, or leave the field empty.")
        raise TenantRefusal("tax_id.invalid", message, status=422, field="tax_id")
    return found


def update(tenant: Tenant, values: dict[str, Any]) -> BillingProfile:
    """Change name, address, tax id and order number on future invoices. Raises TenantRefusal 422."""
    clean = check(values)
    with locked(tenant) as profile:
        before = (profile.country, profile.tax_id)
        for name, text in clean.items():
            setattr(profile, name, text)
        if before != (profile.country, profile.tax_id):
            profile.note_new_tax_id(clock.now())
        profile.save()
        if profile.customer_id:
            ensure_customer(profile)
    return profile
