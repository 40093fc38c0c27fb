"""Invoices, payments, credit notes and refunds."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from billing.providers.interface import DisputeState, InvoiceState, ProviderError
from billing.providers.stripe import invoice_shapes, shapes
from billing.providers.stripe.api import PAGE, Account, errors, once


class Invoices(Account):
    """What was charged, and what came of it."""

    def fetch_invoice(self, invoice_id: str) -> InvoiceState:
        with errors():
            found = self.api.invoices.retrieve(
                invoice_id, {"expand": ["payments.data.payment.payment_intent"]}
            ).to_dict()
            return self._invoice(found, self._charges(shapes.reference(found["customer"])))

    def _charges(self, customer_id: str) -> list[dict[str, Any]]:
        """What was charged to a customer, with what was paid back of it."""
        listed = self.api.charges.list({"customer": customer_id, "limit": PAGE, "expand": ["data.refunds"]})
        return [row.to_dict() for row in listed.auto_paging_iter()]

    def customer_of(self, charge_id: str) -> str:
        with errors():
            return shapes.reference(self.api.charges.retrieve(charge_id).to_dict().get("customer"))

    def disputes_of(self, customer_id: str) -> list[DisputeState]:
        found = []
        with errors():
            for charge in self._charges(customer_id):
                if charge.get("disputed"):
                    listed = self.api.disputes.list({"charge": charge["id"], "limit": PAGE})
                    paid = self._invoice_paid_by(charge)
                    found += [invoice_shapes.dispute(row.to_dict(), charge, paid) for row in listed.data]
        return found

    def _invoice_paid_by(self, charge: dict[str, Any]) -> str:
        intent = shapes.reference(charge.get("payment_intent"))
        if not intent:
            return ""
        payment: Any = {"type": "payment_intent", "payment_intent": intent}
        listed = self.api.invoice_payments.list({"payment": payment, "limit": 1}).to_dict()
        return shapes.reference(next(iter(shapes.rows(listed)), {}).get("invoice"))

    def _invoice(self, thing: dict[str, Any], charges: list[dict[str, Any]]) -> InvoiceState:
        credits: list[Any] = []
        if thing.get("post_payment_credit_notes_amount") or thing.get("pre_payment_credit_notes_amount"):
            listed = self.api.credit_notes.list({"invoice": thing["id"], "limit": PAGE})
            credits = shapes.rows(listed.to_dict())
        return invoice_shapes.invoice(thing, credits, timezone.now(), charges)

    def invoices_of(self, customer_id: str) -> list[InvoiceState]:
        with errors():
            listed = self.api.invoices.list(
                {"customer": customer_id, "limit": PAGE, "expand": ["data.payments"]}
            )
            found = [row.to_dict() for row in listed.auto_paging_iter()]
            charges = self._charges(customer_id)
            return [self._invoice(row, charges) for row in found if row.get("number")]

    def book_payment(
        self, invoice_id: str, amount_minor: int, reference: str, key: str, *, surplus: bool = False
    ) -> InvoiceState:
        """Stripe knows "paid outside" for the whole open invoice only; anything else is refused."""
        with errors():
            known = self.api.invoices.retrieve(invoice_id).to_dict()
            booked = (known.get("metadata") or {}).get("bank_reference") == reference[:200]
            if known["status"] != "open" and not booked:
                raise ProviderError(
                    "provider.invalid",
                    "Stripe takes no payment on this invoice: credit it and invoice again.",
                )
            if known["status"] == "open":
                if amount_minor != known["amount_remaining"]:
                    raise ProviderError("provider.invalid", "Only the whole amount can be booked.")
                self.api.invoices.update(invoice_id, {"metadata": {"bank_reference": reference[:200]}})
                self.api.invoices.pay(invoice_id, {"paid_out_of_band": True}, once(key))
        return self.fetch_invoice(invoice_id)

    def retry_payment(self, invoice_id: str, key: str) -> InvoiceState:
        with errors():
            self.api.invoices.pay(invoice_id, {}, once(key))
        return self.fetch_invoice(invoice_id)

    def book_refund(self, invoice_id: str, amount_minor: int, reference: str, key: str) -> InvoiceState:
        """Stripe keeps no record of money sent back past it: refund by a credit note instead."""
        raise ProviderError("provider.invalid", "Refunds go through a credit note.")

    def _can_be_refunded(self, invoice: dict[str, Any]) -> bool:
        """Whether it was charged and no bank took that back or is asked to: nobody gets his money back twice."""
        paid = [row.get("payment") or {} for row in shapes.rows(invoice.get("payments"))]
        charged = {shapes.reference(p.get("payment_intent") or p.get("charge")) for p in paid} - {""}
        if not charged:
            return False
        disputed = [
            charge["id"]
            for charge in self._charges(shapes.reference(invoice["customer"]))
            if charge.get("disputed")
            and {str(charge["id"]), shapes.reference(charge.get("payment_intent"))} & charged
        ]
        listed = [self.api.disputes.list({"charge": pk, "limit": PAGE}).data for pk in disputed]
        decided = [invoice_shapes.DISPUTE_STATES.get(str(row.status)) for rows in listed for row in rows]
        return all(state == "won" for state in decided)

    def credit(self, invoice_id: str, total_minor: int, reason: str, key: str) -> InvoiceState:
        with errors():
            params: dict[str, Any] = {"invoice": invoice_id, "amount": total_minor, "memo": reason[:500]}
            known = self.api.invoices.retrieve(invoice_id, {"expand": ["payments"]}).to_dict()
            if known["status"] == "paid":
                by_card = self._can_be_refunded(known)
                params["refund_amount" if by_card else "out_of_band_amount"] = total_minor
            self.api.credit_notes.create(params, once(key))  # type: ignore[arg-type]
        return self.fetch_invoice(invoice_id)
