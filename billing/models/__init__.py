"""Plans on sale, who rents what, and what was invoiced and paid; in schema public only."""

from billing.models.agreement import Closure, Coupon, CouponRedemption, Hold, OverageConsent, Override
from billing.models.customer import BillingProfile, PaymentMethod, TaxIdCheck
from billing.models.feature import Feature, PlanFeature
from billing.models.invoice import CreditNote, Dispute, Invoice, InvoiceLine, Payment
from billing.models.journal import Notice, OverageReport, ProviderEvent, StateTransition, UsageRecord
from billing.models.ledger import LedgerEntry
from billing.models.plan import Plan, PlanDraft, PlanPrice, PlanVersion
from billing.models.subscription import SeatChange, Subscription, SubscriptionItem

__all__ = [
    "BillingProfile",
    "Closure",
    "Coupon",
    "CouponRedemption",
    "CreditNote",
    "Dispute",
    "Feature",
    "Hold",
    "Invoice",
    "InvoiceLine",
    "LedgerEntry",
    "Notice",
    "OverageConsent",
    "OverageReport",
    "Override",
    "Payment",
    "PaymentMethod",
    "Plan",
    "PlanDraft",
    "PlanFeature",
    "PlanPrice",
    "PlanVersion",
    "ProviderEvent",
    "SeatChange",
    "StateTransition",
    "Subscription",
    "SubscriptionItem",
    "TaxIdCheck",
    "UsageRecord",
]
