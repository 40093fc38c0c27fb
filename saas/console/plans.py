"""Plans on the operators' console: what is sold on which terms, who runs on them, the next terms, and where they are
offered (ASP-1 Plan, ASP-30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.models import Feature, Plan, PlanDraft, PlanVersion
from billing.services import catalogue, plan_drafts, plan_figures, plan_terms, plan_wording
from billing.services.plan_terms import Terms, TermsInvalid
from saas.console.money import shown_amount
from saas.console.plan_form import TermsForm, initial
from tenants.errors import TenantRefusal
from tenants.models import Domain, Tenant
from tenants.operator import audit, navigation, registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.errors import Refused
from tenants.operator.models import Approval, Capability, Operator
from tenants.operator.pages import say, show
from tenants.operator.services import approvals, performing

app_name = "plans"
PUT_ON_SALE = "plan.put_on_sale"
OFFERED = {
    "everybody": (gettext_lazy("Everybody"), "good"),
    "chosen": (gettext_lazy("Chosen workspaces"), "info"),
    "nobody": (gettext_lazy("Off sale"), "warn"),
    "never": (gettext_lazy("Not on sale yet"), ""),
}
WHOM = [
    ("everybody", gettext_lazy("Everybody")),
    ("chosen", gettext_lazy("Chosen workspaces")),
    ("nobody", gettext_lazy("Nobody new (off sale)")),
]
GROUPS = (
    (gettext_lazy("Plans"), (Plan.Kind.PLAN,)),
    (gettext_lazy("Add-ons and kinds of user"), (Plan.Kind.ADDON, Plan.Kind.LICENCE)),
    (gettext_lazy("Charged by usage"), (Plan.Kind.USAGE,)),
)


def _language() -> str:
    return (get_language() or "en")[:2]


def _name(plan: Plan, current: PlanVersion | None) -> str:
    if current is not None:
        return current.text("name", _language())
    draft = PlanDraft.objects.filter(plan=plan).first()
    return str(draft.terms["texts"]["en"].get("name", plan.code)) if draft else plan.code


@operator_page
def plan_list(request: OperatorRequest) -> HttpResponse:
    """All plans, add-ons and prices by usage with what runs on them."""
    use = plan_figures.use_by_version()
    plans = Plan.objects.prefetch_related("versions__prices").order_by("position", "code")
    drafts = set(PlanDraft.objects.values_list("plan_id", flat=True))
    rows = [_row(plan, use, plan.pk in drafts) for plan in plans]
    context = {
        "groups": [(label, [r for r in rows if r["plan"].kind in kinds]) for label, kinds in GROUPS],
        "held_back": [(v.plan, v.text("name", _language())) for v in catalogue.held_back()],
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
        "name": _name(plan, current),
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
        "name": _name(plan, current),
        "current": current,
        "prices": plan_wording.price_rows(plan.kind, terms) if terms else [],
        "terms": plan_wording.in_words(plan.kind, terms, _language()) if terms else [],
        "offered": OFFERED[plan_drafts.offered_to(plan) if current else "never"],
        "buyers": plan.buyers.order_by("name") if not plan.is_public else [],
        "versions": versions,
        "draft": _draft(plan, terms),
        "waiting": waiting.select_related("requested_by__user").first(),
        "delivered": _held_back(plan, terms, said),
    }
    return show(request, "saas/console/plan.html", "plans", context, status)


def _held_back(plan: Plan, terms: Terms | None, said: Terms | None) -> list[plan_wording.Difference]:
    """What the delivered catalogue says otherwise, where an operator's word counts."""
    if terms is None or said is None or plan.origin != Plan.Origin.OPERATOR or not terms.differs(said):
        return []
    return plan_wording.differences(plan.kind, terms, said, _language())


def _draft(plan: Plan, current: Terms | None) -> dict[str, Any] | None:
    """A draft in words: what changes, whom it reaches, what is unusual."""
    draft = PlanDraft.objects.filter(plan=plan).first()
    if draft is None:
        return None
    terms = plan_terms.from_json(draft.terms)
    running, trials = plan_figures.running_on(plan), len(plan_figures.trials_of(plan))
    return {
        "row": draft,
        "differences": plan_wording.differences(plan.kind, current, terms, _language()),
        "effect": plan_wording.effect(running, trials),
        "notes": plan_wording.notes(plan.kind, terms),
        "tight": [
            (one, *(plan_wording.shown_value(n, one.unit) for n in (one.used, one.most)))
            for one in plan_figures.too_small_for(plan, terms)
        ],
    }


def _features(plan: Plan, terms: Terms) -> list[Feature]:
    """What the form asks for: what the terms name, and for a delivered plan what the catalogue names by now."""
    said = catalogue.delivered(plan.code)
    codes = {*terms.features, *(said.features if said and plan.kind == Plan.Kind.PLAN else ())}
    return list(Feature.objects.filter(code__in=codes))


@operator_page(needs=Capability.MANAGE_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: OperatorRequest, code: str) -> HttpResponse:
    """The form of the next terms; `?from=delivered` begins with what the delivered catalogue says. Saving keeps a draft."""
    plan = get_object_or_404(Plan, code=code)
    draft, current = PlanDraft.objects.filter(plan=plan).first(), plan_drafts.current_of(plan)
    terms = plan_terms.from_json(draft.terms) if draft else None
    if terms is None and current is not None:
        terms = plan_terms.of_version(current)
    if request.GET.get("from") == "delivered":
        terms = catalogue.delivered(plan.code) or terms
    if terms is None:
        return redirect("plans:plan", code=plan.code)
    features = _features(plan, terms)
    first = initial(terms, features, draft.revision if draft else 0)
    form = TermsForm(plan, features, _language(), request.POST or None, initial=first)
    status = 200
    if request.method == "POST":
        saved, status = _save(request, plan, form, terms)
        if saved:
            say(request, _("The draft is kept. Nothing is on sale yet."))
            return redirect(f"{reverse('plans:plan', args=[plan.code])}#draft")
    context = {"plan": plan, "name": _name(plan, current), "form": form, "draft": draft}
    return show(request, "saas/console/plan_form.html", "plans", context, status)


def _save(request: OperatorRequest, plan: Plan, form: TermsForm, before: Terms) -> tuple[bool, int]:
    if not form.is_valid():
        return False, 422
    by = request.operator.email
    try:
        known = PlanDraft.objects.filter(plan=plan).values_list("revision", flat=True).first()
        kept = plan_drafts.save_draft(plan, form.terms(before), seen=form.cleaned_data["revision"], by=by)
    except TermsInvalid as invalid:
        for field, message in invalid.problems:
            form.add_error(field if field in form.fields else None, str(message))
        return False, 422
    except TenantRefusal as refusal:
        form.add_error(None, str(refusal.message))
        return False, refusal.status
    if kept.revision != known:
        approvals.withdraw(
            request.operator, PUT_ON_SALE, plan.code
        )  # somebody would approve what he has not read
        audit.record(by, "plan.draft_saved", plan=plan.code, revision=kept.revision)
    return True, 302


@operator_page(needs=Capability.MANAGE_MONEY)
@require_POST
def discard(request: OperatorRequest, code: str) -> HttpResponse:
    """Forget the draft; a plan that was never on sale goes with it."""
    plan = get_object_or_404(Plan, code=code)
    approvals.withdraw(request.operator, PUT_ON_SALE, plan.code)
    plan_drafts.discard_draft(plan)
    audit.record(request.operator.email, "plan.draft_discarded", plan=code)
    say(request, _("The draft is gone. What is on sale stays."))
    return redirect("plans:plan", code=code) if plan.pk else redirect("plans:plans")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Kept in the audit for good."),
    )


class SaleForm(ReasonForm):
    """Which draft was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@operator_page(needs=Capability.MANAGE_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def put_on_sale(request: OperatorRequest, code: str) -> HttpResponse:
    """Ask a second operator to put the draft on sale, the difference in front of the eyes."""
    plan = get_object_or_404(Plan, code=code)
    current = plan_drafts.current_of(plan)
    draft = _draft(plan, plan_terms.of_version(current) if current else None)
    if draft is None:
        return redirect("plans:plan", code=plan.code)
    form = SaleForm(request.POST or None, initial={"revision": draft["row"].revision})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            values = {
                "plan": plan.code,
                "revision": data["revision"],
                "changes": [str(d) for d in draft["differences"]],
                "reaches": draft["effect"],
            }
            try:
                plan_drafts.require_draft(plan, data["revision"])
                performing.ask(request.operator, ACT, values, data["reason"])
            except (Refused, TenantRefusal) as error:
                form.add_error(None, str(error.message))
                status = error.status
            else:
                say(request, _("A second operator has to approve “%(act)s” now.") % {"act": ACT.label})
                return redirect("plans:plan", code=plan.code)
    context = {"plan": plan, "name": _name(plan, current), "form": form, "draft": draft, "act": ACT}
    return show(request, "saas/console/plan_sale.html", "plans", context, status)


def _put_on_sale(operator: Operator, values: dict[str, Any], _reason: str) -> dict[str, Any]:
    plan = Plan.objects.filter(code=values["plan"]).first()
    if plan is None:
        raise Refused("plan.unknown", _("This plan is gone."), status=409)
    version = plan_drafts.put_on_sale(plan, values["revision"], by=operator.email)
    return {"version": version.number}


def _subject(values: dict[str, Any]) -> registry.Subject:
    code = values["plan"]
    return registry.Subject(code, _("Plan %(code)s") % {"code": code}, reverse("plans:plan", args=[code]))


def _shown(values: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(_("What changes"), "\n".join(values["changes"])), (_("Whom it reaches"), values["reaches"])]


ACT = registry.InstallationAct(
    PUT_ON_SALE,
    gettext_lazy("Put new terms on sale"),
    gettext_lazy(
        "They are sold from now on, everywhere plans are shown. Running subscriptions and trials keep the terms they have."
    ),
    _put_on_sale,
    _subject,
    _shown,
    Capability.MANAGE_MONEY,
)


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
        "name": _name(plan, current),
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


def register() -> None:
    """Add the page and the act; called once the apps are ready."""
    navigation.register_section(
        navigation.Section("plans", gettext_lazy("Plans"), "plans:plans", navigation.BILLING, order=40)
    )
    registry.register_installation_act(ACT)


urlpatterns = [
    path("", plan_list, name="plans"),
    path("new/", make, name="new"),
    path("<slug:code>/", plan_page, name="plan"),
    path("<slug:code>/draft/", write, name="write"),
    path("<slug:code>/draft/discard/", discard, name="discard"),
    path("<slug:code>/sale/", put_on_sale, name="sale"),
    path("<slug:code>/offer/", offer, name="offer"),
]
