"""Coupons on the operators' console, beside invoices: write one, see how often it was used, withdraw it (ASP-20.3)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from billing.catalogue import PRICE_CURRENCIES
from billing.models import Coupon
from billing.services import agreements, clock
from saas.console.money import shown_amount
from tenants.errors import TenantRefusal
from tenants.operator import audit, navigation
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show

app_name = "coupons"


class CouponForm(forms.Form):
    """A percentage or an amount, for how long, for how many."""

    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=40, help_text=gettext_lazy("Letters, digits, - and _ only.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Takes off"),
        choices=[("percent", gettext_lazy("Percent")), *((code, code) for code in PRICE_CURRENCIES)],
    )
    value = forms.DecimalField(
        label=gettext_lazy("How much"), max_digits=9, decimal_places=2, min_value=Decimal("0.01")
    )
    duration = forms.ChoiceField(label=gettext_lazy("For"), choices=Coupon.Duration.choices)
    months = forms.IntegerField(
        label=gettext_lazy("Months, when for some"),
        required=False,
        min_value=1,
        max_value=120,
        help_text=gettext_lazy("Of an invoice for a year, that many twelfths are discounted."),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Can be used until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    most = forms.IntegerField(
        label=gettext_lazy("By how many workspaces"), required=False, min_value=1, max_value=100_000
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == "percent" and (data.get("value") or 0) > 100:
            self.add_error("value", _("100 percent at most."))
        if data.get("duration") == Coupon.Duration.REPEATING and not data.get("months"):
            self.add_error("months", _("Say for how many months."))
        return data

    def terms(self) -> dict[str, Any]:
        """Arguments of `agreements.create_coupon`."""
        data = self.cleaned_data
        by_percent = data["kind"] == "percent"
        until = data["expires_on"]
        return {
            "percent_off": data["value"] if by_percent else None,
            "amount_off_minor": None if by_percent else int(data["value"] * 100),
            "currency": "" if by_percent else data["kind"],
            "duration": data["duration"],
            "months": data["months"] if data["duration"] == Coupon.Duration.REPEATING else None,
            "expires_at": datetime.combine(until + timedelta(days=1), time(), UTC) if until else None,
            "max_redemptions": data["most"],
        }


@operator_page(needs=Capability.MANAGE_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def coupon_list(request: OperatorRequest) -> HttpResponse:
    """All coupons with how often they were used, and the form for another."""
    form = CouponForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = agreements.create_coupon(
                form.cleaned_data["code"], by=request.operator.email, **form.terms()
            )
        except TenantRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
        else:
            audit.record(
                request.operator.email, "coupon.created", None, code=made.code, takes_off=_value(made)
            )
            say(request, _("The coupon can be used now."))
            return redirect("coupons:coupons")
    rows = Coupon.objects.annotate(used=Count("redemptions")).order_by("-created_at")
    context = {
        "form": form,
        "rows": [
            {"coupon": row, "value": _value(row), "over": row.is_over(row.used, clock.now())} for row in rows
        ],
    }
    return show(request, "saas/console/coupons.html", "coupons", context, status=422 if form.errors else 200)


def _value(coupon: Coupon) -> str:
    if coupon.percent_off is not None:
        return f"{coupon.percent_off.normalize():f} %"
    return shown_amount(coupon.currency, coupon.amount_off_minor or 0)


@operator_page(needs=Capability.MANAGE_MONEY)
@require_POST
def withdraw(request: OperatorRequest, coupon_id: UUID) -> HttpResponse:
    """Nobody can use it from now on; who used it keeps it."""
    row = get_object_or_404(Coupon, pk=coupon_id)
    agreements.withdraw_coupon(row)
    audit.record(request.operator.email, "coupon.withdrawn", None, code=row.code)
    say(request, _("Withdrawn. Who uses it keeps it."))
    return redirect("coupons:coupons")


urlpatterns = [
    path("", coupon_list, name="coupons"),
    path("<uuid:coupon_id>/withdraw/", withdraw, name="withdraw"),
]


def register() -> None:
    """Add the page to the navigation."""
    navigation.register_section(
        navigation.Section(
            "coupons",
            gettext_lazy("Coupons"),
            "coupons:coupons",
            navigation.BILLING,
            needs=Capability.MANAGE_MONEY,
            order=20,
        )
    )
