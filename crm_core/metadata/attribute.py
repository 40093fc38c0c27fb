"""One named value of an object: what it is, how it is kept, and what it is computed from (ARCHITECTURE 1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crm_core.metadata.cascade import REFERENTIAL, Cascade, kind_of

if TYPE_CHECKING:
    from crm_core.metadata.numbering import NumberFormat
    from crm_core.metadata.types.base import AttributeType


@dataclass(frozen=True)
class Option:
    """One choice of an option list; `value` never changes, the label may.

    One that was deleted is kept as `removed`: its number is never given again, old audit entries still have its name,
    and `replacement` is what took its place on the records that had it.
    """

    value: int
    label: Any
    color: str = "gray"
    active: bool = True
    removed: bool = False
    replacement: int | None = None


@dataclass(frozen=True)
class Formula:
    """What a calculated field is computed from (PLT-3); a `broken` one names what is gone and is always empty."""

    expression: str
    kind: str
    broken: bool = False


@dataclass(frozen=True)
class RollUp:
    """What a roll-up is made of (PLT-3): `function` of `measure` over the records of `object` that refer to one by `link`."""

    function: str
    object: str
    link: str
    measure: str | None = None
    filter: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Attribute:
    """One named value of an object. `column` is the model field; custom attributes live in `custom` under their name."""

    name: str
    label: Any
    type: AttributeType
    column: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    recommended: bool = False
    read_only: bool = False
    create_only: bool = False
    #: the code said to who changes a value that is given only when creating; else `attribute.read_only`
    fixed: str = ""
    #: how many members the list has that the reader may see; counted while reading, nothing is stored
    counts_members: bool = False
    searchable: bool = False
    sortable: bool = True
    filterable: bool = True
    custom: bool = False
    secured: bool = False
    unique: bool = False
    system: bool = False
    max_length: int | None = None
    format: str | None = None
    precision: int | None = None
    min: Any = None
    max: Any = None
    default: Any = None
    help: Any = ""
    targets: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    option_list: str | None = None
    #: options that were deleted; no record has them
    former_options: tuple[Option, ...] = ()
    on_delete: str = "remove_link"
    #: which acts on the record referred to reach this one (PLT-20); `on_delete` is the act of deleting
    cascade: Cascade = REFERENTIAL
    reverse_name: str | None = None
    reverse_label: Any = None
    hierarchy: bool = False
    importable: bool = True
    #: a long text that records are found by; its model has a `body_index` over it
    body: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    #: calculated while reading from this; has no stored value
    formula: Formula | None = None
    #: kept over related records; renewed by a job
    roll_up: RollUp | None = None
    #: the roll-up whose moment this attribute is
    moment_of: str | None = None
    #: (object, attribute) pairs this one is computed from directly, and all of them in the end
    reads: frozenset[tuple[str, str]] = frozenset()
    sources: tuple[tuple[str, str], ...] = ()
    #: what rules make the value of: names of the object's own attributes, or `object.attribute` of another one's.
    #: Whoever may not read one of them may not read this (PLT-41)
    derived_from: tuple[str, ...] = ()
    #: the secured ones among them in this workspace, the attribute itself included
    guards: tuple[tuple[str, str], ...] = ()
    #: how an automatic number looks; the server gives it at creation (PLT-16)
    numbering: NumberFormat | None = None

    @property
    def behaviour(self) -> str:
        """parental, referential, referential_restrict or configurable (PLT-20)."""
        return kind_of(self.cascade, self.on_delete)

    @property
    def is_part(self) -> bool:
        """Whether records are a part of the one referred to, such as a line: they always share its fate."""
        return self.create_only and self.required and self.behaviour == "parental"

    @property
    def is_derived(self) -> bool:
        """Whether the database gives the value while reading; nothing under its name is stored."""
        return self.formula is not None or self.moment_of is not None or self.counts_members

    @cached_property
    def option_by_value(self) -> dict[int, Option]:
        return {o.value: o for o in self.options}

    @cached_property
    def former_by_value(self) -> dict[int, Option]:
        return {o.value: o for o in self.former_options}
