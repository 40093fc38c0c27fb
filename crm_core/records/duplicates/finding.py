"""Finding possible duplicates of a record by the workspace's rules: match codes first, similar texts by trigrams (CUS-10)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, TextField

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError
from crm_core.metadata.record import Record
from crm_core.records.change import Change
from crm_core.records.duplicates import codes
from crm_core.records.duplicates.normalising import SIMILAR_FROM, similarity
from crm_core.records.duplicates.rules import Rule, rules_from
from crm_core.records.facts import fact_texts
from crm_core.records.models import MatchCode
from crm_core.records.query.filters import base_rows
from crm_core.records.query.selecting import Selection
from crm_core.security import access
from crm_core.security.actor import Actor
from tenants.postgresql.statement import Statement, slot

TextField.register_lookup(TrigramWordSimilar)

LIMIT = 20
CANDIDATES = 200

Value = Callable[[str], Any]


def find(
    entity: Entity,
    values: dict[str, Any],
    actor: Actor,
    *,
    exclude: uuid.UUID | None = None,
    rules: Sequence[Rule] | None = None,
) -> dict[str, Any]:
    """`{"matches": [...], "hidden": n}`: up to 20 matches the actor may read, the others only counted (CUS-10.4).

    `values` are in stored form. Each match says in `attributes` what agrees.
    """
    wanted: dict[str, list[Rule]] = {}
    for rule in rules_from(entity.name) if rules is None else rules:
        if may_compare(entity, rule, actor):
            wanted.setdefault(rule.matching_object, []).append(rule)
    found: dict[str, Any] = {"matches": [], "hidden": 0}
    hits = _hits(entity, [rule for rules_to_one in wanted.values() for rule in rules_to_one], values.get)
    complete = len(hits) < CANDIDATES  # else one object's hits may hide another's
    for name in sorted(wanted, key=lambda n: n != entity.name):
        target = registry.get(name)
        if not complete:
            hits = _hits(entity, wanted[name], values.get)
        matching = _matching(entity, target, wanted[name], values.get, exclude, hits)
        shown = _shown(target, matching, actor, LIMIT - len(found["matches"]))
        found["matches"] += shown
        found["hidden"] += _unreadable(target, matching, actor)
    return found


def may_compare(entity: Entity, rule: Rule, actor: Actor) -> bool:
    """Whether the actor may see all that the rule compares: a match would reveal a secured value (PLT-41)."""
    target = registry.get(rule.matching_object)
    sides = ((entity, rule.base_attributes), (target, rule.matching_attributes))
    return all(
        access.readable(e, e.attributes[n], actor) for e, names in sides for n in names if n in e.attributes
    )


def _hits(entity: Entity, rules: Sequence[Rule], value: Value) -> list[tuple[Rule, uuid.UUID]]:
    """At most `CANDIDATES` records that have the code one of the rules looks for, by one kept statement."""
    by_code = {r: code for r in rules if (code := r.base_code(entity, value)) is not None}
    if not by_code:
        return []
    given = [part for rule, code in by_code.items() for part in (rule.id, code)]
    rows = _lookup(len(by_code)).run({slot(n): part for n, part in enumerate(given)})
    by_id = {rule.id: rule for rule in by_code}
    return [(by_id[rule_id], record_id) for rule_id, record_id in rows]


@lru_cache(maxsize=100)
def _lookup(count: int) -> Statement:
    """The statement that finds `count` pairs of rule and code; the same in every workspace and for everybody."""
    condition = Q()
    for n in range(count):
        condition |= Q(rule_id=slot(2 * n), code=slot(2 * n + 1))
    return Statement(MatchCode.objects.filter(condition).values_list("rule_id", "record_id")[:CANDIDATES])


def _matching(
    entity: Entity,
    target: Entity,
    rules: Sequence[Rule],
    value: Value,
    exclude: uuid.UUID | None,
    hits: Sequence[tuple[Rule, uuid.UUID]],
) -> dict[uuid.UUID, list[str]]:
    """Records of `target` that a rule finds, each with the attributes that agree; `hits` are those found by code."""
    candidates = [(rule, i) for rule, i in hits if rule.matching_object == target.name]
    for rule in rules:
        if not rule.keyed:
            candidates += [(rule, i) for i in _similar_ids(entity, target, rule, value)]
    ids = {i for _rule, i in candidates} - {exclude}
    if not ids:
        return {}
    live = base_rows(target, None).filter(pk__in=ids, merged_into=None)
    records = {r.pk: r for r in live}
    found: dict[uuid.UUID, list[str]] = {}
    for rule, record_id in candidates:
        record = records.get(record_id)
        if record is not None and _agrees(rule, entity, target, record, value):
            names = found.setdefault(record_id, [])
            names += [c.matching_attribute for c in rule.conditions if c.matching_attribute not in names]
    return found


def _similar_ids(entity: Entity, target: Entity, rule: Rule, value: Value) -> list[uuid.UUID]:
    """Candidates of a rule with similar conditions only: nearest in the indexed search text."""
    condition = rule.similar[0]
    needle = rule.normalised(entity, condition, condition.attribute, value(condition.attribute))
    if len(needle) < 3:
        return []
    rows = base_rows(target, None).filter(search_text__trigram_word_similar=needle)
    nearest = rows.annotate(_near=TrigramWordSimilarity(needle, "search_text")).order_by("-_near")
    return list(nearest.values_list("pk", flat=True)[:CANDIDATES])


def _agrees(rule: Rule, entity: Entity, target: Entity, record: Record, value: Value) -> bool:
    theirs = codes.value_of(target, record)
    if rule.exclude_inactive and target.states and target.state(record.state).closed:
        return False
    if rule.keyed and rule.base_code(entity, value) != rule.matching_code(target, theirs):
        return False
    for condition in rule.similar:
        one = rule.normalised(entity, condition, condition.attribute, value(condition.attribute))
        name = condition.matching_attribute
        other = rule.normalised(target, condition, name, theirs(name))
        if not one or not other:
            if condition.ignore_blank or one != other:
                return False
        elif similarity(one, other) < SIMILAR_FROM:
            return False
    return True


def _readable_ids(target: Entity, ids: Sequence[uuid.UUID], actor: Actor) -> Any:
    rows = target.model.objects.filter(pk__in=ids)
    seen = access.visible(target, actor)
    return rows if seen is None else rows.filter(seen)


def _unreadable(target: Entity, matching: dict[uuid.UUID, list[str]], actor: Actor) -> int:
    if not matching or access.visible(target, actor) is None:
        return 0
    return len(matching) - _readable_ids(target, list(matching), actor).count()


def _shown(
    target: Entity, matching: dict[uuid.UUID, list[str]], actor: Actor, limit: int
) -> list[dict[str, Any]]:
    if not matching or limit < 1:
        return []
    rows = _readable_ids(target, list(matching), actor).order_by("pk")
    return [
        {**row, "attributes": matching[uuid.UUID(row["id"])]}
        for row in described(target, list(matching), actor, rows, limit)
    ]


def described(
    target: Entity, ids: Sequence[uuid.UUID], actor: Actor, rows: Any = None, limit: int = LIMIT
) -> list[dict[str, Any]]:
    """`{id, object, name, facts}` of records the actor may read."""
    facts = [f for f in target.facts if f in target.attributes]
    selection = Selection(target, [target.primary, *facts], actor)
    rows = _readable_ids(target, ids, actor) if rows is None else rows
    return [
        {
            "id": m["id"],
            "object": target.name,
            "name": m[target.primary],
            "facts": fact_texts(target, facts, m, actor),
        }
        for m in selection.rows(list(rows.values_list(*selection.columns)[:limit]))
    ]


def refuse(change: Change, *, detect: bool, allow: bool) -> None:
    """CUS-10.3: Conflict `record.duplicates_found` when a rule finds the written record among others.

    Warning rules count only with `detect` and without `allow`; blocking rules always (`details.blocked`).
    """
    entity = change.entity
    rules = [r for r in rules_from(entity.name) if r.blocks or (detect and not allow)]
    if not change.is_create:
        rules = [
            r for r in rules if any(change.changed(n) for n in r.base_attributes if n in entity.attributes)
        ]
    if not rules:
        return
    names = {n for r in rules for n in r.base_attributes if n in entity.attributes}
    values = {n: change.get(n) for n in names}
    exclude = None if change.is_create else change.record.pk
    blocking = [r for r in rules if r.blocks]
    found = find(entity, values, change.actor, exclude=exclude, rules=blocking) if blocking else None
    if found and (found["matches"] or found["hidden"]):
        raise Conflict(
            "record.duplicates_found",
            "There is such a record already; a rule of this workspace forbids a second one.",
            details={**found, "blocked": True},
        )
    found = find(entity, values, change.actor, exclude=exclude, rules=[r for r in rules if not r.blocks])
    if found["matches"] or found["hidden"]:
        raise Conflict(
            "record.duplicates_found",
            "There are similar records already.",
            details={**found, "blocked": False},
        )


def find_raw(
    entity: Entity, values: dict[str, Any], actor: Actor, *, exclude: uuid.UUID | None = None
) -> dict[str, Any]:
    """`find` for JSON values as they are typed: values that cannot be parsed yet are ignored."""
    parsed: dict[str, Any] = {}
    for name, raw in values.items():
        attribute = entity.attribute(name)
        try:
            parsed[name] = attribute.type.parse(attribute, raw)
        except CrmError:
            continue
    return find(entity, parsed, actor, exclude=exclude)
