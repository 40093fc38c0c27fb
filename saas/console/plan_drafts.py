"""A plan's next terms on the operators' console: written, kept, discarded, put on sale by two (ASP-1 Plan, ASP-30)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from billing.models import Feature, Plan, PlanDraft
from billing.services import catalogue, plan_drafts, plan_terms
from billing.services.plan_terms import Terms, TermsInvalid
from saas.console.plan_form import TermsForm, initial
from saas.console.plan_words import PUT_ON_SALE, draft_of, language, name_of
from tenants.errors import TenantRefusal
from tenants.operator import audit, registry
from tenants.operator.access import OperatorRequest, operator_page
from tenants.operator.errors import Refused
from tenants.operator.models import Capability, Operator
from tenants.operator.pages import say, show
from tenants.operator.registry import ReasonForm
from tenants.operator.services import approvals, performing


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
    form = TermsForm(plan, features, language(), request.POST or None, initial=first)
    status = 200
    if request.method == "POST":
        saved, status = _save(request, plan, form, terms)
        if saved:
            say(request, _("The draft is kept. Nothing is on sale yet."))
            return redirect(f"{reverse('plans:plan', args=[plan.code])}#draft")
    context = {"plan": plan, "name": name_of(plan, current), "form": form, "draft": draft}
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


class SaleForm(ReasonForm):
    """Which draft was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@operator_page(needs=Capability.MANAGE_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def put_on_sale(request: OperatorRequest, code: str) -> HttpResponse:
    """Ask a second operator to put the draft on sale, the difference in front of the eyes."""
    plan = get_object_or_404(Plan, code=code)
    current = plan_drafts.current_of(plan)
    draft = draft_of(plan, plan_terms.of_version(current) if current else None)
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
    context = {"plan": plan, "name": name_of(plan, current), "form": form, "draft": draft, "act": ACT}
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
