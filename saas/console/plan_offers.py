"""Whom a plan is offered to, and private plans, on the operators' console (ASP-1 Plan, ASP-30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from billing.models import Plan, PlanVersion
from billing.services import plan_drafts, plan_figures
from saas.console.plan_words import name_of
from tenants.errors import TenantRefusal
from tenants.models import Domain, Tenant
from tenants.operator import audit
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.models import Capability
from tenants.operator.pages import say, show
from tenants.operator.registry import ReasonForm

WHOM = [
    ("everybody", gettext_lazy("Everybody")),
    ("chosen", gettext_lazy("Chosen workspaces")),
    ("nobody", gettext_lazy("Nobody new (off sale)")),
]


class OfferForm(ReasonForm):
    """Who can have the plan from now on."""

    whom = forms.ChoiceField(
        label=gettext_lazy("Offered to"),
        choices=WHOM,
    )
    buyers = forms.CharField(
        label=gettext_lazy("Sub-domains of the chosen workspaces"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, or separated by commas."),
    )
    field_order = ["whom", "buyers", "reason"]

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != Plan.Kind.PLAN:  # add-ons and prices by usage are on sale for all or for none
            del self.fields["buyers"]
            self.fields["whom"].choices = WHOM[::2]  # type: ignore[attr-defined]

    def clean_buyers(self) -> list[Tenant]:
        words = self.cleaned_data["buyers"].replace(",", "\n").split("\n")
        slugs = {word.strip().lower() for word in words} - {""}
        domains = Domain.objects.filter(slug__in=slugs, tenant__parent=None).select_related("tenant")
        if unknown := sorted(slugs - {domain.slug for domain in domains}):
            names = {"names": ", ".join(unknown[:10])}
            raise forms.ValidationError(_("There is no workspace with the address: %(names)s") % names)
        return list({domain.tenant_id: domain.tenant for domain in domains}.values())


@operator_page(needs=Capability.MANAGE_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: OperatorRequest, code: str) -> HttpResponse:
    """Where a plan is offered: everybody, chosen workspaces, nobody new."""
    plan = get_object_or_404(Plan, code=code)
    current = plan_drafts.current_of(plan)
    if current is None:
        return redirect("plans:plan", code=plan.code)
    chosen = Tenant.objects.filter(private_plans=plan).prefetch_related("domains").order_by("name")
    slugs = [d.slug for tenant in chosen for d in tenant.domains.all() if d.is_primary and d.slug]
    first = {"whom": plan_drafts.offered_to(plan), "buyers": "\n".join(slugs)}
    form = OfferForm(plan.kind, request.POST or None, initial=first)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                plan_drafts.offer_to(plan, data["whom"], data.get("buyers", []))
            except TenantRefusal as refusal:
                form.add_error(refusal.field, str(refusal.message))
                status = refusal.status
            else:
                facts = {
                    "before": first,
                    "whom": data["whom"],
                    "buyers": [t.name for t in data.get("buyers", [])],
                }
                audit.record(
                    request.operator.email, "plan.offered", reason=data["reason"], plan=plan.code, **facts
                )
                say(request, _("Kept. It counts at once."))
                return redirect("plans:plan", code=plan.code)
    context = {
        "plan": plan,
        "name": name_of(plan, current),
        "form": form,
        "running": plan_figures.running_on(plan),
    }
    return show(request, "saas/console/plan_offer.html", "plans", context, status)


class PrivateForm(ReasonForm):
    """A plan for chosen workspaces, made after another one."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=30,
        help_text=gettext_lazy("For invoices and the payment provider; it can't be changed. Such as: school"),
    )
    like = forms.ModelChoiceField(
        label=gettext_lazy("Begin with the terms of"), queryset=Plan.objects.none(), to_field_name="code"
    )
    field_order = ["code", "like", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Plan.objects.filter(kind=Plan.Kind.PLAN, versions__state=PlanVersion.State.CURRENT)
        self.fields["like"].queryset = rows  # type: ignore[attr-defined]


@operator_page(needs=Capability.MANAGE_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: OperatorRequest) -> HttpResponse:
    """A private plan: its terms are written next, nobody has it before it is put on sale."""
    form, status = PrivateForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = plan_drafts.make_private(data["code"], data["like"], by=request.operator.email)
            except TenantRefusal as refusal:
                form.add_error(refusal.field, str(refusal.message))
                status = refusal.status
            else:
                audit.record(
                    request.operator.email,
                    "plan.made",
                    reason=data["reason"],
                    plan=made.code,
                    like=data["like"].code,
                )
                return redirect("plans:write", code=made.code)
    return show(request, "saas/console/plan_new.html", "plans", {"form": form}, status)
