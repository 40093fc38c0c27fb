"""Carrying values from one record to a new one: which attribute becomes which (PRODUCT_SPEC 2.1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid
from crm_core.metadata.record import Record
from crm_core.metadata.types import storage
from crm_core.security import access


@dataclass(frozen=True)
class FieldMapping:
    """Pairs (attribute of `source`, attribute of `target`)."""

    source: str
    target: str
    pairs: tuple[tuple[str, str], ...]


def same(*names: str) -> tuple[tuple[str, str], ...]:
    """Pairs of attributes that are called the same on both sides."""
    return tuple((name, name) for name in names)


_ADDRESS = (
    "address1_line1",
    "address1_line2",
    "address1_city",
    "address1_state",
    "address1_postal_code",
    "address1_country",
)
_PREFERENCES = (
    "preferred_contact_method", "do_not_email", "do_not_bulk_email", "do_not_phone", "do_not_fax", "do_not_postal_mail",
    "do_not_send_marketing_materials",
)  # fmt: skip

LEAD_TO_ACCOUNT = FieldMapping(
    "lead",
    "account",
    (
        ("company_name", "name"),
        ("business_phone", "phone"),
        *same(
            "email",
            "fax",
            "website",
            "industry",
            "annual_revenue",
            "number_of_employees",
            "source",
            "rating",
            "description",
        ),
        *same(*_ADDRESS, *_PREFERENCES),
    ),
)
LEAD_TO_CONTACT = FieldMapping(
    "lead",
    "contact",
    (
        *same(
            "salutation",
            "first_name",
            "last_name",
            "job_title",
            "email",
            "business_phone",
            "mobile_phone",
            "home_phone",
            "fax",
        ),
        *same("website", "source", "description"),
        *same(*_ADDRESS, *_PREFERENCES),
    ),
)
LEAD_TO_OPPORTUNITY = FieldMapping(
    "lead",
    "opportunity",
    (
        ("estimated_value", "estimated_revenue"),
        *same("topic", "source", "rating", "purchase_timeframe", "description"),
    ),
)
MAPPINGS = (LEAD_TO_ACCOUNT, LEAD_TO_CONTACT, LEAD_TO_OPPORTUNITY)


def secured_targets(mapping: FieldMapping) -> frozenset[str]:
    """Attributes of the new record the workspace fills in whatever the person may write: their values were there before."""
    target = registry.get(mapping.target)
    return frozenset(name for _source, name in mapping.pairs if target.attribute(name).secured)


def verify(mapping: FieldMapping) -> None:
    """Raises Invalid `mapping.incompatible` unless every pair agrees in type and the target is at least as long."""
    source, target = registry.get(mapping.source), registry.get(mapping.target)
    for source_name, target_name in mapping.pairs:
        problem = _problem(source.attribute(source_name), target.attribute(target_name))
        if problem:
            raise Invalid(
                "mapping.incompatible",
                f"{source.label}.{source_name} → {target.label}.{target_name}: {problem}.",
                field=source_name,
                details={"source": source_name, "target": target_name},
            )


def _problem(source: Attribute, target: Attribute) -> str | None:
    if source.type.name != target.type.name:
        return f"{source.type.name} is no {target.type.name}"
    if source.option_list != target.option_list:
        return "the option lists differ"
    if target.max_length and (source.max_length or 10**9) > target.max_length:
        return "the target is shorter"
    if source.format and target.format and source.format != target.format:
        return "the formats differ"
    return None


def mapped_values(
    mapping: FieldMapping, entity: Entity, record: Record, *, only: Iterable[str] | None = None
) -> dict[str, Any]:
    """Values for the new record as JSON; empty ones are left out, and secured ones that would stand in the open there.

    `only` limits the source attributes.
    """
    target = registry.get(mapping.target)
    wanted = set(only) if only is not None else None
    values: dict[str, Any] = {}
    for source_name, target_name in mapping.pairs:
        if wanted is not None and source_name not in wanted:
            continue
        attribute = entity.attribute(source_name)
        if not access.carries(attribute, target.attribute(target_name)):
            continue
        value = storage.read(attribute, record)
        if value is not None:
            values[target_name] = attribute.type.to_json(attribute, value)
    return values
