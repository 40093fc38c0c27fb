"""What goes with a destroyed workspace of what we know about its people (ASP-40.5).

Invoices, credit notes, the account, consents and the proof of VAT numbers stay, as the law demands: who was billed is
printed on them. How to reach and to charge somebody is needed no more.
"""

from __future__ import annotations

import re

from billing.models import BillingProfile, Notice, Override, ProviderEvent, SeatChange, StateTransition
from billing.providers import provider_named
from billing.services import profile
from tenants.context import activate_public
from tenants.models import Deletion, Tenant

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


def forget(tenant: Tenant) -> int:
    """Erase postal and mail addresses, ways to pay, and who did what; here and at the provider. Safe to repeat.

    Returns how many rows were changed or removed. Raises ProviderError when the provider does not answer: the
    destruction is taken up again later.
    """
    with activate_public(), profile.locked(tenant) as row:
        gone = _reach(row)
        gone += Notice.objects.filter(tenant=tenant).exclude(to="").update(to="")
        gone += SeatChange.objects.filter(tenant=tenant).exclude(requested_by="").update(requested_by="")
        gone += Override.objects.filter(tenant=tenant).delete()[0]
        gone += ProviderEvent.objects.filter(tenant=tenant).delete()[0]
        for transition in StateTransition.objects.filter(tenant=tenant, cause__contains="@"):
            transition.cause = _ADDRESS.sub("…", transition.cause)
            transition.save(update_fields=["cause"])
            gone += 1
        reason = _ADDRESS.sub("…", tenant.state_reason)
        gone += Tenant.objects.filter(pk=tenant.pk).exclude(state_reason=reason).update(state_reason=reason)
        tenant.state_reason = reason
    return gone


def _reach(row: BillingProfile) -> int:
    if row.customer_id:
        provider_named(row.provider).forget_customer(row.customer_id)
    empty = {"email": "", "street": "", "postal_code": "", "city": "", "po_number": ""}
    found = BillingProfile.objects.filter(pk=row.pk).exclude(**empty).update(**empty)
    return found + row.payment_methods.all().delete()[0]


def is_forgotten(tenant: Tenant) -> bool:
    """Whether a workspace was destroyed: what a provider still says about its people is not taken over."""
    return Deletion.objects.filter(tenant=tenant, state__in=["destroying", "destroyed"]).exists()
