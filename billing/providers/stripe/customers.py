"""Customers, their tax ids and the page on which they change how they pay."""

from __future__ import annotations

from typing import Any

from billing.providers.interface import CustomerData, CustomerState, Page
from billing.providers.stripe import shapes
from billing.providers.stripe.api import Account, errors, locale_of, once


class Customers(Account):
    """Who pays."""

    def ensure_customer(self, data: CustomerData, customer_id: str, key: str) -> str:
        params: dict[str, Any] = {
            "name": data.name,
            "email": data.email,
            "address": {
                "line1": data.street,
                "postal_code": data.postal_code,
                "city": data.city,
                "country": data.country,
            },
            "preferred_locales": [data.language],
            "metadata": {"tenant": data.tenant_id},
        }
        field = {"name": "PO", "value": data.po_number[:140]}
        params["invoice_settings"] = {"custom_fields": [field] if data.po_number else ""}
        with errors():
            if not customer_id:
                if data.tax_id:
                    params["tax_id_data"] = [{"type": "eu_vat", "value": data.tax_id}]
                return str(self.api.customers.create(params, once(key)).id)  # type: ignore[arg-type]
            self.api.customers.update(customer_id, params)  # type: ignore[arg-type]
            self._keep_tax_id(customer_id, data.tax_id)
        return customer_id

    def _keep_tax_id(self, customer_id: str, wanted: str) -> None:
        known = self.api.customers.tax_ids.list(customer_id, {"limit": 20}).data
        for row in known:
            if row.type == "eu_vat" and row.value != wanted:
                self.api.customers.tax_ids.delete(customer_id, row.id)
        if wanted and all(row.value != wanted for row in known):
            self.api.customers.tax_ids.create(customer_id, {"type": "eu_vat", "value": wanted})

    def forget_customer(self, customer_id: str) -> None:
        nothing: dict[str, Any] = {"email": "", "address": "", "invoice_settings": {"custom_fields": ""}}
        with errors():
            self.api.customers.update(customer_id, nothing)  # type: ignore[arg-type]
            for method in self.api.customers.payment_methods.list(customer_id, {"limit": 20}).data:
                self.api.payment_methods.detach(method.id)

    def fetch_customer(self, customer_id: str) -> CustomerState:
        with errors():
            found = self.api.customers.retrieve(customer_id, {"expand": ["tax_ids"]}).to_dict()
            methods = self.api.customers.payment_methods.list(customer_id, {"limit": 20}).to_dict()
        return shapes.customer(found, shapes.rows(methods))

    def create_portal(self, customer_id: str, return_url: str, language: str) -> Page:
        with errors():
            session = self.api.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": return_url, "locale": locale_of(language)}
            )
        return Page(str(session.id), str(session.url))
