"""Types of expressions: what each function takes and gives, and which fields may be read.

Numbers carry the currency they are amounts of: the record's own, the workspace's base currency, or none. Amounts of
different currencies are never added or compared (PLT-96).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.formulas.syntax import FormulaError, Node

OWN, BASE = "own", "base"
MAX_STEPS = 3


@dataclass(frozen=True)
class Kind:
    """What an expression gives: number, text, date, bool, option, or empty; amounts say their currency."""

    name: str
    currency: str | None = None


NUMBER, TEXT, DATE, BOOL, OPTION, EMPTY = (
    Kind(n) for n in ("number", "text", "date", "bool", "option", "empty")
)
#: attribute types by the kind of value they give; what is missing cannot be read
READABLE = {
    "text": TEXT, "auto": TEXT, "state": TEXT, "int": NUMBER, "dec": NUMBER, "float": NUMBER, "duration": NUMBER, "money": NUMBER,
    "bool": BOOL, "date": DATE, "datetime": DATE, "pick": OPTION, "status_reason": OPTION,
}  # fmt: skip
FOLLOWED = ("lookup", "customer", "owner")


@dataclass(frozen=True)
class Function:
    """A function of the language: the kinds it takes (the last one repeats up to `most`) and what it gives."""

    takes: tuple[str, ...]
    gives: Kind | None
    least: int = -1
    most: int = -1

    def arity(self) -> tuple[int, int]:
        return (self.least if self.least >= 0 else len(self.takes)), max(self.most, len(self.takes))


#: `same` means: all of one kind, which is also what the function gives; `any` takes everything, `joinable` all but options
FUNCTIONS: dict[str, Function] = {
    "if": Function(("bool", "same", "same"), None),
    "coalesce": Function(("same",), None, least=2, most=10),
    "isempty": Function(("any",), BOOL),
    "min": Function(("ordered",), None, least=2, most=10),
    "max": Function(("ordered",), None, least=2, most=10),
    "abs": Function(("number",), None),
    "round": Function(("number", "digits"), None, least=1),
    "floor": Function(("number",), None),
    "ceiling": Function(("number",), None),
    "days": Function(("date", "date"), NUMBER),
    "adddays": Function(("date", "number"), DATE),
    "today": Function((), DATE),
    "year": Function(("date",), NUMBER),
    "month": Function(("date",), NUMBER),
    "day": Function(("date",), NUMBER),
    "upper": Function(("text",), TEXT),
    "lower": Function(("text",), TEXT),
    "trim": Function(("text",), TEXT),
    "length": Function(("text",), NUMBER),
    "left": Function(("text", "digits"), TEXT),
    "right": Function(("text", "digits"), TEXT),
    "contains": Function(("text", "text"), BOOL),
    "text": Function(("joinable",), TEXT),
}
_SUMS = {"+", "-"}
_COMPARED = {"=", "<>", "<", "<=", ">", ">="}


def checked(tree: Node, entity: Entity, entities: dict[str, Entity]) -> Kind:
    """The kind of `tree` on records of `entity`. Raises FormulaError for what cannot work."""
    checker = _Checker(entity, entities)
    kind = checker.kind(tree)
    if kind.name == "empty":
        raise FormulaError("formula.type", "The expression is always empty.", tree.position)
    if kind.name == "option":
        raise FormulaError("formula.type", "An option can only be compared.", tree.position)
    if not any(node.kind == "name" for node in nodes(tree)):
        raise FormulaError("formula.constant", "The expression reads no field.", tree.position)
    return kind


def kinds_of(tree: Node, entity: Entity, entities: dict[str, Entity]) -> dict[int, Kind]:
    """The kind of every node by its identity, for a tree that was checked before."""
    checker = _Checker(entity, entities)
    checker.kind(tree)
    return checker.kinds


def nodes(tree: Node) -> Iterator[Node]:
    """The tree's nodes, itself first."""
    yield tree
    for part in tree.parts:
        yield from nodes(part)


def fields_read(tree: Node, entity: Entity, entities: dict[str, Entity]) -> frozenset[tuple[str, str]]:
    """(object, attribute) pairs a tree names directly, links on the way included, even those that are gone."""
    found: set[tuple[str, str]] = set()
    for path in {node.value for node in nodes(tree) if node.kind == "name"}:
        places = {entity.name}
        for step in path.split("."):
            found |= {(place, step) for place in places}
            links = [
                entities[p].attributes[step]
                for p in places
                if p in entities and step in entities[p].attributes
            ]
            places = {t for link in links for t in (("user",) if link.type.name == "owner" else link.targets)}
    return frozenset(found)


def branches(
    path: str, entity: Entity, entities: dict[str, Entity]
) -> list[tuple[tuple[tuple[Entity, Attribute], ...], Entity, Attribute]]:
    """What a name means: (links to follow, object, attribute), several where a customer is followed.

    Raises FormulaError `formula.unknown_field` or `formula.no_path`.
    """
    *links, last = path.split(".")
    if len(links) >= MAX_STEPS:
        raise FormulaError("formula.no_path", f"“{path}”: at most {MAX_STEPS - 1} links are followed.")
    places: list[tuple[tuple[tuple[Entity, Attribute], ...], Entity]] = [((), entity)]
    for step in links:
        places = [
            ((*before, (place, attribute)), entities[target])
            for before, place in places
            if (attribute := place.attributes.get(step)) is not None
            for target in _targets(attribute, path)
            if target in entities
        ]
    found = [(b, e, e.attributes[last]) for b, e in places if last in e.attributes]
    if not found:
        raise FormulaError("formula.unknown_field", f"There is no field “{path}”.", name=path)
    return found


def _targets(attribute: Attribute, path: str) -> tuple[str, ...]:
    if attribute.type.name not in FOLLOWED:
        raise FormulaError("formula.no_path", f"“{path}”: {attribute.label} links to no record.", name=path)
    return ("user",) if attribute.type.name == "owner" else attribute.targets


class _Checker:
    def __init__(self, entity: Entity, entities: dict[str, Entity]):
        self.entity, self.entities = entity, entities
        self.kinds: dict[int, Kind] = {}

    def kind(self, node: Node) -> Kind:
        found = self.kinds[id(node)] = self._kind(node)
        return found

    def _kind(self, node: Node) -> Kind:
        if node.kind in ("number", "text", "bool", "empty"):
            return Kind(node.kind)
        if node.kind == "name":
            return self._field(node)
        if node.value in ("and", "or", "not"):
            for part in node.parts:
                self._expect(part, "bool")
            return BOOL
        if node.value in (*_SUMS, "*", "/", "negative"):
            return self._arithmetic(node)
        if node.value in _COMPARED:
            self._same(node, [(p, self.kind(p)) for p in node.parts], ordered=node.value not in ("=", "<>"))
            return BOOL
        if node.value == "&":
            for part in node.parts:
                self._joinable(part)
            return TEXT
        return self._call(node)

    def _field(self, node: Node) -> Kind:
        try:
            found = branches(node.value, self.entity, self.entities)
        except FormulaError as error:
            error.position = node.position
            raise
        kinds = set()
        for links, _entity, attribute in found:
            kind = READABLE.get(attribute.type.name)
            if kind is None:
                raise FormulaError(
                    "formula.unreadable", f"{attribute.label} cannot be used in an expression.", node.position
                )
            if attribute.type.name == "money":
                kind = self._amount(node, attribute, followed=bool(links))
            kinds.add(kind)
        if len(kinds) > 1:
            raise FormulaError("formula.type", f"“{node.value}” is of several types.", node.position)
        return kinds.pop()

    def _amount(self, node: Node, attribute: Attribute, *, followed: bool) -> Kind:
        base = attribute.name.endswith("_base") or attribute.format == "base"
        if followed and not base:
            raise FormulaError(
                "formula.currency",
                f"“{node.value}” is an amount in the currency of another record; use it in the base currency.",
                node.position,
            )
        return replace(NUMBER, currency=BASE if base else OWN)

    def _arithmetic(self, node: Node) -> Kind:
        kinds = [self.kind(part) for part in node.parts]
        if node.value == "-" and [k.name for k in kinds] == ["date", "date"]:
            return NUMBER
        if node.value in _SUMS and [k.name for k in kinds] == ["date", "number"]:
            return DATE
        for part, kind in zip(node.parts, kinds, strict=True):
            if kind.name not in ("number", "empty"):
                raise self._wrong(part, "a number", kind)
        currencies = {k.currency for k in kinds if k.currency}
        if node.value in ("*", "/"):
            if node.value == "*" and all(k.currency for k in kinds):
                raise FormulaError(
                    "formula.currency", "Amounts cannot be multiplied by amounts.", node.position
                )
            self._one_currency(node, currencies)
            shared = node.value == "/" and all(k.currency for k in kinds)
            return NUMBER if shared else replace(NUMBER, currency=next(iter(currencies), None))
        self._one_currency(node, currencies)
        return replace(NUMBER, currency=next(iter(currencies), None))

    def _one_currency(self, node: Node, currencies: set[str]) -> None:
        if len(currencies) > 1:
            raise FormulaError(
                "formula.currency",
                "An amount in the record's currency and one in the base currency cannot be combined.",
                node.position,
            )

    def _same(self, node: Node, given: list[tuple[Node, Kind]], *, ordered: bool) -> Kind:
        """All of one kind; options are compared with their numbers."""
        names = {k.name for _part, k in given if k.name != "empty"}
        if names == {"option", "number"}:
            names = {"option"}
        if len(names) > 1:
            raise FormulaError(
                "formula.type", f"“{node.value}” needs values of one type, not {' and '.join(sorted(names))}.",
                node.position,
            )  # fmt: skip
        currencies = {k.currency for _part, k in given if k.currency}
        self._one_currency(node, currencies)
        name = next(iter(names), "empty")
        if ordered and name in ("bool", "option"):
            raise FormulaError(
                "formula.type", f"“{node.value}” cannot be used with {name} values.", node.position
            )
        return Kind(name, next(iter(currencies), None))

    def _call(self, node: Node) -> Kind:
        function = FUNCTIONS.get(node.value)
        if function is None:
            raise FormulaError(
                "formula.unknown_function", f"There is no function “{node.value}”.", node.position,
                known=sorted(FUNCTIONS),
            )  # fmt: skip
        least, most = function.arity()
        if not least <= len(node.parts) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise FormulaError("formula.arguments", f"“{node.value}” takes {wanted} values.", node.position)
        takes = [function.takes[min(n, len(function.takes) - 1)] for n in range(len(node.parts))]
        kinds = [self._argument(part, wanted) for part, wanted in zip(node.parts, takes, strict=True)]
        alike = [(p, k) for p, k, t in zip(node.parts, kinds, takes, strict=True) if t in ("same", "ordered")]
        if alike:
            return self._computable(node, self._same(node, alike, ordered="ordered" in takes))
        if function.gives is not None:
            return function.gives
        return kinds[0] if kinds[0].name == "number" else NUMBER

    def _argument(self, part: Node, wanted: str) -> Kind:
        if wanted == "digits":
            return self._digits(part)
        if wanted == "joinable":
            return self._joinable(part)
        return self.kind(part) if wanted in ("any", "same", "ordered") else self._expect(part, wanted)

    def _computable(self, node: Node, kind: Kind) -> Kind:
        """An option's number says nothing outside of its list: it can be compared, not given."""
        if kind.name == "option":
            raise FormulaError(
                "formula.type", f"“{node.value}” cannot give an option; give a text instead.", node.position
            )
        return kind

    def _expect(self, part: Node, name: str) -> Kind:
        kind = self.kind(part)
        if kind.name not in (name, "empty"):
            raise self._wrong(part, f"a {name}", kind)
        return kind

    def _joinable(self, part: Node) -> Kind:
        kind = self.kind(part)
        if kind.name == "option":
            raise FormulaError("formula.type", "An option can only be compared.", part.position)
        return kind

    def _digits(self, part: Node) -> Kind:
        if part.kind != "number" or part.value != int(part.value) or not 0 <= part.value <= 1000:
            raise FormulaError("formula.digits", "A whole number from 0 to 1000 is needed.", part.position)
        self.kinds[id(part)] = NUMBER
        return NUMBER

    def _wrong(self, part: Node, wanted: str, kind: Kind) -> FormulaError:
        return FormulaError("formula.type", f"{wanted} is needed here, not a {kind.name}.", part.position)
