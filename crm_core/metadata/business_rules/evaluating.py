"""What the business rules of an object say about one record: what is required, hidden, locked, set, refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_core.metadata.business_rules.conditions import Values, holds, is_empty
from crm_core.metadata.conditions import names_in
from crm_core.metadata.entity import Attribute, BusinessRule


@dataclass
class Effects:
    """`values` are what the rules set; `violations` are rows {"rule", "attribute", "code"} that refuse a write."""

    required: list[str] = field(default_factory=list)
    recommended: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    holding: list[str] = field(default_factory=list)
    violations: list[dict[str, Any]] = field(default_factory=list)


def evaluate(
    attributes: Mapping[str, Attribute],
    rules: Sequence[BusinessRule],
    values: Values,
    *,
    before: Values | None = None,
    changed: Collection[str] = (),
    emptied: Collection[str] = (),
) -> Effects:
    """Effects of `rules`, in their order, on a record with `values` (JSON forms).

    `before` are the values as stored, None for a new record; `changed` are the attributes this write changes. A rule
    refuses only writes that touch what it reads or acts on, so that old records stay editable in other places.
    `emptied` are attributes a new record is explicitly without: no default fills them again.
    """
    effects = Effects()
    now = dict(values)
    for rule in rules:
        held = holds(attributes, rule.when, now)
        if held:
            effects.holding.append(rule.key)
        reads = set(names_in(rule.when))
        for action in rule.then:
            name = action.get("attribute")
            touched = before is None or bool((reads | {name}) & set(changed))
            _act(effects, rule, action, name, held, now, attributes, before, changed, touched, emptied)
    _refuse_missing(effects, rules, now, before, changed)
    return effects


def _act(
    effects: Effects, rule: BusinessRule, action: Mapping[str, Any], name: Any, held: bool, now: dict[str, Any],
    attributes: Mapping[str, Attribute], before: Values | None, changed: Collection[str], touched: bool,
    emptied: Collection[str],
) -> None:  # fmt: skip
    kind = action["action"]
    if kind == "show":
        if not held:
            _add(effects.hidden, name)
        return
    if not held:
        return
    if kind == "hide":
        _add(effects.hidden, name)
    elif kind == "require":
        _add(effects.required, name)
    elif kind == "recommend":
        _add(effects.recommended, name)
    elif kind == "lock":
        _add(effects.locked, name)
        # what was open when the write began may still be changed by the write that closes it
        if before is not None and name in changed and holds(attributes, rule.when, before):
            effects.violations.append({"rule": rule.key, "attribute": name, "code": "rule.locked"})
    elif kind == "default" and name in emptied:
        return
    elif kind == "set" or (kind == "default" and before is None and is_empty(now.get(name))):
        if now.get(name) != action.get("value"):
            now[name] = effects.values[name] = action.get("value")
    elif kind == "error" and touched:
        effects.violations.append({"rule": rule.key, "attribute": name, "code": "rule.refused"})


def _refuse_missing(
    effects: Effects,
    rules: Sequence[BusinessRule],
    now: Values,
    before: Values | None,
    changed: Collection[str],
) -> None:
    for rule in rules:
        if rule.key not in effects.holding:
            continue
        reads = set(names_in(rule.when))
        for action in rule.then:
            name = str(action.get("attribute"))
            if action["action"] != "require" or name in effects.hidden or not is_empty(now.get(name)):
                continue
            if before is None or (reads | {name}) & set(changed):
                effects.violations.append({"rule": rule.key, "attribute": name, "code": "value.required"})


def _add(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)
