"""Retention rules of personal data: who was not touched for so many months is erased by night (CUS-15.8).

His addresses are not blocked: nobody asked to be forgotten, the workspace only keeps nothing longer than it needs.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from crm_core.exchange.models import PersonalRequest, RetentionRule
from crm_core.exchange.personal.erasure import erase_person
from crm_core.exchange.personal.scope import CAPABILITY, find
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Invalid, Malformed, NotFound
from crm_core.records import audit
from crm_core.records.query import Query
from crm_core.security.actor import Actor, system_actor
from tenants.jobs import register_sweep

KEYS = {"object", "state", "months"}
MOST_MONTHS = 240
A_NIGHT = 500
EVERYTHING = {"notes": True, "activities": True, "files": True, "requested": "retention rule"}

logger = logging.getLogger(__name__)


def objects() -> list[Entity]:
    """Objects whose records are people."""
    return [e for e in registry.all() if e.person is not None]


def object_json(entity: Entity) -> dict[str, Any]:
    """What a rule about an object can say."""
    states = [{"value": s.value, "label": str(s.label)} for s in entity.states]
    return {"name": entity.name, "label": str(entity.label_plural), "states": states}


def rows(actor: Actor) -> list[dict[str, Any]]:
    """All rules with how many people each would erase now. Raises Forbidden without the capability personal_data."""
    actor.require(CAPABILITY)
    found = list(RetentionRule.objects.order_by("object", "state"))
    return [_json(rule) for rule in found if rule.object in registry.current().entities]


def _json(rule: RetentionRule) -> dict[str, Any]:
    return {
        "id": str(rule.pk),
        "object": rule.object,
        "state": rule.state or None,
        "months": rule.months,
        "due": due(rule).total(),
        "created_by": rule.created_by_name,
        "created_at": rule.created_at.isoformat().replace("+00:00", "Z"),
    }


def checked(body: Mapping[str, Any], actor: Actor) -> RetentionRule:
    """The rule a body describes, not kept yet. Raises Forbidden, Malformed, Invalid with the field."""
    actor.require(CAPABILITY)
    entity = next((e for e in objects() if e.name == body.get("object")), None)
    if entity is None:
        raise Invalid("personal.not_a_person", "Records of this kind are not people.", field="object")
    state, months = body.get("state"), body.get("months")
    if state is not None and state not in {s.value for s in entity.states}:
        raise Invalid("state.unknown", "There is no such state.", field="state")
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= MOST_MONTHS:
        raise Malformed("request.malformed", f"months is a number from 1 to {MOST_MONTHS}.", field="months")
    return RetentionRule(
        object=entity.name,
        state=state or "",
        months=months,
        created_by=actor.user_id,
        created_by_name=actor.name,
    )


def preview(body: Mapping[str, Any], actor: Actor) -> dict[str, int]:
    """How many people a rule would erase. Raises as `checked`."""
    return {"due": due(checked(body, actor)).total()}


@transaction.atomic
def create(body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A new rule; it takes effect the next night. Raises as `checked`, Conflict `retention.exists`."""
    rule = checked(body, actor)
    try:
        with transaction.atomic():
            rule.save(force_insert=True)
    except IntegrityError:
        raise Conflict("retention.exists", "There is such a rule already.", field="state") from None
    audit.note(actor, "retention_rule", "create", {"rule": [None, _facts(rule)]}, rule.pk)
    rule.refresh_from_db()
    return _json(rule)


@transaction.atomic
def delete(rule_id: uuid.UUID, actor: Actor) -> None:
    """Raises Forbidden, NotFound."""
    actor.require(CAPABILITY)
    rule = RetentionRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("retention.unknown", "There is no such rule.")
    audit.note(actor, "retention_rule", "delete", {"rule": [_facts(rule), None]}, rule.pk)
    rule.delete()


def _facts(rule: RetentionRule) -> dict[str, Any]:
    return {"object": rule.object, "state": rule.state or None, "months": rule.months}


def due(rule: RetentionRule) -> Query:
    """The people a rule is about: in its state, neither changed nor contacted for so long, and not erased before."""
    entity = registry.get(rule.object)
    before = timezone.now() - relativedelta(months=rule.months)
    quiet = Q(modified_at__lt=before)
    if "last_contacted_at" in entity.attributes:
        quiet &= Q(last_contacted_at=None) | Q(last_contacted_at__lt=before)
    if "next_activity_at" in entity.attributes:
        quiet &= Q(next_activity_at=None)
    if rule.state:
        quiet &= Q(state=rule.state)
    gone = PersonalRequest.objects.filter(kind="erasure", object=rule.object).values("record_id")
    return Query(entity, system_actor()).where(quiet).where(~Q(pk__in=gone))


def erase_due() -> int:
    """The nightly sweep: erase up to 500 people, each in a transaction of its own; returns how many."""
    workspace.begin()
    done = 0
    for rule in RetentionRule.objects.order_by("pk"):
        if rule.object not in registry.current().entities:
            continue
        for record_id in due(rule).ids(A_NIGHT - done):
            try:
                with transaction.atomic():
                    person = find(registry.get(rule.object), record_id, system_actor())
                    erase_person(person, EVERYTHING, system_actor(), blocking=False)
                done += 1
            except CrmError:
                logger.exception("A retention rule could not erase %s", record_id)
    return done


def register() -> None:
    """Called once when the app is ready."""
    register_sweep("exchange.retention", 86_400, erase_due)
