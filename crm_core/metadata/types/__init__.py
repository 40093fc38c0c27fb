"""Attribute types, one class each; `get(name)` finds the one class of a type."""

from crm_core.metadata.types.base import AttributeType
from crm_core.metadata.types.choice import Bool, Multi, Pick, StateType, StatusReason
from crm_core.metadata.types.file import File
from crm_core.metadata.types.number import Dec, Duration, Float, Int, Money
from crm_core.metadata.types.parties import Parties
from crm_core.metadata.types.reference import Lookup, Owner
from crm_core.metadata.types.selection import Filter, Ids
from crm_core.metadata.types.several import Customer, Regarding
from crm_core.metadata.types.temporal import Date, DateTime
from crm_core.metadata.types.text import Auto, Memo, Text

ALL: tuple[AttributeType, ...] = (
    Text(),
    Memo(),
    Auto(),
    Int(),
    Dec(),
    Float(),
    Money(),
    Duration(),
    Bool(),
    Pick(),
    Multi(),
    StateType(),
    StatusReason(),
    Date(),
    DateTime(),
    Lookup(),
    Customer(),
    Regarding(),
    Owner(),
    Parties(),
    File(),
    Filter(),
    Ids(),
)
_BY_NAME = {t.name: t for t in ALL}


def get(name: str) -> AttributeType:
    """The type called `name`; KeyError for an unknown one."""
    return _BY_NAME[name]


def custom_types() -> tuple[AttributeType, ...]:
    """The types a customizer may choose for a new attribute (PLT-3)."""
    return tuple(t for t in ALL if t.customizable)
