"""The life of a plan in operators' hands: a draft of its next terms, put on sale, where it is offered (ASP-1 Plan, ASP-30)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Plan, PlanDraft, PlanVersion
from billing.providers import provider, provider_named
from billing.services import clock, plan_terms
from billing.services.plan_terms import Terms
from billing.services.purchase import told
from tenants.errors import TenantRefusal
from tenants.models import Tenant

_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)


def current_of(plan: Plan) -> PlanVersion | None:
    """The version that is current; None for a plan that was never on sale."""
    return plan.versions.filter(state=PlanVersion.State.CURRENT).select_related("plan").first()


def make_private(code: str, like: Plan, *, by: str) -> Plan:
    """A new plan for chosen workspaces, with the terms of `like` as its draft; nobody has it before it is on sale.

    Raises TenantRefusal 422 `plan.code_invalid`, 409 `plan.code_taken`.
    """
    if len(code) > 30 or not _CODE.fullmatch(code) or re.search(r"_v[0-9]", code):
        message = _("Small letters, digits and single _ only, 30 at most, a letter first.")
        raise TenantRefusal("plan.code_invalid", message, status=422, field="code")
    model = current_of(like)
    if like.kind != Plan.Kind.PLAN or model is None:
        raise TenantRefusal("plan.unknown", _("This plan is not on sale."), status=422, field="like")
    try:
        with transaction.atomic():
            made = Plan.objects.create(
                code=code, position=like.position, is_public=False, origin=Plan.Origin.OPERATOR
            )
            PlanDraft.objects.create(
                plan=made, terms=plan_terms.of_version(model).as_json(), changed_by=by[:254]
            )
    except IntegrityError:
        message = _("There is a plan with this code already.")
        raise TenantRefusal("plan.code_taken", message, status=409, field="code") from None
    return made


@transaction.atomic
def save_draft(plan: Plan, terms: Terms, *, seen: int, by: str) -> PlanDraft:
    """Keep terms that are being written. `seen` is the revision the writer had before him, 0 for none.

    The same terms again are no change (a second click). Raises TenantRefusal 409 `plan.draft_changed` when another
    operator saved in between, TermsInvalid.
    """
    plan_terms.check(plan.kind, terms)
    Plan.objects.select_for_update().get(pk=plan.pk)
    draft = PlanDraft.objects.filter(plan=plan).first()
    current = current_of(plan)
    kept, based_on = terms.as_json(), current.number if current else 0
    if draft is not None and (draft.terms, draft.based_on) == (kept, based_on):
        return draft
    if (draft.revision if draft else 0) != seen:
        message = _("Another operator has changed the draft meanwhile. Reload to see what he wrote.")
        raise TenantRefusal("plan.draft_changed", message, status=409)
    draft = draft or PlanDraft(plan=plan, revision=0)
    draft.terms, draft.based_on = kept, based_on
    draft.revision, draft.changed_by = draft.revision + 1, by[:254]
    draft.save()
    return draft


@transaction.atomic
def discard_draft(plan: Plan) -> None:
    """Forget the draft; a plan that was never on sale goes with it."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    PlanDraft.objects.filter(plan=plan).delete()
    if not plan.versions.exists():
        plan.delete()


def require_draft(plan: Plan, revision: int) -> PlanDraft:
    """The draft in the revision somebody read. Raises TenantRefusal 409 `plan.draft_changed`, `plan.terms_changed`,
    `plan.same_terms`."""
    draft = PlanDraft.objects.filter(plan=plan).first()
    if draft is None or draft.revision != revision:
        message = _("The draft is not the one you read any more. Look at it again.")
        raise TenantRefusal("plan.draft_changed", message, status=409)
    current = current_of(plan)
    if draft.based_on != (current.number if current else 0):
        message = _(
            "Other terms went on sale since the draft was written. Save it again after looking at them."
        )
        raise TenantRefusal("plan.terms_changed", message, status=409)
    if current is not None and plan_terms.of_version(current) == plan_terms.from_json(draft.terms):
        raise TenantRefusal("plan.same_terms", _("These are the terms on sale already."), status=409)
    return draft


@transaction.atomic
def put_on_sale(plan: Plan, revision: int, *, by: str) -> PlanVersion:
    """The draft becomes the current version, the one before retires; running subscriptions keep theirs.

    From now on `sync_catalogue` leaves the plan alone. Payment providers know the prices before anybody can choose
    them: when one does not answer nothing is changed. Raises TenantRefusal as `require_draft`, 503
    `provider.unavailable`, TermsInvalid.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    draft = require_draft(plan, revision)
    terms = plan_terms.from_json(draft.terms)
    plan_terms.check(plan.kind, terms)
    plan.origin = Plan.Origin.OPERATOR
    plan.save(update_fields=["origin"])
    version = plan_terms.write_version(plan, terms, by=by[:254])
    draft.delete()
    prices = list(version.prices.select_related("version__plan"))
    with told():
        for agent in {id(a): a for a in (provider_named("builtin"), provider())}.values():
            agent.sync_catalogue(prices)
    return version


@transaction.atomic
def offer_to(plan: Plan, whom: str, buyers: Iterable[Tenant] = ()) -> Plan:
    """Where a plan is offered: `everybody`, `chosen` workspaces, or `nobody` new. Who has it keeps it.

    Raises TenantRefusal 409 `plan.last_public`: without a public plan nobody could sign up.
    """
    # All plans, so that two operators cannot take the last two off sale at the same moment.
    rows = {row.pk: row for row in Plan.objects.select_for_update().order_by("pk")}
    plan = rows.pop(plan.pk)
    others = any(
        row.kind == Plan.Kind.PLAN and row.is_public and row.off_sale_at is None and current_of(row)
        for row in rows.values()
    )
    if plan.kind == Plan.Kind.PLAN and whom != "everybody" and not others:
        message = _("This is the last plan everybody can have. Nobody could sign up without it.")
        raise TenantRefusal("plan.last_public", message, status=409, field="whom")
    plan.origin = Plan.Origin.OPERATOR
    plan.is_public = whom == "everybody" or (whom == "nobody" and plan.is_public)
    plan.off_sale_at = (plan.off_sale_at or clock.now()) if whom == "nobody" else None
    plan.save(update_fields=["origin", "is_public", "off_sale_at"])
    plan.buyers.set(buyers if whom == "chosen" else [])
    return plan


def offered_to(plan: Plan) -> str:
    """`everybody`, `chosen` or `nobody`."""
    if plan.off_sale_at is not None:
        return "nobody"
    return "everybody" if plan.is_public else "chosen"
