"""Subscriptions: what there is, changes now and at the renewal, previews, cancellation."""

from __future__ import annotations

from typing import Any

from billing.providers.interface import CouponTerms, CustomerData, Items, Preview, SubscriptionState
from billing.providers.stripe import invoice_shapes, shapes
from billing.providers.stripe.api import PAGE, errors, once
from billing.providers.stripe.checkouts import Checkouts


class Subscriptions(Checkouts):
    """Running contracts; quantities are absolute."""

    def _changed_items(
        self, known: dict[str, Any], lookup_key: str, seats: int, addons: Items | None
    ) -> list[dict[str, Any]]:
        """What every item of a subscription becomes; absolute quantities. What is not wanted any more is deleted."""
        item, beside = shapes.items(known)
        changed: list[dict[str, Any]] = [
            {"id": item["id"], "price": self.price(lookup_key)[0], "quantity": seats}
        ]
        if addons is None:
            return changed
        left = {key: quantity for key, quantity in addons.items() if quantity}
        for row in beside:
            quantity = left.pop(str(row["price"]["lookup_key"]), 0)
            if not quantity:
                changed.append({"id": row["id"], "deleted": True})
            elif not shapes.is_metered(row):
                changed.append({"id": row["id"], "quantity": quantity})
        return changed + [self.item(key, number) for key, number in sorted(left.items())]

    def fetch_subscription(self, subscription_id: str) -> SubscriptionState:
        with errors():
            return shapes.subscription(self._subscription(subscription_id))

    def _subscription(self, subscription_id: str) -> dict[str, Any]:
        return self.api.subscriptions.retrieve(subscription_id, {"expand": ["schedule"]}).to_dict()

    def subscriptions_of(self, customer_id: str) -> list[SubscriptionState]:
        with errors():
            listed = self.api.subscriptions.list(
                {"customer": customer_id, "status": "all", "limit": PAGE, "expand": ["data.schedule"]}
            )
            return [shapes.subscription(row.to_dict()) for row in listed.auto_paging_iter()]

    def change_now(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        with errors():
            known = self._subscription(subscription_id)
            self._release(known)
            params: dict[str, Any] = {
                "items": self._changed_items(known, lookup_key, seats, addons),
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            }
            self.api.subscriptions.update(subscription_id, params, once(key))  # type: ignore[arg-type]
        return self.fetch_subscription(subscription_id)

    def _release(self, known: dict[str, Any]) -> None:
        schedule = shapes.reference(known.get("schedule"))
        if schedule:
            self.api.subscription_schedules.release(schedule)

    def change_at_renewal(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        with errors():
            known = self._subscription(subscription_id)
            self._release(known)
            item, _beside = shapes.items(known)
            today = shapes.subscription({**known, "schedule": None})
            wanted = {k: n for k, n in (today.addons if addons is None else addons).items() if n}
            if (lookup_key, seats, wanted) != (today.lookup_key, today.seats, today.addons):
                made = self.api.subscription_schedules.create(
                    {"from_subscription": subscription_id}, once(f"{key}:schedule")
                )
                current = [
                    {"price": row["price"]["id"]}
                    if shapes.is_metered(row)
                    else {"price": row["price"]["id"], "quantity": row["quantity"]}
                    for row in shapes.rows(known["items"])
                ]
                following = self.fresh_items(lookup_key, seats, wanted)
                phase = {"start_date": item["current_period_start"], "end_date": item["current_period_end"]}
                params: dict[str, Any] = {
                    "end_behavior": "release",
                    "metadata": {"lookup_key": lookup_key, "addons": shapes.written_addons(wanted)},
                    "proration_behavior": "none",
                    "phases": [
                        {**phase, "items": current},
                        {
                            "items": following,
                            "duration": {"interval": _interval(lookup_key), "interval_count": 1},
                        },
                    ],
                }
                self.api.subscription_schedules.update(made.id, params, once(f"{key}:phases"))  # type: ignore[arg-type]
        return self.fetch_subscription(subscription_id)

    def preview(
        self,
        subscription_id: str,
        lookup_key: str,
        seats: int,
        *,
        at_renewal: bool,
        addons: Items | None = None,
        begun_now: bool = False,
    ) -> Preview:
        with errors():
            wanted = self._changed_items(self._subscription(subscription_id), lookup_key, seats, addons)
            how: Any = "none" if at_renewal else "always_invoice"
            params: dict[str, Any] = {
                "subscription": subscription_id,
                "subscription_details": {"items": wanted, "proration_behavior": how},
            }
            found = self.api.invoices.create_preview(params)  # type: ignore[arg-type]
            return invoice_shapes.preview(found.to_dict())

    def preview_order(
        self,
        customer: CustomerData,
        lookup_key: str,
        seats: int,
        coupon: CouponTerms | None,
        addons: Items | None = None,
    ) -> Preview:
        details: dict[str, Any] = {
            "address": {
                "line1": customer.street,
                "postal_code": customer.postal_code,
                "city": customer.city,
                "country": customer.country,
            }
        }
        if customer.tax_id:
            details["tax_ids"] = [{"type": "eu_vat", "value": customer.tax_id}]
        with errors():
            params: dict[str, Any] = {
                "customer_details": details,
                "automatic_tax": {"enabled": True},
                "subscription_details": {"items": self.fresh_items(lookup_key, seats, addons or {})},
            }
            if coupon is not None:
                params["discounts"] = [{"promotion_code": self.promotion(coupon)}]
            return invoice_shapes.preview(self.api.invoices.create_preview(params).to_dict())  # type: ignore[arg-type]

    def cancel(self, subscription_id: str, *, at_once: bool, reason: str, key: str) -> SubscriptionState:
        details = {"comment": reason[:500]}
        with errors():
            self._release(self._subscription(subscription_id))
            if at_once:
                end: dict[str, Any] = {"cancellation_details": details}
                self.api.subscriptions.cancel(subscription_id, end, once(key))  # type: ignore[arg-type]
            else:
                params: dict[str, Any] = {"cancel_at_period_end": True, "cancellation_details": details}
                self.api.subscriptions.update(subscription_id, params, once(key))  # type: ignore[arg-type]
        return self.fetch_subscription(subscription_id)

    def resume(self, subscription_id: str, key: str) -> SubscriptionState:
        with errors():
            self.api.subscriptions.update(subscription_id, {"cancel_at_period_end": False}, once(key))
        return self.fetch_subscription(subscription_id)


def _interval(lookup_key: str) -> str:
    return "year" if lookup_key.rsplit("_", 2)[-2] == "year" else "month"
