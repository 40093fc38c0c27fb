"""Plans on the operators' console: what is sold on which terms, and who runs on them (ASP-1 Plan, ASP-30)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy

from billing.models import Plan, PlanDraft, PlanVersion
from billing.services import catalogue, plan_drafts, plan_figures, plan_terms, plan_wording
from billing.services.plan_terms import Terms
from saas.console import plan_drafts as drafts
from saas.console import plan_offers as offers
from saas.console.money import shown_amount
from saas.console.plan_words import PUT_ON_SALE, draft_of, language, name_of
from tenants.operator import navigation, registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Approval
from tenants.operator.pages import show

app_name = "plans"
OFFERED = {
    "everybody": (gettext_lazy("Everybody"), "good"),
    "chosen": (gettext_lazy("Chosen workspaces"), "info"),
    "nobody": (gettext_lazy("Off sale"), "warn"),
    "never": (gettext_lazy("Not on sale yet"), ""),
}
GROUPS = (
    (gettext_lazy("Plans"), (Plan.Kind.PLAN,)),
    (gettext_lazy("Add-ons and kinds of user"), (Plan.Kind.ADDON, Plan.Kind.LICENCE)),
    (gettext_lazy("Charged by usage"), (Plan.Kind.USAGE,)),
)


@operator_page
def plan_list(request: OperatorRequest) -> HttpResponse:
    """All plans, add-ons and prices by usage with what runs on them."""
    use = plan_figures.use_by_version()
    plans = Plan.objects.prefetch_related("versions__prices").order_by("position", "code")
    drafts = set(PlanDraft.objects.values_list("plan_id", flat=True))
    rows = [_row(plan, use, plan.pk in drafts) for plan in plans]
    context = {
        "groups": [(label, [r for r in rows if r["plan"].kind in kinds]) for label, kinds in GROUPS],
        "held_back": [(v.plan, v.text("name", language())) for v in catalogue.held_back()],
    }
    return show(request, "saas/console/plans.html", "plans", context)


def _row(plan: Plan, use: dict[Any, plan_figures.Use], has_draft: bool) -> dict[str, Any]:
    versions = list(plan.versions.all())
    current = next((v for v in versions if v.state == PlanVersion.State.CURRENT), None)
    used = [use[v.pk] for v in versions if v.pk in use]
    prices = (
        {p.interval: p.amount_minor for p in current.prices.all() if p.currency == "EUR"} if current else {}
    )
    return {
        "plan": plan,
        "name": name_of(plan, current),
        "current": current,
        "has_draft": has_draft,
        "offered": OFFERED[plan_drafts.offered_to(plan) if current else "never"],
        "month": shown_amount("EUR", prices["month"]) if prices else "",
        "year": shown_amount("EUR", prices["year"]) if prices and plan.kind != Plan.Kind.USAGE else "",
        "subscriptions": sum(one.subscriptions for one in used),
        "older": sum(use[v.pk].subscriptions for v in versions if v.pk in use and v != current),
        "units": sum(one.units for one in used),
        "revenue": _revenue(used),
    }


def _revenue(used: list[plan_figures.Use]) -> list[str]:
    sums: dict[str, int] = {}
    for one in used:
        for currency, amount in one.revenue.items():
            sums[currency] = sums.get(currency, 0) + amount
    return [shown_amount(currency, amount) for currency, amount in sorted(sums.items())]


@operator_page
def plan_page(request: OperatorRequest, code: str) -> HttpResponse:
    """One plan: its terms, its versions with who runs on them, its draft against what is on sale."""
    return _page(request, get_object_or_404(Plan, code=code))


def _page(request: OperatorRequest, plan: Plan, status: int = 200) -> HttpResponse:
    current = plan_drafts.current_of(plan)
    use = plan_figures.use_by_version()
    terms = plan_terms.of_version(current) if current else None
    said = catalogue.delivered(plan.code)
    versions = [
        {"version": v, "use": use.get(v.pk), "revenue": _revenue([use[v.pk]]) if v.pk in use else []}
        for v in plan_figures.versions_of(plan)
    ]
    waiting = Approval.objects.filter(
        act=PUT_ON_SALE, subject=plan.code, state=Approval.State.PENDING, tenant=None
    )
    context = {
        "plan": plan,
        "name": name_of(plan, current),
        "current": current,
        "prices": plan_wording.price_rows(plan.kind, terms) if terms else [],
        "terms": plan_wording.in_words(plan.kind, terms, language()) if terms else [],
        "offered": OFFERED[plan_drafts.offered_to(plan) if current else "never"],
        "buyers": plan.buyers.order_by("name") if not plan.is_public else [],
        "versions": versions,
        "draft": draft_of(plan, terms),
        "waiting": waiting.select_related("requested_by__user").first(),
        "delivered": _held_back(plan, terms, said),
    }
    return show(request, "saas/console/plan.html", "plans", context, status)


def _held_back(plan: Plan, terms: Terms | None, said: Terms | None) -> list[plan_wording.Difference]:
    """What the delivered catalogue says otherwise, where an operator's word counts."""
    if terms is None or said is None or plan.origin != Plan.Origin.OPERATOR or not terms.differs(said):
        return []
    return plan_wording.differences(plan.kind, terms, said, language())


def register() -> None:
    """Add the page and the act; called once the apps are ready."""
    navigation.register_section(
        navigation.Section("plans", gettext_lazy("Plans"), "plans:plans", navigation.BILLING, order=40)
    )
    registry.register_installation_act(drafts.ACT)


urlpatterns = [
    path("", plan_list, name="plans"),
    path("new/", offers.make, name="new"),
    path("<slug:code>/", plan_page, name="plan"),
    path("<slug:code>/draft/", drafts.write, name="write"),
    path("<slug:code>/draft/discard/", drafts.discard, name="discard"),
    path("<slug:code>/sale/", drafts.put_on_sale, name="sale"),
    path("<slug:code>/offer/", offers.offer, name="offer"),
]
