"""Business rules in the draft: their shape, what they may name, and that none sets another going for ever (PLT-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_core.metadata.business_rules.conditions import NUMBERS, OPERATORS, is_comparable
from crm_core.metadata.conditions import names_in
from crm_core.metadata.customization.definitions import label_text, only_keys, translations
from crm_core.metadata.entity import Attribute, BusinessRule, Entity
from crm_core.metadata.errors import CrmError, Invalid
from crm_core.metadata.labels import TenantLabel

MAX_RULES = 100
MAX_ACTIONS = 20
MAX_CONDITIONS = 50
MAX_DEPTH = 6
RULE_KEYS = {"label", "labels", "when", "then", "active"}
ACTIONS = ("require", "recommend", "show", "hide", "lock", "set", "default", "error")
SETTABLE = (*NUMBERS, "text", "memo", "bool", "pick", "multi", "date", "datetime")


def checked_rule(definition: Any) -> dict[str, Any]:
    """A rule's document, cleaned in shape; `check_rule` checks it against its object. Raises Invalid with the path."""
    only_keys(definition, RULE_KEYS)
    when = definition.get("when") or None
    if when is not None:
        _tree(when, "when", 0)
        if len(list(names_in(when))) > MAX_CONDITIONS:
            raise Invalid("rule.too_large", f"At most {MAX_CONDITIONS} conditions.", field="when")
    actions = definition.get("then")
    if not isinstance(actions, list) or not 1 <= len(actions) <= MAX_ACTIONS:
        raise Invalid("rule.actions", f"A rule does 1 to {MAX_ACTIONS} things.", field="then")
    return {
        "label": label_text(definition, "label"),
        "labels": translations(definition, "labels"),
        "active": definition.get("active") is not False,
        "when": when,
        "then": [_action(a, f"then.{i}") for i, a in enumerate(actions)],
    }


def _tree(tree: Any, path: str, depth: int) -> None:
    if not isinstance(tree, dict) or depth > MAX_DEPTH:
        raise Invalid("filter.malformed", "A condition has attribute, operator and value.", field=path)
    for key in ("and", "or"):
        if set(tree) == {key}:
            if not isinstance(tree[key], list) or len(tree[key]) > MAX_CONDITIONS:
                raise Invalid("filter.malformed", "A list of conditions is needed.", field=f"{path}.{key}")
            for index, part in enumerate(tree[key]):
                _tree(part, f"{path}.{key}.{index}", depth + 1)
            return
    if set(tree) == {"not"}:
        _tree(tree["not"], f"{path}.not", depth + 1)
        return
    if set(tree) - {"attribute", "operator", "value"} or not isinstance(tree.get("attribute"), str):
        raise Invalid("rule.condition", "A rule looks at fields of its own record.", field=path)
    if not isinstance(tree.get("operator", "eq"), str):
        raise Invalid("filter.unknown_operator", "The operator's name is needed.", field=path)


def _action(action: Any, path: str) -> dict[str, Any]:
    if not isinstance(action, dict) or set(action) - {"action", "attribute", "value", "message", "messages"}:
        raise Invalid("rule.action", "An action has action, attribute, value and message.", field=path)
    kind, name = action.get("action"), action.get("attribute")
    if kind not in ACTIONS:
        raise Invalid("rule.action", f"One of {', '.join(ACTIONS)}.", field=f"{path}.action")
    if not isinstance(name, str) and not (kind == "error" and name is None):
        raise Invalid("rule.attribute", "Choose a field.", field=f"{path}.attribute")
    cleaned: dict[str, Any] = {"action": kind, "attribute": name}
    try:
        if kind == "error":
            cleaned["message"] = label_text(action, "message", limit=300)
            cleaned["messages"] = translations(action, "messages", limit=300)
    except Invalid as error:
        raise Invalid(error.code, error.message, field=f"{path}.{error.field}") from None
    if kind in ("set", "default"):
        cleaned["value"] = action.get("value")
    return cleaned


def check_rule(entity: Entity, document: Mapping[str, Any]) -> None:
    """Whether the rule can work on `entity` as the draft would have it. Raises Invalid with the path in the document."""
    _check_tree(entity.attributes, document.get("when"), "when")
    for index, action in enumerate(document["then"]):
        if action.get("attribute") is not None:
            _check_action(entity, action, f"then.{index}")
    loop = find_loop(entity.business_rules)
    if document["key"] in loop:
        names = " → ".join(str(r.label) for r in entity.business_rules if r.key in loop)
        raise Invalid("rule.loop", f"These rules set each other going for ever: {names}.", field="then")


def _check_tree(attributes: Mapping[str, Attribute], tree: Any, path: str) -> None:
    if not tree:
        return
    for key in ("and", "or"):
        if key in tree:
            for index, part in enumerate(tree[key]):
                _check_tree(attributes, part, f"{path}.{key}.{index}")
            return
    if "not" in tree:
        _check_tree(attributes, tree["not"], f"{path}.not")
        return
    attribute = attributes.get(tree["attribute"])
    if attribute is None:
        raise Invalid(
            "attribute.unknown", f"There is no field “{tree['attribute']}”.", field=f"{path}.attribute"
        )
    if attribute.is_derived:
        raise Invalid(
            "rule.calculated",
            f"Rules look at what is entered, not at calculated fields such as {attribute.label}.",
            field=f"{path}.attribute",
        )
    operator, value, kind = tree.get("operator", "eq"), tree.get("value"), attribute.type.name
    if operator not in OPERATORS.get(kind, ()):
        raise Invalid(
            "rule.operator",
            f"Rules cannot use “{operator}” with {attribute.label}.",
            field=f"{path}.operator",
        )
    if operator in ("empty", "not_empty"):
        return
    operands = value if isinstance(value, list) else [value]
    several = operator in ("in", "not_in", "between", "has_any", "has_all", "has_none")
    of_kind = "pick" if kind == "multi" else "text" if kind == "memo" else kind
    if isinstance(value, list) != several and not (kind == "multi" and not isinstance(value, list)):
        raise Invalid(
            "filter.invalid_value", f"{attribute.label}: another value is needed.", field=f"{path}.value"
        )
    if not 1 <= len(operands) <= 200 or (operator == "between" and len(operands) != 2):
        raise Invalid(
            "filter.invalid_value", f"{attribute.label}: another value is needed.", field=f"{path}.value"
        )
    if not all(is_comparable(of_kind, item) for item in operands):
        raise Invalid(
            "filter.invalid_value", f"{attribute.label}: another value is needed.", field=f"{path}.value"
        )


def _check_action(entity: Entity, action: Mapping[str, Any], path: str) -> None:
    attribute = entity.attributes.get(action["attribute"])
    kind = action["action"]
    if attribute is None:
        raise Invalid(
            "attribute.unknown", f"There is no field “{action['attribute']}”.", field=f"{path}.attribute"
        )
    if kind in ("set", "default", "require", "recommend", "lock") and attribute.read_only:
        raise Invalid(
            "attribute.read_only", f"{attribute.label} cannot be changed.", field=f"{path}.attribute"
        )
    if kind in ("hide", "show") and attribute.required and attribute.default is None:
        raise Invalid(
            "rule.hides_required", f"{attribute.label} is always needed.", field=f"{path}.attribute"
        )
    if kind in ("set", "default"):
        if attribute.type.name not in SETTABLE or attribute.system:
            raise Invalid(
                "rule.not_settable", f"Rules cannot set {attribute.label}.", field=f"{path}.attribute"
            )
        try:
            attribute.type.parse(attribute, action.get("value"))
        except CrmError as error:
            raise Invalid(error.code, error.message, field=f"{path}.value") from None


def _sets(rule: BusinessRule) -> set[str]:
    return {a["attribute"] for a in rule.then if a["action"] in ("set", "default")}


def _follows(rule: BusinessRule, other: BusinessRule) -> bool:
    """Whether `other` may hold or not because of what `rule` sets. A default of its own condition settles at once."""
    if rule.key == other.key:
        return bool({a["attribute"] for a in rule.then if a["action"] == "set"} & set(names_in(rule.when)))
    return bool(_sets(rule) & set(names_in(other.when)))


def find_loop(rules: Sequence[BusinessRule]) -> set[str]:
    """Keys of the rules that are on a loop of setting and reading; empty when all come to rest."""
    following = {r.key: {o.key for o in rules if _follows(r, o)} for r in rules}
    reach = {key: set(nexts) for key, nexts in following.items()}
    for _round in rules:
        for key in reach:
            reach[key] |= {n for step in list(reach[key]) for n in following[step]}
    return {key for key, reached in reach.items() if key in reached}


def with_rules(entity: Entity, documents: Mapping[str, dict[str, Any]]) -> Entity:
    """`entity` with its active rules, each after those whose values it reads."""
    rules = [
        BusinessRule(key, TenantLabel(d["label"], d.get("labels")), d.get("when"), tuple(d["then"]), d.get("position", 0))
        for key, d in documents.items()
        if d.get("active", True) and _known(entity, d)
    ]  # fmt: skip
    return (
        replace(entity, business_rules=_ordered(sorted(rules, key=lambda r: (r.position, r.key))))
        if rules
        else entity
    )


def _known(entity: Entity, document: Mapping[str, Any]) -> bool:
    named = set(names_in(document.get("when"))) | {
        a["attribute"] for a in document["then"] if a.get("attribute")
    }
    return named <= set(entity.attributes)


def _ordered(rules: list[BusinessRule]) -> tuple[BusinessRule, ...]:
    """In their own order, but never before a rule that sets what they read; a loop (never published) keeps its order."""
    left, done = list(rules), []
    while left:
        free = next((r for r in left if not any(o is not r and _follows(o, r) for o in left)), left[0])
        left.remove(free)
        done.append(free)
    return tuple(done)
