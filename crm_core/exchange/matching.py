"""Is a row a record that exists, or one that stood earlier in the file? (PLT-45.5, CUS-10)"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Lower

from crm_core.exchange import staging
from crm_core.exchange.analysis.targets import RECORD_ID
from crm_core.exchange.models import Import
from crm_core.exchange.planned import PlannedRow
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.types.reference import Reference
from crm_core.metadata.types.text import phone_digits
from crm_core.records.duplicates.finding import may_compare
from crm_core.records.duplicates.rules import Rule, rules_from
from crm_core.records.models import MatchCode
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor

Key = tuple[Any, ...]


def _normal(attribute: Attribute, value: Any, region: str | None) -> Any:
    """A value as keys compare it: folded text, bare phone digits, the id of a reference."""
    if value is None or value == "":
        return None
    if isinstance(value, Reference):
        return str(value.id)
    if attribute.format == "phone":
        return phone_digits(str(value), region) or None
    return str(value).strip().lower() or None


def _hash(marker: str, key: Key) -> int:
    digest = hashlib.blake2b(repr((marker, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class _Rule:
    """One way two records are the same: the attributes that must all agree."""

    same_object = True

    def __init__(self, entity: Entity, names: Sequence[str], region: str | None):
        self.entity = entity
        self.attributes = [entity.attributes[n] for n in names]
        self.region = region
        self.marker = f"{entity.name}:{','.join(names)}"

    def key(self, plan: PlannedRow) -> Key | None:
        """The row's key; None when one of the values is missing."""
        parts = tuple(_normal(a, plan.values.get(a.name), self.region) for a in self.attributes)
        return None if None in parts else parts

    def existing(self, keys: set[Key]) -> dict[Key, Any]:
        """`{key: record id}` of live records with one of the keys, the oldest when there are several.

        SQL narrows by the first attribute; the whole key is compared here, because phones are compared by digits.
        """
        if not keys:
            return {}
        rows = base_rows(self.entity, None).filter(merged_into=None)
        first = self.attributes[0]
        alias, condition = self._narrow(first, {k[0] for k in keys})
        columns = [c for a in self.attributes for c in self._columns(a)]
        found: dict[Key, Any] = {}
        selected = (
            (rows.annotate(_k=alias) if alias is not None else rows)
            .filter(condition)
            .order_by("created_at", "pk")
        )
        for row in selected.values_list("pk", *columns):
            key = self._key_of(row[1:])
            if key in keys:
                found.setdefault(key, row[0])
        return found

    def _narrow(self, attribute: Attribute, values: set[Any]) -> tuple[Any, Q]:
        kind = attribute.type.name
        if kind == "customer":
            condition = Q()
            for column in attribute.columns.values():
                condition |= Q((f"{column}_id__in", values))
            return None, condition
        if kind in ("lookup", "owner"):
            return None, Q((f"{attribute.column}_id__in", values))
        if attribute.format == "phone":
            return None, ~Q((attribute.column, None))
        if kind in ("text", "auto", "memo"):
            return Lower(F(attribute.column or attribute.name)), Q(_k__in=values)
        return None, Q((f"{attribute.column}__in", values))

    def _columns(self, attribute: Attribute) -> list[str]:
        if attribute.type.name == "customer":
            return [f"{column}_id" for column in attribute.columns.values()]
        column = attribute.column or attribute.name
        return [f"{column}_id" if attribute.type.name in ("lookup", "owner") else column]

    def _key_of(self, row: Sequence[Any]) -> Key:
        parts, at = [], 0
        for attribute in self.attributes:
            width = len(attribute.columns) if attribute.type.name == "customer" else 1
            value = next((v for v in row[at : at + width] if v is not None), None)
            parts.append(_normal(attribute, value, self.region))
            at += width
        return tuple(parts)


class _DuplicateRule:
    """A duplicate rule of the workspace: the key is its match code, what exists is found by the index of codes."""

    def __init__(self, entity: Entity, rule: Rule):
        self.entity = entity
        self.rule = rule
        self.target = registry.get(rule.matching_object)
        self.marker = f"rule:{rule.id}"
        self.same_object = self.target.name == entity.name

    def key(self, plan: PlannedRow) -> Key | None:
        code = self.rule.base_code(self.entity, plan.values.get)
        return None if code is None else (code,)

    def existing(self, keys: set[Key]) -> dict[Key, Any]:
        """`{key: record id}` of live records with one of the codes, the oldest when there are several."""
        codes = MatchCode.objects.filter(rule_id=self.rule.id, code__in=[k[0] for k in keys])
        by_record = dict(codes.values_list("record_id", "code"))
        rows = base_rows(self.target, None).filter(pk__in=by_record, merged_into=None)
        if self.rule.exclude_inactive and self.target.states:
            rows = rows.exclude(state__in=[s.value for s in self.target.states if s.closed])
        found: dict[Key, Any] = {}
        for record_id in rows.order_by("created_at", "pk").values_list("pk", flat=True):
            found.setdefault((by_record[record_id],), record_id)
        return found


class Matcher:
    """Sets the action of planned rows: create, update (with the record's id), skip as duplicate, or error."""

    def __init__(self, entity: Entity, import_: Import, actor: Actor):
        self.entity = entity
        self.import_ = import_
        self.actor = actor
        match = import_.match
        self.mode, self.keys = match["mode"], list(match["keys"])
        region = workspace.current().country
        self.by_id = RECORD_ID in self.keys
        names = [k for k in self.keys if k != RECORD_ID]
        for name in names:  # a row that finds its record tells the record's value
            access.require_readable(entity, entity.attribute(name), actor)
        self.match_rule = _Rule(entity, names, region) if names else None
        skips = match["duplicates"] == "skip"
        self.duplicate_rules = _rules(entity, skips, actor)
        self.lead_rules: list[_DuplicateRule] = []
        if import_.mapping.get("missing_customer") == "lead" and entity.name != "lead":
            lead = registry.current().entities.get("lead")
            self.lead_rules = _rules(lead, skips, actor) if lead else []
        unique = [
            a.name
            for a in entity.attributes.values()
            if (a.unique or a.name == "external_key")
            and not a.custom
            and a.column
            and access.readable(entity, a, actor)
        ]
        self.unique_rules = [_Rule(entity, [name], region) for name in unique if name in _mapped(import_)]

    def match(self, planned: Sequence[PlannedRow]) -> None:
        """Decide for a block of rows."""
        open_rows = [p for p in planned if p.action != "error"]
        self._by_id(open_rows)
        if self.match_rule is not None:
            self._by_rule(self.match_rule, open_rows)
        if self.mode == "update":
            for plan in open_rows:
                if plan.action == "create" and plan.object == self.entity.name:
                    plan.fail("import.no_match", "No record matches this row.")
        self._readable([p for p in open_rows if p.action == "update"])
        fresh = [p for p in open_rows if p.action == "create"]
        for rule in self.unique_rules:
            self._refuse(rule, fresh)
        for delivered in self.duplicate_rules + self.lead_rules:
            self._refuse(
                delivered, [p for p in fresh if p.action == "create" and p.object == delivered.entity.name]
            )
        self._repeated([p for p in planned if p.action in ("create", "update")])

    def _by_id(self, rows: Sequence[PlannedRow]) -> None:
        wanted = {p.values[RECORD_ID] for p in rows if p.values.get(RECORD_ID)}
        known = (
            set(base_rows(self.entity, None).filter(pk__in=wanted).values_list("pk", flat=True))
            if wanted
            else set()
        )
        for plan in rows:
            identifier = plan.values.pop(RECORD_ID, None)
            if identifier is None:
                continue
            if identifier in known and self.mode != "create":
                plan.action, plan.record_id = "update", identifier
            elif identifier in known:
                plan.fail("record.id_exists", "A record with this id exists already.", RECORD_ID)
            else:
                plan.values[RECORD_ID] = str(identifier)

    def _by_rule(self, rule: _Rule, rows: Sequence[PlannedRow]) -> None:
        keys = {id(p): rule.key(p) for p in rows if p.action == "create" and p.object == self.entity.name}
        existing = rule.existing({k for k in keys.values() if k is not None})
        for plan in rows:
            key = keys.get(id(plan))
            if key is None:
                continue
            plan.keys.append(_hash(rule.marker, key))
            if key in existing:
                if self.mode == "create":
                    self._duplicate(plan, existing[key])
                else:
                    plan.action, plan.record_id = "update", existing[key]

    def _readable(self, rows: Sequence[PlannedRow]) -> None:
        """Rows that match a record the person may not change are errors; which record it is, is not told."""
        if not rows:
            return
        writable = base_rows(self.entity, self.actor, "write").filter(pk__in=[p.record_id for p in rows])
        allowed = set(writable.values_list("pk", flat=True))
        for plan in rows:
            if plan.record_id not in allowed:
                plan.record_id = None
                plan.fail("privilege.missing", "The row matches a record that you may not change.")

    def _refuse(self, rule: _Rule | _DuplicateRule, rows: Sequence[PlannedRow]) -> None:
        keys = {id(p): rule.key(p) for p in rows if p.action == "create"}
        existing = rule.existing({k for k in keys.values() if k is not None})
        for plan in rows:
            key = keys.get(id(plan))
            if key is None:
                continue
            if rule.same_object:
                plan.keys.append(_hash(rule.marker, key))
            if key in existing:
                self._duplicate(plan, existing[key] if rule.same_object else None)

    def _duplicate(self, plan: PlannedRow, record_id: Any) -> None:
        plan.action, plan.record_id = "skip", record_id
        plan.errors.append(
            {"field": None, "code": "record.duplicates_found", "message": "There is such a record already."}
        )

    def _repeated(self, rows: Sequence[PlannedRow]) -> None:
        """Rows whose key an earlier row of the file has are duplicates of that row."""
        wanted = {key for p in rows for key in p.keys}
        taken = staging.earlier_rows(self.import_.pk, wanted) if wanted else {}
        fresh: list[tuple[int, int]] = []
        for plan in rows:
            earlier = min((taken[k] for k in plan.keys if k in taken), default=None)
            if earlier is not None and earlier != plan.number:
                plan.action, plan.record_id = "skip", None
                message = f"Row {earlier} of the file is the same."
                plan.errors.append(
                    {"field": None, "code": "import.repeated_row", "message": message, "row": earlier}
                )
                continue
            for key in plan.keys:
                taken[key] = plan.number
                fresh.append((key, plan.number))
        if fresh:
            staging.keep_keys(self.import_.pk, fresh)


def _rules(entity: Entity, warning: bool, actor: Actor) -> list[_DuplicateRule]:
    """The object's published rules that compare by code: the blocking ones and, when asked, the warning ones (CUS-10.3).

    Rules over values the person may not see are left out: a row that is a duplicate would tell them.
    """
    rules = [
        r for r in rules_from(entity.name) if r.keyed and not r.similar and may_compare(entity, r, actor)
    ]
    return [_DuplicateRule(entity, r) for r in rules if warning or r.blocks]


def _mapped(import_: Import) -> set[str]:
    found = {o["attribute"] for o in import_.mapping.get("columns", {}).values()}
    return found | set(import_.mapping.get("constants", {}))
