"""What the pages about plans share: how a plan is called and its draft in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from billing.models import Plan, PlanDraft, PlanVersion
from billing.services import plan_figures, plan_terms, plan_wording
from billing.services.plan_terms import Terms

PUT_ON_SALE = "plan.put_on_sale"


def language() -> str:
    return (get_language() or "en")[:2]


def name_of(plan: Plan, current: PlanVersion | None) -> str:
    if current is not None:
        return current.text("name", language())
    draft = PlanDraft.objects.filter(plan=plan).first()
    return str(draft.terms["texts"]["en"].get("name", plan.code)) if draft else plan.code


def draft_of(plan: Plan, current: Terms | None) -> dict[str, Any] | None:
    """A draft in words: what changes, whom it reaches, what is unusual."""
    draft = PlanDraft.objects.filter(plan=plan).first()
    if draft is None:
        return None
    terms = plan_terms.from_json(draft.terms)
    running, trials = plan_figures.running_on(plan), len(plan_figures.trials_of(plan))
    return {
        "row": draft,
        "differences": plan_wording.differences(plan.kind, current, terms, language()),
        "effect": plan_wording.effect(running, trials),
        "notes": plan_wording.notes(plan.kind, terms),
        "tight": [
            (one, *(plan_wording.shown_value(n, one.unit) for n in (one.used, one.most)))
            for one in plan_figures.too_small_for(plan, terms)
        ],
    }
