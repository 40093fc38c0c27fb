"""The customizer's rules on a write by any channel: screen, API, import, bulk edit, action (PLT-10)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm_core.metadata.business_rules import evaluate
from crm_core.metadata.conditions import names_in
from crm_core.metadata.entity import BusinessRule
from crm_core.metadata.errors import Invalid, ValidationFailed
from crm_core.metadata.labels import TenantLabel
from crm_core.records.change import Change
from crm_core.security import access


def enforce(change: Change) -> None:
    """Set what the rules set, refuse what they refuse. Raises ValidationFailed with each field."""
    entity = change.entity
    rules = entity.business_rules
    names = {n for rule in rules for n in names_in(rule.when)} | {a["attribute"] for r in rules for a in r.then if a.get("attribute")}  # fmt: skip
    values = {n: _json(change, n, change.get(n)) for n in names}
    before = None if change.is_create else {n: _json(change, n, change.old(n)) for n in names}
    changed = {n for n in names if change.changed(n)}
    emptied = {n for n in names if change.is_create and change.was_given(n) and change.get(n) is None}
    effects = evaluate(entity.attributes, rules, values, before=before, changed=changed, emptied=emptied)
    for name, value in effects.values.items():
        attribute = entity.attributes[name]
        change.set(name, attribute.type.parse(attribute, value))
    if effects.violations:
        raise ValidationFailed([_refusal(change, violation, rules) for violation in effects.violations])


def _may_know(change: Change, rule: BusinessRule) -> bool:
    """Whether the writer may see what the rule looks at; else its words would tell him (PLT-41). It holds all the same."""
    seen = [change.entity.attributes[n] for n in names_in(rule.when)]
    return all(access.readable(change.entity, attribute, change.actor) for attribute in seen)


def _json(change: Change, name: str, value: Any) -> Any:
    return change.entity.attributes[name].type.to_json(change.entity.attributes[name], value)


def _refusal(change: Change, violation: dict[str, Any], rules: tuple[BusinessRule, ...]) -> Invalid:
    name, code = violation["attribute"], violation["code"]
    rule = next(r for r in rules if r.key == violation["rule"])
    details = {"rule": rule.key, "rule_label": str(rule.label)}
    if not _may_know(change, rule):
        return Invalid(code, str(_("A rule of this workspace does not allow this.")), field=name)
    if code == "rule.refused":
        action = next(a for a in rule.then if a["action"] == "error" and a.get("attribute") == name)
        message = str(TenantLabel(action["message"], action.get("messages")))
        return Invalid(code, message, field=name, details=details)
    label = change.entity.attributes[name].label
    text = (
        _("%(field)s is needed.") % {"field": label}
        if code == "value.required"
        else _("%(field)s cannot be changed now (%(rule)s).") % {"field": label, "rule": rule.label}
    )
    return Invalid(code, str(text), field=name, details=details)
