"""Calculated fields as SQL (PLT-3): computed while reading, so that they are never out of date.

Fields of other records are read through the same door as everything else: of a record the reader may not see they are
empty, in lists, filters, sorting and sums alike, so that no value of it can be guessed from a result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Field,
    Func,
    OuterRef,
    Subquery,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.formulas import Node, parse
from crm_core.metadata.formulas.checking import Kind, branches, kinds_of
from crm_core.metadata.models import Organization
from crm_core.records.models import RollUpState
from crm_core.records.query.members import number_of_members
from crm_core.records.query.rows import base_rows
from crm_core.security.actor import Actor

LONGEST_TEXT = 4000
_NUMBER = DecimalField(max_digits=40, decimal_places=10)
_FIELDS: dict[str, Field] = {
    "number": _NUMBER, "option": _NUMBER, "text": TextField(), "date": DateField(), "bool": BooleanField(),
}  # fmt: skip
_TYPES = {"number": "numeric", "option": "numeric", "text": "text", "date": "date", "bool": "boolean"}
Link = tuple[Entity, Attribute]


def expression(entity: Entity, attribute: Attribute, prefix: str, actor: Actor) -> Any:
    """What to select, filter, sort or add up for `attribute`: a column path, or a typed SQL expression."""
    if attribute.moment_of is not None:
        return _moment(entity, attribute, prefix)
    if attribute.counts_members:
        return number_of_members(entity, prefix, actor)
    if attribute.formula is None:
        return attribute.type.expression(attribute, prefix)
    return _Compiler(entity, prefix, actor).result(attribute)


def columns(entity: Entity, attribute: Attribute, prefix: str, actor: Actor) -> list[Any]:
    """`AttributeType.columns`, for calculated fields too."""
    if not attribute.is_derived:
        return attribute.type.columns(attribute, prefix)
    return [expression(entity, attribute, prefix, actor)]


def sort_key(entity: Entity, attribute: Attribute, prefix: str, actor: Actor) -> Any:
    """`AttributeType.sort_key`, for calculated fields too."""
    if not attribute.is_derived:
        return attribute.type.sort_key(attribute, prefix)
    return expression(entity, attribute, prefix, actor)


def _moment(entity: Entity, attribute: Attribute, prefix: str) -> Any:
    """Of when a roll-up is: when the record's own was asked for, or the last run over all, whichever was later."""
    own = Cast(KeyTextTransform(attribute.name, f"{prefix}custom"), DateTimeField())
    run = RollUpState.objects.filter(key=f"{entity.name}.{attribute.moment_of}").values("renewed_at")[:1]
    return Greatest(own, Subquery(run), output_field=DateTimeField())


def _sql(template: str, *parts: Any, field: Field, joined: str = ", ") -> Func:
    """An SQL piece whose `{}` is the list of its parts."""
    return Func(
        *parts, template=template.replace("{}", "%(expressions)s"), arg_joiner=joined, output_field=field
    )


class _Compiler:
    """Turns the tree of one calculated field into SQL over the table (or join) at `prefix`."""

    def __init__(self, entity: Entity, prefix: str, actor: Actor):
        self.entity, self.prefix, self.actor = entity, prefix, actor
        self.kinds: dict[int, Kind] = {}

    def result(self, attribute: Attribute) -> Any:
        """The value as the field's type has it: rounded, of a length that can be shown, empty when out of range."""
        formula = attribute.formula
        if formula is None or formula.broken:
            return self._empty(formula.kind if formula else "text")
        tree = parse(formula.expression)
        self.kinds = kinds_of(tree, self.entity, registry.current().entities)
        found = self.compile(tree)
        if formula.kind == "text":
            return _sql(f"NULLIF(left({{}}, {LONGEST_TEXT}), '')", found, field=TextField())
        if formula.kind == "number":
            places = attribute.precision or 0
            whole = "::bigint" if attribute.type.name == "int" else ""
            guarded = (
                f"(SELECT CASE WHEN abs(result.v) < 1e15 THEN round(result.v, {places}){whole} END"  # noqa: S608
                " FROM (SELECT {} AS v) result)"
            )
            return _sql(guarded, found, field=attribute.type.json_field(attribute))
        return found

    def _empty(self, kind: str) -> Any:
        return Func(template=f"NULL::{_TYPES[kind]}", output_field=_FIELDS[kind])

    def compile(self, node: Node, wanted: Kind | None = None) -> Any:
        """The SQL of a node; `wanted` is the kind an `empty` there has to have."""
        kind = self.kinds[id(node)]
        if kind.name == "empty":
            return self._empty(wanted.name if wanted and wanted.name != "empty" else "text")
        if node.kind == "name":
            return self._field(node)
        if node.kind != "call":
            return _sql(f"{{}}::{_TYPES[kind.name]}", Value(node.value), field=_FIELDS[kind.name])
        method: Callable[[_Compiler, Node, Kind], Any] = _METHODS.get(node.value) or _Compiler._function
        return method(self, node, kind)

    # fields ------------------------------------------------------------------------------------------------------
    def _field(self, node: Node) -> Any:
        kind = self.kinds[id(node)]
        found = [
            self._through(links, entity, attribute, self.prefix, kind)
            for links, entity, attribute in branches(node.value, self.entity, registry.current().entities)
        ]
        return found[0] if len(found) == 1 else Coalesce(*found, output_field=_FIELDS[kind.name])

    def _through(
        self, links: tuple[Link, ...], entity: Entity, attribute: Attribute, prefix: str, kind: Kind
    ) -> Any:
        if not links:
            return self._local(entity, attribute, prefix, kind)
        (_place, link), rest = links[0], links[1:]
        target = rest[0][0] if rest else entity
        # names and addresses of colleagues are everybody's
        rows = base_rows(target, None if target.name == "user" else self.actor)
        value = self._through(rest, entity, attribute, "", kind)
        chosen = rows.filter(pk=_reference(link, target, prefix)).order_by().values(_value=value)[:1]
        # typed even where nothing can be found, because the reader may read no such record at all
        found = Subquery(chosen, output_field=_FIELDS[kind.name])
        return _sql(f"{{}}::{_TYPES[kind.name]}", found, field=_FIELDS[kind.name])

    def _local(self, entity: Entity, attribute: Attribute, prefix: str, kind: Kind) -> Any:
        found = expression(entity, attribute, prefix, self.actor)
        found = F(found) if isinstance(found, str) else found
        if attribute.type.name == "datetime":
            table = Organization._meta.db_table
            zone = f"(SELECT time_zone FROM {table} LIMIT 1)"  # noqa: S608 - our model's name
            return _sql(f"({{}} AT TIME ZONE {zone})::date", found, field=DateField())
        if kind.name == "text":
            return _sql("NULLIF({}::text, '')", found, field=TextField())
        return _sql(f"{{}}::{_TYPES[kind.name]}", found, field=_FIELDS[kind.name])

    # operators ---------------------------------------------------------------------------------------------------
    def _parts(self, node: Node, kind: Kind | None = None) -> list[Any]:
        return [self.compile(part, kind) for part in node.parts]

    def _sum(self, node: Node, kind: Kind) -> Any:
        first = self.kinds[id(node.parts[0])].name
        left, right = self._parts(node, Kind("number"))
        if kind.name == "date":
            right = right if node.value == "+" else _sql("(- {})", right, field=_NUMBER)
            return _days_after(left, right)
        if first == "date":
            return _sql("({})::numeric", left, right, field=_NUMBER, joined=" - ")
        return _sql("({})", left, right, field=_NUMBER, joined=f" {node.value} ")

    def _product(self, node: Node, kind: Kind) -> Any:
        return _sql("({})", *self._parts(node, kind), field=_NUMBER, joined=" * ")

    def _quotient(self, node: Node, kind: Kind) -> Any:
        left, right = self._parts(node, kind)
        return _sql("({})", left, _sql("NULLIF({}, 0)", right, field=_NUMBER), field=_NUMBER, joined=" / ")

    def _negative(self, node: Node, kind: Kind) -> Any:
        return _sql("(- {})", *self._parts(node, kind), field=_NUMBER)

    def _joined(self, node: Node, kind: Kind) -> Any:
        texts = [self._as_text(part) for part in node.parts]
        return _sql(f"NULLIF(left(concat({{}}), {LONGEST_TEXT}), '')", *texts, field=TextField())

    def _as_text(self, node: Node) -> Any:
        found = self.compile(node, Kind("text"))
        if self.kinds[id(node)].name == "number":
            return _sql("trim_scale({})::text", found, field=TextField())
        return _sql("{}::text", found, field=TextField())

    def _comparison(self, node: Node, kind: Kind) -> Any:
        """Always yes or no: what is empty equals only what is empty, and is neither smaller nor larger."""
        kinds = [self.kinds[id(p)] for p in node.parts]
        shared = next((k for k in kinds if k.name != "empty"), Kind("text"))
        parts = self._parts(node, shared)
        if shared.name == "text":
            parts = [_sql("lower({})", p, field=TextField()) for p in parts]
        if node.value in ("=", "<>"):
            sign = " IS NOT DISTINCT FROM " if node.value == "=" else " IS DISTINCT FROM "
            return _sql("({})", *parts, field=BooleanField(), joined=sign)
        return _sql("COALESCE({}, false)", *parts, field=BooleanField(), joined=f" {node.value} ")

    def _logic(self, node: Node, kind: Kind) -> Any:
        parts = [_sql("COALESCE({}, false)", p, field=BooleanField()) for p in self._parts(node, kind)]
        if node.value == "not":
            return _sql("(NOT {})", *parts, field=BooleanField())
        return _sql("({})", *parts, field=BooleanField(), joined=f" {node.value.upper()} ")

    # functions ---------------------------------------------------------------------------------------------------
    def _if(self, node: Node, kind: Kind) -> Any:
        condition, yes, no = node.parts
        test = _sql("COALESCE({}, false)", self.compile(condition, Kind("bool")), field=BooleanField())
        return Case(
            When(test, then=self.compile(yes, kind)),
            default=self.compile(no, kind),
            output_field=_FIELDS[kind.name],
        )

    def _add_days(self, node: Node, kind: Kind) -> Any:
        day, days = node.parts
        return _days_after(self.compile(day, Kind("date")), self.compile(days, Kind("number")))

    def _days(self, node: Node, kind: Kind) -> Any:
        start, end = self._parts(node, Kind("date"))
        return _sql("({})::numeric", end, start, field=_NUMBER, joined=" - ")

    def _text(self, node: Node, kind: Kind) -> Any:
        return self._as_text(node.parts[0])

    def _function(self, node: Node, kind: Kind) -> Any:
        template, wanted = _TEMPLATES[node.value]
        parts = self._parts(node, Kind(wanted) if wanted else kind)
        return _sql(template, *parts, field=_FIELDS[kind.name])


_METHODS: dict[str, Callable[[_Compiler, Node, Kind], Any]] = {
    "+": _Compiler._sum, "-": _Compiler._sum, "*": _Compiler._product, "/": _Compiler._quotient, "negative": _Compiler._negative,
    "&": _Compiler._joined, "and": _Compiler._logic, "or": _Compiler._logic, "not": _Compiler._logic,
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), _Compiler._comparison),
    "if": _Compiler._if, "adddays": _Compiler._add_days, "days": _Compiler._days, "text": _Compiler._text,
}  # fmt: skip

#: the SQL of a function, and the kind an `empty` argument has (None: that of the result)
_TEMPLATES: dict[str, tuple[str, str | None]] = {
    "coalesce": ("COALESCE({})", None),
    "isempty": ("(({}) IS NULL)", "text"),
    "min": ("LEAST({})", None),
    "max": ("GREATEST({})", None),
    "abs": ("abs({})", "number"),
    "floor": ("floor({})", "number"),
    "ceiling": ("ceiling({})", "number"),
    "round": ("(SELECT round(r.v, r.n::int) FROM (SELECT {}) r(v, n))", "number"),
    "year": ("EXTRACT(YEAR FROM {})::numeric", "date"),
    "month": ("EXTRACT(MONTH FROM {})::numeric", "date"),
    "day": ("EXTRACT(DAY FROM {})::numeric", "date"),
    "upper": ("upper({})", "text"),
    "lower": ("lower({})", "text"),
    "trim": ("btrim({})", "text"),
    "length": ("COALESCE(length({}), 0)::numeric", "text"),
    "left": ("(SELECT left(l.v, l.n::int) FROM (SELECT {}) l(v, n))", "text"),
    "right": ("(SELECT right(r.v, r.n::int) FROM (SELECT {}) r(v, n))", "text"),
    "contains": (
        "(SELECT COALESCE(strpos(lower(c.whole), lower(c.part)) > 0, false) FROM (SELECT {}) c(whole, part))",
        "text",
    ),
    "today": (
        f"(now() AT TIME ZONE (SELECT time_zone FROM {Organization._meta.db_table} LIMIT 1))::date",  # noqa: S608
        None,
    ),
}


def _days_after(day: Any, days: Any) -> Any:
    """The day so many whole days later; empty outside of the years dates can have here."""
    template = (
        "(SELECT CASE WHEN moved.x BETWEEN '1753-01-01' AND '9998-12-31' THEN moved.x END FROM (SELECT CASE WHEN"
        " abs(given.n) < 3000000 THEN given.d + trunc(given.n)::int END AS x FROM (SELECT {}) given(d, n)) moved)"
    )
    return _sql(template, day, days, field=DateField())


def _reference(link: Attribute, target: Entity, prefix: str) -> Any:
    """The id a link holds, seen from within the subquery over the linked rows."""
    if link.custom:
        return Cast(KeyTextTransform(link.name, OuterRef(f"{prefix}custom")), UUIDField())
    column = link.columns[target.name] if link.columns else link.column
    return OuterRef(f"{prefix}{column}_id")
