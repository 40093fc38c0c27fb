"""Prices and meters as Stripe has to know them, and what is reported to the meters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from billing.providers.stripe.api import PAGE, Account, errors, once


class Catalogue(Account):
    """What is on sale."""

    def report_usage(self, customer_id: str, meter: str, value: int, at: datetime, key: str) -> None:
        with errors():
            self.api.billing.meter_events.create(
                {
                    "event_name": meter,
                    "payload": {"stripe_customer_id": customer_id, "value": str(value)},
                    "timestamp": int(at.astimezone(UTC).timestamp()),
                    "identifier": key[:100],
                }
            )

    def sync_catalogue(self, prices: Iterable[Any]) -> int:
        made = 0
        with errors():
            for price in prices:
                known = self.api.prices.list({"lookup_keys": [price.lookup_key], "limit": 1}).data
                if known and getattr(known[0], "unit_amount", None) in (price.amount_minor, None):
                    continue
                self._offer(price, instead=bool(known))
                made += 1
        return made

    def _offer(self, price: Any, *, instead: bool) -> None:
        """Make a price; `instead` of one an attempt left behind that was never put on sale: amounts can't be changed."""
        recurring: dict[str, Any] = {"interval": price.interval}
        params: dict[str, Any] = {
            "currency": price.currency.lower(),
            "unit_amount": price.amount_minor,
            "recurring": recurring,
            "lookup_key": price.lookup_key,
            "tax_behavior": "exclusive",
            "product_data": {"name": price.version.text("name", "en")},
            "metadata": {"kind": price.version.plan.kind},
        }
        if price.version.plan.kind == "usage":
            meter, pack = price.version.sold_by()
            recurring |= {"usage_type": "metered", "meter": self._meter(meter)}
            if pack > 1:  # a pack that was begun counts
                params["transform_quantity"] = {"divide_by": pack, "round": "up"}
        if instead:
            params["transfer_lookup_key"] = True
        name = f"price:{price.lookup_key}:{price.amount_minor}"
        self.api.prices.create(params, once(name))  # type: ignore[arg-type]

    def _meter(self, name: str) -> str:
        """Stripe's id of a meter, made when missing."""
        for row in self.api.billing.meters.list({"status": "active", "limit": PAGE}).auto_paging_iter():
            if row.event_name == name:
                return str(row.id)
        made = self.api.billing.meters.create(
            {
                "display_name": name.replace("_", " "),
                "event_name": name,
                "default_aggregation": {"formula": "sum"},
                "customer_mapping": {"type": "by_id", "event_payload_key": "stripe_customer_id"},
                "value_settings": {"event_payload_key": "value"},
            },
            once(f"meter:{name}"),
        )
        return str(made.id)
