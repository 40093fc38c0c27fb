"""Money on the operators' console: revenue per workspace, agreements as acts, and no deletion while somebody pays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tenants.entitlements import TRIAL_FEATURES, TRIAL_LIMITS
from tenants.errors import TenantRefusal
from tenants.lifecycle import deletion
from tenants.models import Tenant, TenantState
from tenants.operator import plan_names, registry, wording
from tenants.operator.models import Capability
from tenants.operator.registry import DANGER, SUBSCRIPTION, Act, ActContext, ActForm

_LONGEST = timedelta(days=3 * 366)
_ABOUT_STATE = {"free": _("Free of charge"), "grace": _("Time to pay")}
_ON, _OFF = {"on", "an"}, {"off", "aus"}
_BYTES = {"": 1, "b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}


def _plans() -> list[plan_names.PlanName]:
    """Every plan with the terms it has now or had last, in two statements."""
    from billing.models import Plan, PlanVersion

    language = (get_language() or "en")[:2]
    newest = PlanVersion.objects.filter(plan__kind=Plan.Kind.PLAN).order_by("plan_id", "-number")
    versions = newest.distinct("plan_id").select_related("plan").prefetch_related("prices")
    found = []
    for version in sorted(versions, key=lambda v: (v.plan.position, v.plan.code)):
        month = next((p for p in version.prices.all() if (p.interval, p.currency) == ("month", "EUR")), None)
        price = (
            _("%(price)s per user and month") % {"price": shown_amount("EUR", month.amount_minor)}
            if month
            else ""
        )
        is_sold = version.state == PlanVersion.State.CURRENT
        found.append(
            plan_names.PlanName(version.plan.code, version.text("name", language), str(price), is_sold)
        )
    return found


def shown_amount(currency: str, minor: int) -> str:
    """`1234.50 EUR`: grouping would be read as a decimal sign in some of the places this is exported to."""
    return f"{minor // 100}.{minor % 100:02} {currency}"


def _revenue(tenants: Sequence[Tenant]) -> dict[Any, str]:
    """Monthly revenue of one page of tenants, in one statement."""
    from billing.services.figures import monthly_revenues

    return {pk: shown_amount(*amount) for pk, amount in monthly_revenues(t.pk for t in tenants).items()}


def is_subscribed(tenant: Tenant) -> bool:
    """Whether a subscription runs, also one that ends with its period."""
    from billing.services.purchase import live_subscription

    return live_subscription(tenant) is not None


def refuse_while_subscribed(tenant: Tenant) -> None:
    """Raise 409 ``tenant.subscribed``: a deleted workspace must not be charged any more."""
    if is_subscribed(tenant):
        raise TenantRefusal("tenant.subscribed", _("A subscription runs. Cancel it first."), status=409)


class UntilForm(ActForm):
    """Until which day, that day included."""

    until = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ["feature", "value", "until", "reason"]

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        today = timezone.now().date()
        if not today <= until <= today + _LONGEST:
            raise forms.ValidationError(_("Choose a day from today on, three years ahead at most."))
        return until


class OverrideForm(UntilForm):
    """Another limit or switch than the plan's."""

    feature = forms.ChoiceField(
        label=_("Limit or feature"),
        choices=[
            (
                _("Limits"),
                [(name, wording.LIMITS[name]) for name in TRIAL_LIMITS if name not in TRIAL_FEATURES],
            ),
            (_("Features"), [(name, wording.FEATURES[name]) for name in TRIAL_FEATURES]),
        ],
    )
    value = forms.CharField(
        label=_("Value"),
        max_length=20,
        required=False,
        help_text=_(
            "A whole number, empty for unlimited; for storage and files with MB or GB; on or off for a feature."
        ),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        text = (data.get("value") or "").strip().lower()
        if data.get("feature") in TRIAL_FEATURES:
            if text not in {*_ON, *_OFF}:
                self.add_error("value", _("Write on or off."))
            data["value"] = text in _ON
            return data
        units = _BYTES if str(data.get("feature")).endswith("_bytes") else {"": 1}
        found = re.fullmatch(r"([0-9]+) ?([a-z]*)", text)
        if text and (found is None or found[2] not in units):
            self.add_error("value", _("Write a whole number, or nothing for unlimited."))
        else:
            data["value"] = int(found[1]) * units[found[2]] if found else None
        return data


class RemoveOverrideForm(ActForm):
    """Which one goes."""

    feature = forms.ChoiceField(label=_("Limit or feature"))
    field_order = ["feature", "reason"]

    def __init__(self, tenant: Tenant, *args: Any, **kwargs: Any) -> None:
        super().__init__(tenant, *args, **kwargs)
        self.fields["feature"].choices = [  # type: ignore[attr-defined]
            (name, _ABOUT_STATE.get(name) or wording.feature_name(name)) for name in _overridden(tenant)
        ]


def _overridden(tenant: Tenant) -> list[str]:
    from billing.models import Override
    from billing.services import clock

    rows = Override.objects.filter(tenant=tenant).exclude(
        feature__in=Override.ABOUT_STATE, until__lte=clock.now()
    )
    return list(rows.values_list("feature", flat=True))


def _end_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)


def _override(context: ActContext) -> None:
    from billing.services import agreements

    values = context.values
    agreements.set_override(
        context.tenant, values["feature"], values["value"], until=_end_of(values["until"]), reason=context.reason,
        by=context.operator.email,
    )  # fmt: skip


def _remove_override(context: ActContext) -> None:
    from billing.services import agreements

    agreements.remove_override(context.tenant, context.values["feature"], by=context.operator.email)


def _extend_trial(context: ActContext) -> dict[str, Any]:
    from billing.services import agreements

    before = context.tenant.trial_ends_at
    until = _end_of(context.values["until"])
    agreements.extend_trial(context.tenant, until, reason=context.reason, by=context.operator.email)
    return {"before": before.isoformat() if before else None}


def _grant_free(context: ActContext) -> None:
    from billing.services import agreements

    until = _end_of(context.values["until"])
    agreements.grant_free(context.tenant, until, reason=context.reason, by=context.operator.email)


def _give_time(context: ActContext) -> None:
    from billing.services import agreements

    until = _end_of(context.values["until"])
    agreements.give_time(context.tenant, until, reason=context.reason, by=context.operator.email)


def _close(context: ActContext) -> None:
    from billing.services import agreements

    agreements.close(context.tenant, reason=context.reason, by=context.operator.email)


def _reopen(context: ActContext) -> None:
    from billing.services import agreements

    agreements.reopen(context.tenant, by=context.operator.email)


def _is_closed(tenant: Tenant) -> bool:
    from billing.models import Closure

    return Closure.objects.filter(tenant=tenant, lifted_at=None).exists()


def _is_open(tenant: Tenant) -> bool:
    return tenant.state not in {TenantState.DELETED, TenantState.PROVISIONING, TenantState.FAILED} and (
        tenant.deletion_due_at is None
    )


ACTS = (
    Act("tenant.override", _("Override a limit"), _("Another limit or feature than the plan's, until a day. It counts at once."), _override, OverrideForm, needs=Capability.MANAGE_MONEY, is_shown=_is_open, group=SUBSCRIPTION, order=30),
    Act("tenant.remove_override", _("Remove an override"), _("The plan's limit counts again."), _remove_override, RemoveOverrideForm, needs=Capability.MANAGE_MONEY, is_shown=lambda t: _is_open(t) and bool(_overridden(t)), group=SUBSCRIPTION, order=31),
    Act("tenant.extend_trial", _("Extend the trial"), _("A later end of the trial, also of one that is over."), _extend_trial, UntilForm, needs=Capability.MANAGE_MONEY, is_shown=lambda t: _is_open(t) and t.trial_ends_at is not None, group=SUBSCRIPTION, order=32),
    Act("tenant.grant_free", _("Free of charge"), _("Nothing to pay until then; afterwards its trial decides again."), _grant_free, UntilForm, needs=Capability.MANAGE_MONEY, is_shown=lambda t: _is_open(t) and not is_subscribed(t), group=SUBSCRIPTION, order=33),
    Act("tenant.give_time", _("Give time to pay"), _("Nobody is shut out before then. What is owed stays owed and is collected as before."), _give_time, UntilForm, needs=Capability.MANAGE_MONEY, is_shown=lambda t: t.state in {TenantState.PAST_DUE, TenantState.SUSPENDED} and _is_open(t) and is_subscribed(t), group=SUBSCRIPTION, order=33),
    Act("tenant.close", _("Close for abuse"), _("Nothing is left of the workspace but a notice, for administrators too, until it is reopened. The data stays."), _close, is_shown=lambda t: _is_open(t) and not _is_closed(t), is_dangerous=True, group=DANGER, order=75),
    Act("tenant.reopen", _("Reopen"), _("The workspace goes on in the state its money says."), _reopen, is_shown=lambda t: _is_open(t) and _is_closed(t), is_first=True, order=61),
)  # fmt: skip


def register() -> None:
    """Add plans, the column, the acts and the guard; called once the apps are ready."""
    plan_names.register(_plans)
    registry.register_column(registry.Column("revenue", _("Monthly revenue"), _revenue, is_number=True))
    for act in ACTS:
        registry.register_act(act)
    deletion.register_guard("subscription", refuse_while_subscribed)
