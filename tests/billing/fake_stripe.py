"""Stripe without a network: answers by their shapes, and checks every call against the SDK's typed parameters."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe
from stripe import params as sdk

SHAPES = json.loads((Path(__file__).parent / "stripe_shapes.json").read_text())

#: Method and path → the TypedDict of the SDK for its parameters.
CALLS: list[tuple[str, str, Any]] = [
    ("post", r"/v1/customers", sdk.CustomerCreateParams),
    ("post", r"/v1/customers/\w+", sdk.CustomerUpdateParams),
    ("get", r"/v1/customers/\w+", sdk.CustomerRetrieveParams),
    ("get", r"/v1/customers/\w+/tax_ids", sdk.CustomerTaxIdListParams),
    ("post", r"/v1/customers/\w+/tax_ids", sdk.CustomerTaxIdCreateParams),
    ("delete", r"/v1/customers/\w+/tax_ids/\w+", sdk.CustomerTaxIdDeleteParams),
    ("get", r"/v1/customers/\w+/payment_methods", sdk.CustomerPaymentMethodListParams),
    ("post", r"/v1/payment_methods/\w+/detach", sdk.PaymentMethodDetachParams),
    ("post", r"/v1/checkout/sessions", sdk.checkout.SessionCreateParams),
    ("get", r"/v1/checkout/sessions/\w+", sdk.checkout.SessionRetrieveParams),
    ("post", r"/v1/billing_portal/sessions", sdk.billing_portal.SessionCreateParams),
    ("get", r"/v1/prices", sdk.PriceListParams),
    ("post", r"/v1/prices", sdk.PriceCreateParams),
    ("post", r"/v1/coupons", sdk.CouponCreateParams),
    ("get", r"/v1/promotion_codes", sdk.PromotionCodeListParams),
    ("post", r"/v1/promotion_codes", sdk.PromotionCodeCreateParams),
    ("get", r"/v1/subscriptions", sdk.SubscriptionListParams),
    ("get", r"/v1/subscriptions/\w+", sdk.SubscriptionRetrieveParams),
    ("post", r"/v1/subscriptions/\w+", sdk.SubscriptionUpdateParams),
    ("delete", r"/v1/subscriptions/\w+", sdk.SubscriptionCancelParams),
    ("post", r"/v1/subscription_schedules", sdk.SubscriptionScheduleCreateParams),
    ("post", r"/v1/subscription_schedules/\w+", sdk.SubscriptionScheduleUpdateParams),
    ("post", r"/v1/subscription_schedules/\w+/release", sdk.SubscriptionScheduleReleaseParams),
    ("post", r"/v1/invoices/create_preview", sdk.InvoiceCreatePreviewParams),
    ("get", r"/v1/invoices", sdk.InvoiceListParams),
    ("get", r"/v1/invoices/\w+", sdk.InvoiceRetrieveParams),
    ("post", r"/v1/invoices/\w+", sdk.InvoiceUpdateParams),
    ("post", r"/v1/invoices/\w+/pay", sdk.InvoicePayParams),
    ("get", r"/v1/charges", sdk.ChargeListParams),
    ("get", r"/v1/charges/\w+", sdk.ChargeRetrieveParams),
    ("get", r"/v1/disputes", sdk.DisputeListParams),
    ("get", r"/v1/invoice_payments", sdk.InvoicePaymentListParams),
    ("get", r"/v1/credit_notes", sdk.CreditNoteListParams),
    ("post", r"/v1/credit_notes", sdk.CreditNoteCreateParams),
    ("post", r"/v1/billing/meter_events", sdk.billing.MeterEventCreateParams),
    ("get", r"/v1/billing/meters", sdk.billing.MeterListParams),
    ("post", r"/v1/billing/meters", sdk.billing.MeterCreateParams),
]


def nested(encoded: str) -> dict[str, Any]:
    """Form fields `a[b][0][c]=v` as nested values; lists by their indices."""
    found: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+", key)
        here: Any = found
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        here[steps[-1]] = value
    return found


def problems(value: Any, wanted: Any, where: str) -> list[str]:
    """What in `value` (texts from a form) the type `wanted` does not allow."""
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (typing.Required, typing.NotRequired):
        return problems(value, arguments[0], where)
    if wanted is Any:
        return []
    if origin in (typing.Union, types.UnionType):
        # Open enumerations are spelt `Literal[…] | str`; what is not listed would be a slip of ours.
        listed = any(
            typing.get_origin(a) is typing.Literal and typing.get_args(a) != ("",) for a in arguments
        )
        kinds = [a for a in arguments if a is not type(None) and not (listed and a is str)]
        tried = [problems(value, a, where) for a in kinds]
        return [] if any(not t for t in tried) else min(tried, key=len)
    if hasattr(wanted, "__required_keys__"):  # the SDK's come from typing_extensions
        if not isinstance(value, dict):
            return [f"{where}: an object is wanted"]
        known = hints(wanted)
        wrong = [f"{where}.{name}: unknown" for name in value if name not in known]
        wrong += [f"{where}.{n}: missing" for n in wanted.__required_keys__ if n not in value]
        for name in value:
            if name in known:
                wrong += problems(value[name], known[name], f"{where}.{name}")
        return wrong
    if origin in (list, typing.List):  # noqa: UP006
        if not isinstance(value, dict) or set(value) != {str(n) for n in range(len(value))}:
            return [f"{where}: a list is wanted"]
        return [p for n, item in value.items() for p in problems(item, arguments[0], f"{where}[{n}]")]
    if origin in (dict, typing.Dict):  # noqa: UP006
        if not isinstance(value, dict):
            return [f"{where}: a map is wanted"]
        return [p for n, item in value.items() for p in problems(item, arguments[1], f"{where}.{n}")]
    if isinstance(value, dict):
        return [f"{where}: one value is wanted"]
    if origin is typing.Literal:
        return [] if value in arguments else [f"{where}: {value!r} is none of {arguments}"]
    if wanted is int:
        return [] if re.fullmatch(r"-?\d+", value) else [f"{where}: {value!r} is no whole number"]
    if wanted is bool:
        return [] if value in ("true", "false", "True", "False") else [f"{where}: {value!r} is no yes or no"]
    return []


def hints(wanted: Any) -> dict[str, Any]:
    module = inspect.getmodule(wanted)
    names = vars(typing) | {"StripeContext": stripe.StripeContext} | vars(module)
    return typing.get_type_hints(wanted, names, include_extras=True)


REFUND = {"id": "re_1", "object": "refund", "status": "succeeded", "amount": 11900, "created": 1777700000}
CHARGE = {
    "id": "ch_1", "object": "charge", "customer": "cus_1", "payment_intent": "pi_1", "amount": 35700, "disputed": True,
    "refunds": {"object": "list", "data": [REFUND, {**REFUND, "id": "re_2", "status": "pending"}]},
}  # fmt: skip


class FakeStripe(stripe.HTTPClient):
    """Answers from `answers` (method and path → object), keeps what was sent, and checks it."""

    name = "fake"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []
        self.answers: dict[str, Any] = {}
        self.status = 200

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        parts = urlsplit(url)
        given = nested(post_data or parts.query)
        self.sent.append((method, parts.path, given, dict(headers)))
        matching = [t for m, pattern, t in CALLS if m == method and re.fullmatch(pattern, parts.path)]
        assert matching, f"{method} {parts.path} is in no list"
        assert problems(given, matching[0], parts.path) == []
        found = self.answers.get(f"{method} {parts.path}", self._usual(method, parts.path))
        return json.dumps(found), self.status, {"request-id": "req_1"}

    def _usual(self, method: str, path: str) -> Any:
        if path in ("/v1/prices", "/v1/promotion_codes") and method == "get":
            return {"object": "list", "data": [{"id": "x_1", "object": "price"}], "has_more": False}
        if path == "/v1/charges":
            return {"object": "list", "data": [CHARGE], "has_more": False, "url": path}
        if path.startswith("/v1/charges/"):
            return CHARGE
        if path in ("/v1/disputes", "/v1/invoice_payments", "/v1/billing/meters"):
            return {"object": "list", "data": [], "has_more": False, "url": path}
        for part, name in (
            ("/payment_methods", "methods"), ("/tax_ids", "empty"), ("/create_preview", "preview"),
            ("/v1/credit_notes", "credit_notes"), ("/v1/customers", "customer"), ("/checkout/", "session"),
            ("/billing_portal/", "portal"), ("/v1/subscription_schedules", "schedule"),
        ):  # fmt: skip
            if part in path:
                return SHAPES[name]
        for part, name in (("/v1/subscriptions", "subscription"), ("/v1/invoices", "invoice")):
            if path == part:
                return {"object": "list", "data": [SHAPES[name]], "has_more": False, "url": part}
            if part in path:
                return SHAPES[name]
        return {"id": "x_1", "object": "thing"}

    def close(self) -> None:
        return None
