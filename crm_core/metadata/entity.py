"""The description of an object that every consumer reads: API, screens, search, import, rights, audit (ARCHITECTURE 1.1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crm_core.metadata.attribute import Attribute, Formula, Option, RollUp
from crm_core.metadata.errors import Malformed
from crm_core.metadata.presentation import Board, Form, Section, Tab, View

if TYPE_CHECKING:
    from crm_core.metadata.record import Record

__all__ = [
    "BUSINESS_UNIT_OWNED",
    "CATALOGUE_FEATURES",
    "ORGANISATION_OWNED",
    "RECORD_FEATURES",
    "USER_OWNED",
    "Action",
    "Attribute",
    "Board",
    "BusinessRule",
    "Collecting",
    "Entity",
    "Form",
    "Formula",
    "Option",
    "Parameter",
    "Reason",
    "Relationship",
    "RollUp",
    "Section",
    "State",
    "SummaryTable",
    "Tab",
    "View",
]

USER_OWNED = "user"
BUSINESS_UNIT_OWNED = "business_unit"
ORGANISATION_OWNED = "organisation"

RECORD_FEATURES = frozenset(
    {"import", "export", "audit", "bulk", "quick_create", "notes", "attachments", "activities"}
)
_NO_FORM = Form(sections=())

CATALOGUE_FEATURES = frozenset({"import", "export", "audit", "bulk", "quick_create"})


@dataclass(frozen=True)
class Reason:
    """A status reason: the customizable why of a state (PRODUCT_SPEC 0.4).

    `fixed` says that rules of the product name it: it may be renamed, not deleted. Without a colour it has its state's.
    """

    value: int
    label: Any
    default: bool = False
    fixed: bool = False
    color: str | None = None
    active: bool = True


@dataclass(frozen=True)
class State:
    """A state the system knows; `closed` states make a record read-only (CON-3)."""

    value: str
    label: Any
    reasons: tuple[Reason, ...]
    closed: bool = False
    color: str = "gray"

    @property
    def default_reason(self) -> int:
        return next((r.value for r in self.reasons if r.default), self.reasons[0].value)


@dataclass(frozen=True)
class Parameter:
    """A parameter of an action: the same attribute types as a record's values."""

    name: str
    label: Any
    type: str
    required: bool = False
    default: Any = None
    options: tuple[Option, ...] = ()
    option_list: str | None = None
    targets: tuple[str, ...] = ()
    max_length: int | None = None
    min: Any = None
    max: Any = None
    precision: int | None = None
    help: Any = ""
    initial: Any = None  # what the dialog proposes; unlike `default` the server never assumes it
    #: the state whose reasons are its options; a required one starts with that state's default reason
    reasons_of: str | None = None


@dataclass(frozen=True)
class Action:
    """A named change of state or data: endpoint, button, dialog, workflow step and privilege in one declaration."""

    name: str
    label: Any
    run: Callable[..., Any]
    states: tuple[str, ...] = ()
    privilege: str = "write"
    parameters: tuple[Parameter, ...] = ()
    scope: str = "record"
    primary: bool = False
    destructive: bool = False
    icon: str = "bolt"
    refusal: str = "not_open"
    bulk: bool = False
    #: objects it may create, the one to go on with first; the result names them `<object>_id`
    makes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SummaryTable:
    """Counts and sums of an object's live records that the database keeps beside them (decision 0021).

    `model` has a column for each of `keys` (attributes rows are kept apart by), `months` (dates, cut to their month) and
    `sums` (amounts, each with a count `<name>_filled`), the owner's two, and `records`, the count.
    """

    model: type[Any]
    keys: frozenset[str]
    months: frozenset[str] = frozenset()
    sums: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collecting:
    """Records are lists of records of another object (MKT-1): kept as links, or whatever a filter finds when asked.

    `of` is the option attribute that says of which object, `objects` which one each option means; `kind` the one that
    says how, `dynamic` its option for lists by `filter`, whose members nobody keeps; `link` names the kept members among `RelatedPair`.
    """

    of: str
    objects: Mapping[int, str]
    kind: str
    dynamic: int
    filter: str
    link: str


@dataclass(frozen=True)
class BusinessRule:
    """A rule a customizer made (PLT-10): when the filter tree holds, its actions take effect."""

    key: str
    label: Any
    when: Mapping[str, Any] | None
    then: tuple[Mapping[str, Any], ...]
    position: int = 0


@dataclass(frozen=True)
class Relationship:
    """One-to-many, seen from the parent: `attribute` of `object` points at us.

    Or many-to-many (PLT-6): then `link` names the definition, `end` is the side we are on (first, second or both) and
    `reverse` what the relationship is called on the records of `object`. Links of a `managed` one come and go by
    actions of `object` alone.
    """

    name: str
    label: Any
    object: str
    attribute: str
    delete: str = "remove_link"
    custom: bool = False
    behaviour: str = "referential"
    link: str = ""
    end: str = ""
    reverse: str = ""
    managed: bool = False


@dataclass(frozen=True, eq=False)
class Entity:
    """Everything a consumer needs to know of one object. Nothing asks whether it is custom."""

    name: str
    plural: str
    label: Any
    label_plural: Any
    model: type[Record]
    primary: str
    ownership: str
    attributes: Mapping[str, Attribute]
    group: str = "other"
    icon: str = "box"
    color: str = "gray"
    description: Any = ""
    custom: bool = False
    features: frozenset[str] = RECORD_FEATURES
    states: tuple[State, ...] = ()
    actions: Mapping[str, Action] = field(default_factory=dict)
    rules: tuple[Any, ...] = ()  # functions marked by `metadata.rules.rule`
    business_rules: tuple[BusinessRule, ...] = ()
    views: tuple[View, ...] = ()
    form: Form = _NO_FORM
    #: forms of particular roles, by role key (delivered roles) or id
    role_forms: Mapping[str, Form] = field(default_factory=dict)
    quick_create: tuple[str, ...] = ()
    board: Board | None = None
    rollup: SummaryTable | None = None
    calendar: tuple[str, str] | None = None
    #: records are lists of other records
    collects: Collecting | None = None
    #: delivered duplicate rules: attributes that must agree (CUS-10.5)
    duplicates: tuple[tuple[str, ...], ...] = ()
    #: how they are compared where not for sameness: a company's name without its legal form
    duplicate_operators: Mapping[str, str] = field(default_factory=dict)
    #: (other object, pairs of our attribute and theirs): a lead's e-mail may be a contact's (CUS-10.5)
    duplicates_elsewhere: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    facts: tuple[str, ...] = ()
    is_activity: bool = False
    closed_writable: frozenset[str] = frozenset()
    merge: bool = False
    #: for objects whose records are people: choices and numbers that describe the person, besides everything typed
    person: frozenset[str] | None = None
    #: records are nothing but a part of the person they belong to: erased with him
    part_of_person: bool = False
    relationships: tuple[Relationship, ...] = ()
    internal: bool = False
    in_navigation: bool = True
    #: place within its navigation group; smaller comes first, equal ones in the order they were declared
    order: int = 50
    discriminator: str | None = None
    creatable: bool = True
    deletable: bool = True

    def attribute(self, name: Any, *, field_path: str | None = None) -> Attribute:
        """The attribute called `name`; raises `Malformed attribute.unknown` so that no unknown name is ever ignored."""
        try:
            return self.attributes[name]
        except (KeyError, TypeError):
            raise Malformed(
                "attribute.unknown",
                f"{self.label_plural} have no attribute “{name}”.",
                field=field_path or str(name),
            ) from None

    def state(self, value: str) -> State:
        for state in self.states:
            if state.value == value:
                return state
        raise Malformed("state.unknown", f"{self.label} has no state “{value}”.", field="state")

    @cached_property
    def primary_attribute(self) -> Attribute:
        return self.attributes[self.primary]

    @cached_property
    def primary_column(self) -> str:
        """The model field that holds the primary attribute, which is never a custom one."""
        return str(self.primary_attribute.column)

    @cached_property
    def searchable(self) -> tuple[Attribute, ...]:
        """What records are found by. Secured values are not: a hit would tell everybody who searches that they match."""
        return tuple(a for a in self.attributes.values() if a.searchable and not a.secured)

    @cached_property
    def about(self) -> Attribute | None:
        """The attribute that names the record an activity or note is about."""
        return next((a for a in self.attributes.values() if a.type.name == "regarding"), None)

    @cached_property
    def searched_bodies(self) -> tuple[str, ...]:
        """Columns of the long texts that are searched for the words in them; secured ones are not, for the same reason."""
        return tuple(str(a.column) for a in self.attributes.values() if a.body and not a.secured)

    @cached_property
    def custom_attributes(self) -> tuple[Attribute, ...]:
        return tuple(a for a in self.attributes.values() if a.custom)

    @cached_property
    def numbered(self) -> tuple[Attribute, ...]:
        """Attributes the server numbers, always in the same order: counters are locked in it."""
        return tuple(
            a for _name, a in sorted(self.attributes.items()) if a.custom and a.numbering is not None
        )

    @cached_property
    def roll_ups(self) -> tuple[Attribute, ...]:
        """Attributes that are kept over related records."""
        return tuple(a for a in self.attributes.values() if a.roll_up is not None)

    @cached_property
    def money_attributes(self) -> tuple[Attribute, ...]:
        """Amounts in the record's currency, without their base twins."""
        return tuple(
            a for a in self.attributes.values() if a.type.name == "money" and not a.name.endswith("_base")
        )

    @cached_property
    def required_attributes(self) -> tuple[Attribute, ...]:
        """What a caller has to give when creating."""
        return tuple(a for a in self.attributes.values() if a.required and not a.read_only)

    @cached_property
    def defaults(self) -> tuple[Attribute, ...]:
        return tuple(a for a in self.attributes.values() if a.default is not None)

    @cached_property
    def reparenting(self) -> tuple[Attribute, ...]:
        """References through which the owner of the record referred to has access to ours (PLT-20 reparent)."""
        return tuple(
            a for a in self.attributes.values() if a.cascade.reparent in ("all", "active") and not a.is_part
        )

    @property
    def has_owner(self) -> bool:
        return self.ownership == USER_OWNED

    def form_for(self, roles: Collection[str]) -> Form:
        """The form of somebody with these roles: the first role's that has one of its own, else the main form (PLT-7)."""
        return next((self.role_forms[r] for r in sorted(self.role_forms) if r in roles), self.form)

    def has(self, feature: str) -> bool:
        return feature in self.features
