"""What the portal page does: another payment method, and the open invoices paid with it."""

from __future__ import annotations

from django.db import transaction

from billing.providers.builtin import clock, collecting, contracts
from billing.providers.builtin.cards import MethodDetails
from billing.providers.builtin.events import emit
from billing.providers.builtin.models import Customer, Invoice, PortalVisit
from billing.providers.interface import ProviderError


def find(visit_id: str) -> PortalVisit:
    """The visit while it is open. Raises ProviderError `provider.not_found`."""
    row = (
        PortalVisit.objects.select_related("customer").filter(pk=visit_id, expires_at__gt=clock.now()).first()
    )
    if row is None:
        raise ProviderError("provider.not_found", "No such visit.")
    return row


def change_method(visit: PortalVisit, details: MethodDetails) -> None:
    """Keep `details` as the method, and charge what is overdue with it. A card the bank refuses is not kept.

    Raises Declined.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=visit.customer_id)
        if details.behaviour == "decline" and details.kind == "card":
            raise collecting.Declined("card_declined")
        contracts.keep_method(customer, details, clock.now())
        emit("customer.updated", customer)
        for invoice in Invoice.objects.select_for_update().filter(
            customer=customer, status="open", failed_at__isnull=False
        ):
            collecting.collect(invoice, clock.now(), renewal=True)
