"""Compiling the filter language into SQL conditions (PLT-45.2). Unknown names and operators are errors, never ignored."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from crm_core.metadata import registry
from crm_core.metadata.collecting import MEMBER_OF
from crm_core.metadata.entity import Attribute, Entity, Relationship
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Malformed
from crm_core.metadata.hierarchy import OPERATORS as HIERARCHY
from crm_core.metadata.hierarchy import family, parent_attribute
from crm_core.metadata.relations import relation
from crm_core.metadata.types.base import FilterContext
from crm_core.metadata.types.reference import as_uuid
from crm_core.records.query.calculated import expression as sql_expression
from crm_core.records.query.members import MAX_LISTS, Listed, NumberOf, kept, lists
from crm_core.records.query.paths import MAX_STEPS, Branch, resolve
from crm_core.records.query.rows import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor, system_actor

#: Two levels and ten conditions above what the screens build: a group, a day or a person can be added to any of their filters.
MAX_DEPTH = 10
MAX_CONDITIONS = 110
MAX_IDS = 1000
MAX_COUNTED = 10_000
#: what a filter names is looked up without asking who may see it
_ANYBODY = system_actor()
#: how the number of related records is compared
COUNTS = {"eq": "", "gt": "__gt", "ge": "__gte", "lt": "__lt", "le": "__lte"}
#: Columns that hold identities and are no attributes: the record's own, and the import that made it (PLT-45.5).
IDENTITIES = {"id": "pk", "import_id": "import_id"}
__all__ = ["Compiler", "base_rows", "compile_filter", "referring_rows"]


def is_negative(operator: Any) -> bool:
    """Whether an operator says what a record is not, so that records without a value count too."""
    if not isinstance(operator, str):
        return False
    return (operator.startswith("not_") and operator != "not_empty") or operator in (
        "ne",
        "empty",
        "has_none",
    )


class Compiler:
    """Turns one filter tree into a condition; `aliases` are the expressions the condition refers to."""

    def __init__(
        self,
        entity: Entity,
        actor: Actor,
        context: FilterContext | None = None,
        prefix: str = "f",
        within: tuple[uuid.UUID, ...] | None = (),
    ):
        self.entity = entity
        self.actor = actor
        #: the lists whose filter this is a part of, outermost first; None where no lists may be asked for
        self.within = within
        self.context = context or actor.filter_context()
        self.aliases: dict[str, Any] = {}
        self.prefix = prefix
        self.count = 0

    def compile(self, tree: Any, depth: int = 0, path: str = "filter") -> Q:
        """The condition of `tree`; `path` is where we are, for error messages."""
        if not isinstance(tree, dict):
            raise Malformed(
                "filter.malformed",
                "A filter is an object with and, or, not, related or attribute.",
                field=path,
            )
        if depth > MAX_DEPTH:
            raise Malformed("filter.too_deep", f"Filters nest at most {MAX_DEPTH} levels.", field=path)
        for key in ("and", "or"):
            if key in tree:
                return self._group(tree, key, depth, path)
        if "not" in tree:
            self._keys(tree, {"not"}, path)
            return self._negated(tree["not"], depth, path)
        if "related" in tree:
            return self._related(tree, depth, path)
        return self._condition(tree, path)

    def _negated(self, tree: Any, depth: int, path: str) -> Q:
        """Everything the condition does not hold for, what has no value included; Django sees to that for columns only."""
        known = len(self.aliases)
        condition = self.compile(tree, depth + 1, f"{path}.not")
        if len(self.aliases) == known:
            return ~condition
        name = f"_{self.prefix}{len(self.aliases)}"
        holds = Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
        self.aliases[name] = holds
        return Q((name, False))

    def _group(self, tree: dict, key: str, depth: int, path: str) -> Q:
        self._keys(tree, {key}, path)
        parts = tree[key]
        if not isinstance(parts, list) or len(parts) > MAX_CONDITIONS:
            raise Malformed("filter.malformed", f"“{key}” takes a list of conditions.", field=f"{path}.{key}")
        compiled = [self.compile(part, depth + 1, f"{path}.{key}.{i}") for i, part in enumerate(parts)]
        found = Q()
        for condition in compiled:
            found = found & condition if key == "and" else found | condition
        if not compiled:  # an empty Q would vanish under “not” and beside “or”
            return Q(pk__in=[]) if key == "or" else ~Q(pk__in=[])
        return found

    def _keys(self, tree: dict, known: set[str], path: str) -> None:
        if unknown := set(tree) - known:
            raise Malformed(
                "filter.unknown_key", f"Unknown key “{sorted(map(str, unknown))[0]}”.", field=path
            )

    def _condition(self, tree: dict, path: str) -> Q:
        self._keys(tree, {"attribute", "operator", "value"}, path)
        self.count += 1
        if self.count > MAX_CONDITIONS:
            raise Malformed("filter.too_large", f"At most {MAX_CONDITIONS} conditions.", field=path)
        operator = tree.get("operator", "eq")
        if not isinstance(operator, str):
            raise Malformed("filter.unknown_operator", "The operator's name is needed.", field=path)
        if (column := IDENTITIES.get(str(tree.get("attribute")))) is not None:
            return self._identity(column, operator, tree.get("value"), path)
        if tree.get("attribute") == MEMBER_OF:
            return self._member_of(operator, tree.get("value"), path)
        if (step := self._custom_step(tree.get("attribute"))) is not None:
            return self._behind(step, tree, path)
        found: Q | None = None
        negative = is_negative(operator)
        for branch in resolve(self.entity, tree.get("attribute"), self.actor):
            condition = self._on_branch(branch, operator, tree.get("value"))
            found = condition if found is None else (found & condition if negative else found | condition)
        return found if found is not None else Q(pk__in=[])

    def _identity(self, column: str, operator: str, value: Any, path: str) -> Q:
        """Chosen records, or all but some: exports and bulk operations over a selection (PLT-45.3); or what an import made."""
        in_tree = operator in HIERARCHY and column == "pk" and parent_attribute(self.entity) is not None
        if operator not in ("eq", "ne", "in", "not_in") and not in_tree:
            raise Malformed("filter.unknown_operator", "Ids take eq, ne, in and not_in.", field=path)
        ids = value if isinstance(value, list) else [value]
        parsed = [as_uuid(one) for one in ids]
        if not 1 <= len(parsed) <= MAX_IDS or None in parsed:
            raise Malformed("filter.invalid_value", f"1 to {MAX_IDS} ids are needed.", field=path)
        if in_tree:
            found = Q(pk__in=family(self.entity.name, operator, [i for i in parsed if i]))
            return ~found if operator.startswith("not_") else found
        found = Q((f"{column}__in", parsed))
        if operator in ("eq", "in"):
            return found
        return ~found if column == "pk" else ~found | Q((f"{column}__isnull", True))

    def _member_of(self, operator: str, value: Any, path: str) -> Q:
        """Members of at least one of some lists, or of none of them (MKT-1, MKT-70.3).

        Dynamic lists are asked as the actor would ask: what his rights leave out is no member for him.
        """
        if operator not in ("eq", "ne", "in", "not_in"):
            raise Malformed("filter.unknown_operator", "Lists take eq, ne, in and not_in.", field=path)
        if self.within is None:
            raise Malformed("list.not_here", "Lists cannot be asked for here.", field=path)
        ids = [as_uuid(one) for one in (value if isinstance(value, list) else [value])]
        if not 1 <= len(ids) <= MAX_LISTS or None in ids:
            raise Malformed(
                "filter.invalid_value", f"The ids of 1 to {MAX_LISTS} lists are needed.", field=path
            )
        found = lists(self.entity, [i for i in ids if i], self.actor, path)
        members = Q(pk__in=[])
        if static := [one.id for one in found if not one.dynamic]:
            members |= Q(pk__in=kept(self.entity, static))
        for one in found:
            if one.dynamic and (rows := self._found_by(one, path)) is not None:
                members |= Q(pk__in=rows.values("pk"))
        return members if operator in ("eq", "in") else ~members

    def _found_by(self, one: Listed, path: str) -> QuerySet | None:
        """The rows a dynamic list finds; None without a filter. Raises Conflict `list.circle`, Malformed `list.broken`, Forbidden for hidden values."""
        within = self.within or ()
        if one.id in within:
            raise Conflict("list.circle", "A list asks for itself.", field=path)
        if not one.filter:
            return None
        inner = Compiler(
            self.entity, self.actor, self.context, prefix=f"{self.prefix}m{self.count}_", within=(*within, one.id)
        )  # fmt: skip
        inner.count = self.count
        try:
            condition = inner.compile(one.filter, path=path)
        except (Forbidden, Conflict):
            raise
        except CrmError as error:
            if error.code in ("filter.too_large", "list.broken"):
                raise
            raise Malformed(
                "list.broken", f"“{one.name}” asks for something that is gone.", field=path,
                details={"list": str(one.id), "reason": error.code},
            ) from None  # fmt: skip
        self.count = inner.count
        return base_rows(self.entity, self.actor).alias(**inner.aliases).filter(condition)

    def _custom_step(self, path: Any) -> Attribute | None:
        """The custom lookup a path begins with: it has no column to join by."""
        head, dot, _rest = path.partition(".") if isinstance(path, str) else ("", "", "")
        attribute = self.entity.attributes.get(head) if dot else None
        return attribute if attribute and attribute.custom and attribute.type.name == "lookup" else None

    def _behind(self, step: Attribute, tree: dict, path: str) -> Q:
        """A condition on the record a custom lookup refers to; negations include rows without one."""
        access.require_readable(self.entity, step, self.actor)
        rest = tree["attribute"].partition(".")[2]
        if rest.count(".") >= MAX_STEPS - 1:
            raise Malformed("attribute.path_too_long", f"A path has at most {MAX_STEPS} steps.", field=path)
        target = registry.get(step.targets[0])
        inner = Compiler(target, self.actor, self.context, prefix=f"{self.prefix}b", within=self.within)
        inner.count = self.count - 1  # the same condition, not another one
        condition = inner.compile({**tree, "attribute": rest}, path=path)
        self.count = inner.count
        rows = base_rows(target, self.actor).alias(**inner.aliases).filter(condition)
        ref = self._reference(self.entity, step, "")
        found = Q((f"{ref}__in", rows.values("pk")))
        return found | Q((f"{ref}__isnull", True)) if is_negative(tree.get("operator", "eq")) else found

    def _on_branch(self, branch: Branch, operator: str, value: Any) -> Q:
        attribute = branch.attribute
        if not attribute.filterable:
            raise Malformed(
                "filter.not_filterable", f"{attribute.label} cannot be filtered.", field=attribute.name
            )
        ref = self._reference(branch.entity, attribute, branch.prefix)
        condition = attribute.type.condition(attribute, ref, operator, value, self.context)
        if branch.key and branch.entity.name != "user":
            seen = access.visible(branch.entity, self.actor)
            if seen is not None:
                # a condition on a parent one may not read would reveal its values
                condition &= Q((f"{branch.key}__in", base_rows(branch.entity, self.actor).values("pk")))
        return condition

    def _reference(self, entity: Entity, attribute: Attribute, prefix: str) -> str:
        if attribute.type.name == "customer" and not attribute.custom:
            return prefix
        expression = sql_expression(entity, attribute, prefix, self.actor)
        if isinstance(expression, str):
            return expression
        name = f"_{self.prefix}{len(self.aliases)}"
        self.aliases[name] = expression
        return name

    def _related(self, tree: dict, depth: int, path: str) -> Q:
        self._keys(tree, {"related", "exists", "count", "filter"}, path)
        related = relation(self.entity, tree["related"])
        if related is None:
            raise Malformed(
                "relationship.unknown",
                f"{self.entity.label_plural} have no related “{tree['related']}”.",
                field=path,
            )
        access.require_following(related, self.actor)
        exists = tree.get("exists", True)
        if "count" in tree and "exists" in tree:
            raise Malformed("filter.malformed", "Either “exists” or “count”.", field=path)
        if not isinstance(exists, bool):
            raise Malformed("filter.malformed", "“exists” is true or false.", field=f"{path}.exists")
        target = registry.get(related.object)
        rows = relation_rows(self.entity, related, OuterRef("pk"), self.actor)
        if tree.get("filter"):
            inner = Compiler(target, self.actor, self.context, prefix=f"{self.prefix}r", within=self.within)
            inner.count = self.count
            condition = inner.compile(tree["filter"], depth + 1, f"{path}.filter")
            self.count = inner.count
            rows = rows.alias(**inner.aliases).filter(condition)
        if "count" in tree:
            return self._counted(rows, tree["count"], f"{path}.count")
        return Q(Exists(rows)) if exists else ~Q(Exists(rows))

    def _counted(self, rows: QuerySet, comparison: Any, path: str) -> Q:
        """How many related records there are: `{"operator": "ge", "value": 3}`."""
        if not isinstance(comparison, dict) or set(comparison) != {"operator", "value"}:
            raise Malformed("filter.malformed", "“count” has operator and value.", field=path)
        operator, value = comparison["operator"], comparison["value"]
        if not isinstance(operator, str) or operator not in COUNTS:
            raise Malformed("filter.unknown_operator", "Numbers take eq, gt, ge, lt and le.", field=path)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNTED:
            raise Malformed("filter.invalid_value", f"A number up to {MAX_COUNTED} is needed.", field=path)
        name = f"_{self.prefix}{len(self.aliases)}"
        # one more than asked for is enough to know
        self.aliases[name] = NumberOf(rows.order_by().values("pk")[: value + 1])
        return Q((f"{name}{COUNTS[operator]}", value))


def relation_rows(entity: Entity, related: Relationship, record_id: Any, actor: Actor | None) -> QuerySet:
    """Rows a record of `entity` is related to by `related`; `record_id` is an id or an OuterRef."""
    target = registry.get(related.object)
    if not related.link:
        return referring_rows(target, target.attributes[related.attribute], entity.name, record_id, actor)
    from crm_core.records.models import RelatedPair

    # inside the nested subquery the outer row is one level further out
    record_id = OuterRef(record_id) if isinstance(record_id, OuterRef) else record_id
    pairs = RelatedPair.objects.filter(relationship=related.link)
    seconds = Q(pk__in=pairs.filter(first_id=record_id).values("second_id"))
    firsts = Q(pk__in=pairs.filter(second_id=record_id).values("first_id"))
    found = {"first": seconds, "second": firsts, "both": seconds | firsts}[related.end]
    return base_rows(target, actor).filter(found)


def referring_rows(
    entity: Entity, attribute: Attribute, target: str, target_id: Any, actor: Actor | None
) -> QuerySet:
    """Rows of `entity` whose `attribute` points at `target_id` (an id or an OuterRef) of the object `target`."""
    rows = base_rows(entity, actor)
    if attribute.custom:
        from crm_core.records.models import RecordLink

        # inside the nested subquery the outer row is one level further out
        target_id = OuterRef(target_id) if isinstance(target_id, OuterRef) else target_id
        links = RecordLink.objects.filter(
            source_object=entity.name, attribute=attribute.name, target_id=target_id
        )
        return rows.filter(pk__in=links.values("source_id"))
    if attribute.type.name == "regarding":
        return rows.filter(
            **{attribute.columns["object"]: target, attribute.columns["id"]: target_id},
        )
    column = attribute.columns[target] if attribute.columns else attribute.column
    return rows.filter(**{f"{column}_id": target_id})


def compile_filter(
    entity: Entity,
    tree: Any,
    actor: Actor,
    context: FilterContext | None = None,
    *,
    within: tuple[uuid.UUID, ...] | None = (),
) -> tuple[Q, dict[str, Any]]:
    """The condition and aliases of `tree` for `entity`. An empty tree matches everything.

    `within` are the lists whose filter it is; None where lists may not be asked for: what the workspace computes for
    everybody must not depend on what a list finds for the one who asks.
    """
    if tree in (None, {}):
        return Q(), {}
    compiler = Compiler(entity, actor, context, within=within)
    return compiler.compile(tree), compiler.aliases


def broken_conditions(entity: Entity, tree: Any, within: tuple[uuid.UUID, ...] = ()) -> set[str]:
    """Names of the parts of a kept filter that cannot be asked any more: attributes, relations, options or lists are gone.

    `within` are the lists whose filter it is.
    """
    if tree in (None, {}):
        return set()
    if isinstance(tree, dict):
        for key in ("and", "or"):
            if isinstance(tree.get(key), list):
                return {name for part in tree[key] for name in broken_conditions(entity, part, within)}
        if "not" in tree:
            return broken_conditions(entity, tree["not"], within)
    else:
        return {"filter"}
    name = tree.get("related", tree.get("attribute"))
    if name == MEMBER_OF:
        return _broken_lists(entity, tree, within)
    if (related := relation(entity, tree.get("related"))) is not None:
        inner = broken_conditions(registry.get(related.object), tree.get("filter"), within)
        if inner:
            return {f"{name}.{each}" for each in inner}
    if tree.get("operator") in HIERARCHY and isinstance(tree.get("attribute"), str):
        # walking a tree is a statement of its own; only whether the attribute is there matters here
        tree = {"attribute": tree["attribute"], "operator": "not_empty"}
        if tree["attribute"] in IDENTITIES:
            return set() if parent_attribute(entity) else {"id"}
    try:
        compile_filter(entity, tree, _ANYBODY)
    except CrmError:
        return {str(name)}
    return set()


def _broken_lists(entity: Entity, tree: dict, within: tuple[uuid.UUID, ...]) -> set[str]:
    """Whether a list that is asked for is gone, or one of them cannot be asked itself."""
    value = tree.get("value")
    ids = [as_uuid(one) for one in (value if isinstance(value, list) else [value])]
    try:
        found = lists(entity, [i for i in ids if i], None, MEMBER_OF)
    except CrmError:
        return {MEMBER_OF}
    whole = all(
        one.id not in within and not broken_conditions(entity, one.filter, (*within, one.id))
        for one in found
        if one.dynamic
    )
    return set() if whole and None not in ids else {MEMBER_OF}
