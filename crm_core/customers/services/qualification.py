"""Qualifying a lead: account, contact and opportunity in one transaction (SAL-1)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm_core.customers.services.carry_over import carry_over
from crm_core.customers.services.field_mapping import (
    LEAD_TO_ACCOUNT,
    LEAD_TO_CONTACT,
    LEAD_TO_OPPORTUNITY,
    FieldMapping,
    mapped_values,
    secured_targets,
)
from crm_core.customers.services.related_work import activities_of
from crm_core.metadata import registry
from crm_core.metadata.errors import Invalid
from crm_core.metadata.types.reference import Reference
from crm_core.records import service


@dataclass
class Outcome:
    """What a lead became; each is a record that was created or chosen."""

    account: Reference | None = None
    contact: Reference | None = None
    opportunity: Reference | None = None

    def as_result(self) -> dict[str, str | None]:
        """Ids for the caller."""
        found = {"account_id": self.account, "contact_id": self.contact, "opportunity_id": self.opportunity}
        return {name: str(reference.id) if reference else None for name, reference in found.items()}


def qualify(context) -> dict[str, str | None]:
    """Create what was asked for, link it, close the lead; returns `account_id`, `contact_id`, `opportunity_id`.

    Raises Invalid `lead.qualify_nothing`, `lead.company_required`, `lead.last_name_required`, `lead.customer_required`;
    Conflict `record.duplicates_found` unless `allow_duplicates`; Forbidden where a right to create is missing.
    """
    asked = context.values
    _refuse_impossible(context)
    outcome = Outcome(asked.get("account_id"), asked.get("contact_id"))
    if asked.get("create_account") and outcome.account is None:
        outcome.account = _create(context, LEAD_TO_ACCOUNT, {})
    if asked.get("create_contact") and outcome.contact is None:
        parent = {"parent_customer": _json(outcome.account)} if outcome.account else {}
        outcome.contact = _create(context, LEAD_TO_CONTACT, parent)
    customer = asked.get("customer_id") or outcome.account or outcome.contact
    if asked.get("create_opportunity"):
        more = {"customer": _json(customer)} if customer else {}
        if outcome.contact and outcome.contact != customer:
            more["contact"] = _json(outcome.contact)
        outcome.opportunity = _create(context, LEAD_TO_OPPORTUNITY, more)
    lead = Reference(context.entity.name, context.record.pk, context.record.topic)
    target = outcome.opportunity or customer
    carry_over(lead, target, context.actor, move_open_activities=not asked.get("keep_open_activities"))
    context.set_state("qualified")
    context.update(qualified_at=timezone.now())
    return outcome.as_result()


def _refuse_impossible(context) -> None:
    """Everything that can be known before anything is created."""
    asked, lead = context.values, context.record
    given = asked.get("account_id") or asked.get("contact_id") or asked.get("customer_id")
    creates = [name for name in ("create_account", "create_contact", "create_opportunity") if asked.get(name)]
    if not creates and not given:
        raise Invalid(
            "lead.qualify_nothing", _("Say what the lead becomes: an account, a contact or an opportunity.")
        )
    if asked.get("create_account") and not asked.get("account_id") and not lead.company_name:
        raise Invalid(
            "lead.company_required", _("An account needs the lead's company."), field="create_account"
        )
    if asked.get("create_contact") and not asked.get("contact_id") and not lead.last_name:
        raise Invalid(
            "lead.last_name_required", _("A contact needs the lead's last name."), field="create_contact"
        )
    if (
        asked.get("create_opportunity")
        and not given
        and not {"create_account", "create_contact"} & set(creates)
    ):
        raise Invalid(
            "lead.customer_required", _("An opportunity needs a customer."), field="create_opportunity"
        )


def _create(context, mapping: FieldMapping, more: dict[str, Any]) -> Reference:
    """The new record, owned by whoever owns the lead."""
    entity = registry.get(mapping.target)
    values = {**mapped_values(mapping, context.entity, context.record), **more}
    values["originating_lead"] = str(context.record.pk)
    if context.record.owner_id:
        values["owner"] = str(context.record.owner_id)
    currency = context.values.get("currency") or context.record.currency
    if currency:
        values["currency"] = currency
    written = service.create(
        entity,
        values,
        context.actor,
        detect_duplicates=True,
        allow_duplicates=bool(context.values.get("allow_duplicates")),
        privileged=frozenset({"originating_lead"}) | secured_targets(mapping),
    )
    return Reference(entity.name, written.id, written.value(entity.primary))


def _json(reference: Reference) -> dict[str, str]:
    return {"object": reference.object, "id": str(reference.id)}


def cancel_open_activities(object_name: str, record_id: uuid.UUID, actor) -> int:
    """Cancel the open activities about a record; returns how many."""
    count = 0
    for query in activities_of(object_name, record_id, actor, only_open=True):
        if "cancel" not in query.entity.actions:
            continue
        for activity_id in query.ids():
            service.run_action(query.entity, "cancel", activity_id, {}, actor)
            count += 1
    return count
