"""The end of a subscription as acts of operators: for customers who cancel by letter or phone (ASP-20, ASP-30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from saas.console.money import is_subscribed
from tenants.models import Tenant
from tenants.operator import registry
from tenants.operator.models import Capability
from tenants.operator.registry import SUBSCRIPTION, Act, ActContext, ActForm


class CancelForm(ActForm):
    """With the period that is paid, or at once."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[("period", _("At the end of the period that is paid")), ("now", _("Now"))],
        help_text=_(
            "Now leaves administrators their invoices and the export. Nothing is paid back by itself: credit the invoice for that."
        ),
    )
    field_order = ["when", "reason"]


def _may_take_back(tenant: Tenant) -> bool:
    from billing.services.purchase import live_subscription

    live = live_subscription(tenant)
    return live is not None and live.cancel_at is not None


def _cancel(context: ActContext) -> dict[str, Any]:
    from billing.services import ending

    ended = ending.cancel(
        context.tenant,
        reason=context.reason,
        by=context.operator.email,
        at_once=context.values["when"] == "now",
    )
    moment = ended.ended_at or ended.cancel_at
    return {"subscription": ended.provider_id, "ends_at": moment.isoformat() if moment else None}


def _take_back(context: ActContext) -> dict[str, Any]:
    from billing.services import ending

    return {"subscription": ending.resume(context.tenant, by=context.operator.email).provider_id}


ACTS = (
    Act("tenant.cancel", _("Cancel the subscription"), _("The customer pays nothing from then on. It can be bought again at any time, with all data, for 30 days after the end."), _cancel, CancelForm, needs=Capability.MANAGE_MONEY, is_shown=is_subscribed, is_dangerous=True, group=SUBSCRIPTION, order=74),
    Act("tenant.resume_subscription", _("Take back the cancellation"), _("The subscription goes on when its period ends."), _take_back, needs=Capability.MANAGE_MONEY, is_shown=_may_take_back, group=SUBSCRIPTION, order=34),
)  # fmt: skip


def register() -> None:
    """Add the acts; called once the apps are ready."""
    for act in ACTS:
        registry.register_act(act)
