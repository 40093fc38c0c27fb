"""Editing duplicate rules: checked before anything changes; a published rule is unpublished first (CUS-10.1, CUS-10.6)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm_core.metadata import registry, workspace
from crm_core.metadata.customization import locks
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, Invalid, NotFound
from crm_core.metadata.models import Organization
from crm_core.records.duplicates import normalising, rules
from crm_core.records.duplicates.publishing import start_publishing
from crm_core.records.models import DuplicateRule, MatchCode
from crm_core.security.actor import Actor

MAX_PUBLISHED = 5
MAX_CODE = 450
MAX_CONDITIONS = 8
MAX_SUFFIXES = 300
FIELDS = frozenset({"name", "base_object", "matching_object", "conditions", "case_sensitive", "exclude_inactive", "blocks"})  # fmt: skip
CONDITION_FIELDS = frozenset({"attribute", "matching_attribute", "operator", "n", "ignore_blank"})
_TEXTS = ("text", "memo", "auto")
_UNCOMPARABLE = ("file", "multi", "parties", "regarding", "state", "status_reason")
_OF_FORMAT = {"phone": ("phone",), "email": ("email",), "domain": ("email", "url")}


def listed() -> dict[str, Any]:
    """All rules with what the editor needs: operators and the list of legal forms."""
    rules.deliver()
    entities = registry.current().entities
    rows = DuplicateRule.objects.order_by("base_object", "matching_object", "created_at", "id")
    own = workspace.current().settings.get("company_suffixes")
    return {
        "rows": [rule_json(r) for r in rows if r.base_object in entities and r.matching_object in entities],
        "operators": list(normalising.OPERATORS),
        "suffixes": sorted(own if own is not None else normalising.COMPANY_SUFFIXES),
        "suffixes_changed": own is not None,
    }


def rule_json(row: DuplicateRule) -> dict[str, Any]:
    return {
        "id": str(row.pk), "name": row.name, "base_object": row.base_object, "matching_object": row.matching_object,
        "conditions": row.conditions, "case_sensitive": row.case_sensitive, "exclude_inactive": row.exclude_inactive,
        "blocks": row.blocks, "state": row.state, "delivered": row.key is not None,
    }  # fmt: skip


def find(rule_id: uuid.UUID, *, lock: bool = False) -> DuplicateRule:
    """Raises NotFound `dedup.unknown_rule`."""
    rows = DuplicateRule.objects.select_for_update() if lock else DuplicateRule.objects
    row = rows.filter(pk=rule_id).first()
    if row is None:
        raise NotFound("dedup.unknown_rule", "There is no such duplicate rule.")
    return row


@transaction.atomic
def create(values: Mapping[str, Any], actor: Actor) -> DuplicateRule:
    """A new unpublished rule. Raises Forbidden, Invalid with the path of what is wrong."""
    actor.require("customize")
    row = DuplicateRule()
    _take(row, {"matching_object": values.get("base_object"), **values}, new=True)
    row.save(force_insert=True)
    return row


@transaction.atomic
def change(rule_id: uuid.UUID, values: Mapping[str, Any], actor: Actor) -> DuplicateRule:
    """Change an unpublished rule; only whether it refuses or warns may change at any time.

    Raises Conflict `dedup.rule_is_published`.
    """
    actor.require("customize")
    row = find(rule_id, lock=True)
    _refuse_locked(row)
    if row.state != "unpublished" and set(values) - {"blocks", "name"}:
        raise Conflict("dedup.rule_is_published", "Turn the rule off before you change it.")
    _take(row, values, new=False)
    row.save()
    workspace.bump("security_version")
    return row


@transaction.atomic
def publish(rule_id: uuid.UUID, actor: Actor) -> DuplicateRule:
    """Compute the rule's match codes in the background; it works when they are complete (CUS-10.6).

    Raises Conflict `dedup.too_many_rules` when the object has five rules in force already (CUS-10.1).
    """
    actor.require("customize")
    Organization.objects.select_for_update().get(pk=1)  # two admins publish the fifth and sixth rule at once
    row = find(rule_id, lock=True)
    _refuse_locked(row)
    if row.state != "unpublished":
        return row
    _check(row)
    others = DuplicateRule.objects.filter(base_object=row.base_object).exclude(state="unpublished")
    if others.count() >= MAX_PUBLISHED:
        raise Conflict("dedup.too_many_rules", f"At most {MAX_PUBLISHED} rules of an object are on at once.")
    row.state = "publishing"
    row.save(update_fields=["state"])
    workspace.bump("security_version")
    start_publishing(row, actor)
    return row


@transaction.atomic
def unpublish(rule_id: uuid.UUID, actor: Actor) -> DuplicateRule:
    """Turn the rule off; its codes go."""
    actor.require("customize")
    row = find(rule_id, lock=True)
    _refuse_locked(row)
    row.state = "unpublished"
    row.save(update_fields=["state"])
    MatchCode.objects.filter(rule_id=row.pk).delete()
    workspace.bump("security_version")
    return row


@transaction.atomic
def remove(rule_id: uuid.UUID, actor: Actor) -> None:
    """Delete a rule of the workspace's own. Raises Conflict `dedup.rule_is_delivered`: those are only turned off."""
    actor.require("customize")
    row = find(rule_id, lock=True)
    _refuse_locked(row)
    if row.key is not None:
        raise Conflict("dedup.rule_is_delivered", "Delivered rules are turned off, not deleted.")
    row.delete()
    workspace.bump("security_version")


def _refuse_locked(row: DuplicateRule) -> None:
    """Raises Conflict `solution.locked` for a rule a managed solution does not let change (PLT-12)."""
    locks.refuse("duplicate_rule", row.base_object, f"@{row.key}" if row.key else row.name)


@transaction.atomic
def set_suffixes(words: Any, actor: Actor) -> None:
    """Replace the list of legal forms (None: the delivered list); rules that use it are computed anew (CUS-10.2)."""
    actor.require("customize")
    organization = Organization.objects.select_for_update().get(pk=1)
    if words is None:
        organization.settings.pop("company_suffixes", None)
    else:
        valid = isinstance(words, list) and len(words) <= MAX_SUFFIXES
        if not valid or not all(isinstance(w, str) and 0 < len(w.strip()) <= 40 for w in words):
            raise Invalid(
                "dedup.suffixes", f"At most {MAX_SUFFIXES} words of 1 to 40 characters.", field="suffixes"
            )
        organization.settings["company_suffixes"] = sorted(
            {normalising.text(w).replace(".", "") for w in words}
        )
    organization.save(update_fields=["settings"])
    for row in DuplicateRule.objects.select_for_update().exclude(state="unpublished"):
        if any(c["operator"] == "company" for c in row.conditions):
            MatchCode.objects.filter(rule_id=row.pk).delete()
            row.state = "publishing"
            row.save(update_fields=["state"])
            start_publishing(row, actor)
    workspace.bump("security_version")


def checked(values: Mapping[str, Any]) -> DuplicateRule:
    """A rule of these values that is not kept. Raises Invalid with the path of what is wrong."""
    row = DuplicateRule()
    _take(row, {"matching_object": values.get("base_object"), **values}, new=True)
    return row


def _take(row: DuplicateRule, values: Mapping[str, Any], *, new: bool) -> None:
    for name in ("case_sensitive", "exclude_inactive", "blocks"):
        if name in values:
            if not isinstance(values[name], bool):
                raise Invalid("value.wrong_type", "True or false is needed.", field=name)
            setattr(row, name, values[name])
    for name in ("base_object", "matching_object"):
        if name in values:
            setattr(row, name, _object(values[name], name).name)
    if "conditions" in values:
        row.conditions = _conditions(row, values["conditions"])
    _check(row)
    if "name" in values or new:
        given = values.get("name")
        if given is not None and (not isinstance(given, str) or len(given.strip()) > 160):
            raise Invalid("value.too_long", "A name of at most 160 characters.", field="name")
        row.name = (given or "").strip() or _name(row)


def _name(row: DuplicateRule) -> str:
    base = registry.get(row.base_object)
    return " + ".join(str(base.attributes[c["attribute"]].label) for c in row.conditions)[:160]


def _object(name: Any, field: str) -> Entity:
    entity = registry.current().entities.get(name) if isinstance(name, str) else None
    if entity is None or entity.internal or entity.group == "administration":
        raise Invalid("object.unknown", "There is no such object.", field=field)
    return entity


def _conditions(row: DuplicateRule, raw: Any) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_CONDITIONS:
        raise Invalid("dedup.conditions", f"1 to {MAX_CONDITIONS} conditions.", field="conditions")
    return [_condition(row, one, f"conditions.{i}") for i, one in enumerate(raw)]


def _condition(row: DuplicateRule, raw: Any, path: str) -> dict[str, Any]:
    if not isinstance(raw, dict) or set(raw) - CONDITION_FIELDS:
        raise Invalid(
            "dedup.conditions", "attribute, matching_attribute, operator, n, ignore_blank.", field=path
        )
    operator, n = raw.get("operator", "same"), raw.get("n")
    if operator not in normalising.OPERATORS:
        raise Invalid("dedup.unknown_operator", "There is no such comparison.", field=f"{path}.operator")
    if operator in ("begins", "ends"):
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= 200:
            raise Invalid("dedup.length", "1 to 200 characters.", field=f"{path}.n")
    elif n is not None:
        raise Invalid("dedup.length", "Only for the first or last characters.", field=f"{path}.n")
    blank = raw.get("ignore_blank", True)
    if not isinstance(blank, bool):
        raise Invalid("value.wrong_type", "True or false is needed.", field=f"{path}.ignore_blank")
    ours: Any = raw.get("attribute")
    return rules.Condition(ours, raw.get("matching_attribute") or ours, operator, n, blank).as_json()


def _check(row: DuplicateRule) -> None:
    """Every attribute must exist and suit its comparison; the match code stays short (CUS-10.1)."""
    base, target = _object(row.base_object, "base_object"), _object(row.matching_object, "matching_object")
    if not row.conditions:
        raise Invalid("dedup.conditions", f"1 to {MAX_CONDITIONS} conditions.", field="conditions")
    length = 0
    for i, one in enumerate(row.conditions):
        condition = rules.Condition(**one)
        for entity, name, key in (
            (base, condition.attribute, "attribute"),
            (target, condition.matching_attribute, "matching_attribute"),
        ):
            attribute = entity.attributes.get(name) if isinstance(name, str) else None
            if attribute is None:
                raise Invalid("attribute.unknown", "There is no such field.", field=f"conditions.{i}.{key}")
            _suits(attribute, condition.operator, f"conditions.{i}.{key}")
        length += condition.n or _length(target.attributes[condition.matching_attribute], condition.operator)
    if length > MAX_CODE:
        raise Invalid(
            "dedup.matchcode_too_long",
            f"Together at most {MAX_CODE} characters are compared; compare only the first characters of long fields.",
            field="conditions",
            details={"length": length},
        )
    if all(c["operator"] == "similar" for c in row.conditions):
        name = row.conditions[0]["matching_attribute"]
        if not target.attributes[name].searchable:
            raise Invalid(
                "dedup.similar_needs_searchable",
                "A rule with similar texts only needs a field that the search knows.",
                field="conditions.0.matching_attribute",
            )


def _length(attribute: Attribute, operator: str) -> int:
    if operator == "similar":
        return 0  # not part of the match code
    if attribute.type.name in _TEXTS:
        return {"email": 254, "phone": 20, "domain": 253}.get(operator) or attribute.max_length or 4000
    return 40


def _suits(attribute: Attribute, operator: str, path: str) -> None:
    kind = attribute.type.name
    dates = kind in ("date", "datetime")
    suits = kind not in _UNCOMPARABLE
    if operator == "same_date":
        suits = dates
    elif operator in _OF_FORMAT:
        suits = attribute.format in _OF_FORMAT[operator]
    elif operator not in ("same",):
        suits = kind in _TEXTS
    if not suits or attribute.is_derived:
        raise Invalid(
            "dedup.operator_does_not_suit", f"{attribute.label} cannot be compared like this.", field=path
        )
