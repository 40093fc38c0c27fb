"""References to another record of one object: lookups and owners, and what all references have in common."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Q, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.base import AttributeType

#: what makes a condition about the person who asks, by the object a lookup refers to
OWN = {
    "user": ("me", "my_reports"),
    "team": ("my_teams",),
    "business_unit": ("my_unit", "my_unit_and_below"),
}


class Reference(NamedTuple):
    """Which record of which object; `name` is what to show."""

    object: str
    id: uuid.UUID
    name: str | None = None


def as_uuid(value: Any) -> uuid.UUID | None:
    """The UUID in `value`, or None when it is none."""
    if isinstance(value, uuid.UUID):
        return value
    if isinstance(value, str) and 32 <= len(value) <= 36:
        try:
            return uuid.UUID(value)
        except ValueError:
            return None
    return None


class ReferenceType(AttributeType):
    operators: tuple[str, ...] = ("eq", "ne", "in", "not_in", "empty", "not_empty")

    def parse(self, attribute, raw: Any) -> Reference | None:
        if raw is None:
            return None
        if isinstance(raw, Reference):
            return raw
        target, value, name = None, raw, None
        if isinstance(raw, dict):
            if unknown := set(raw) - {"object", "id", "name"}:
                raise self.wrong(attribute, f"unknown key “{sorted(unknown)[0]}”.", "value.wrong_type")
            target, value, name = raw.get("object"), raw.get("id"), raw.get("name")
        if target is None and len(attribute.targets) == 1:
            target = attribute.targets[0]
        identifier = as_uuid(value)
        if identifier is None or (target is not None and not isinstance(target, str)):
            raise self.wrong(attribute, "the id of a record is needed.", "value.not_an_id")
        if target is None:
            raise self.wrong(attribute, "say which object the id belongs to.", "lookup.object_needed")
        if attribute.targets and target not in attribute.targets:
            raise self.wrong(
                attribute, "records of this object cannot be chosen here.", "lookup.wrong_object"
            )
        return Reference(target, identifier, name if isinstance(name, str) else None)

    def to_json(self, attribute, value: Any) -> Any:
        return {"object": value.object, "id": str(value.id), "name": value.name} if value else None

    def to_text(self, attribute, value: Any) -> str:
        return (value.name or str(value.id)) if value else ""

    def identifiers(self, attribute, value: Any, context) -> list[uuid.UUID]:
        values = value if isinstance(value, list) else [value]
        if not values or len(values) > 1000:
            raise Malformed(
                "filter.invalid_value", f"{attribute.label}: 1 to 1,000 ids are needed.", field=attribute.name
            )
        given = [as_uuid(v.get("id") if isinstance(v, dict) else v) for v in values]
        found = [identifier for identifier in given if identifier is not None]
        if len(found) < len(given):
            raise Malformed(
                "filter.invalid_value",
                f"{attribute.label}: the id of a record is needed.",
                field=attribute.name,
            )
        return found

    def op_eq(self, attribute, ref, value, context) -> Q:
        if isinstance(value, list):
            raise Malformed(
                "filter.invalid_value", f"{attribute.label}: one id is needed.", field=attribute.name
            )
        return self.op_in(attribute, ref, [value], context)

    def op_in(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__in", self.identifiers(attribute, value, context)))

    # hierarchy and the person who asks ---------------------------------------------------------------------------
    def hierarchies(self, attribute) -> tuple[str, ...]:
        """Objects among the targets whose records form a tree."""
        from crm_core.metadata import registry
        from crm_core.metadata.hierarchy import parent_attribute

        known = registry.current().entities
        return tuple(t for t in attribute.targets if t in known and parent_attribute(known[t]) is not None)

    def operators_for(self, attribute) -> tuple[str, ...]:
        from crm_core.metadata.hierarchy import OPERATORS

        own = OWN.get(attribute.targets[0], ()) if len(attribute.targets) == 1 else ()
        return (*self.operators, *own, *(OPERATORS if self.hierarchies(attribute) else ()))

    def in_family(self, attribute, ref, operator, value, context) -> Q:
        """Refers to a record at a place in a tree; negations include rows without a reference."""
        from crm_core.metadata.hierarchy import family

        ids = self.identifiers(attribute, value, context)
        reached = {i for target in self.hierarchies(attribute) for i in family(target, operator, ids)}
        found = Q((f"{ref}__in", reached))
        return ~found | Q((f"{ref}__isnull", True)) if operator.startswith("not_") else found

    def condition(self, attribute, ref, operator, value, context) -> Q:
        from crm_core.metadata.hierarchy import OPERATORS

        if operator in OPERATORS and operator in self.operators_for(attribute):
            return self.in_family(attribute, ref, operator, value, context)
        return super().condition(attribute, ref, operator, value, context)

    def op_me(self, attribute, ref, value, context) -> Q:
        return Q((ref, context.user_id)) if context.user_id else Q(pk__in=[])

    def op_my_reports(self, attribute, ref, value, context) -> Q:
        """The person who asks and everybody who reports to him, directly or not."""
        from crm_core.metadata.hierarchy import family

        mine = family("user", "under_or_equal", [context.user_id]) if context.user_id else []
        return Q((f"{ref}__in", mine))

    def op_my_teams(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__in", list(context.team_ids)))

    def op_my_unit(self, attribute, ref, value, context) -> Q:
        return Q((ref, context.unit_id)) if context.unit_id else Q(pk__in=[])

    def op_my_unit_and_below(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__in", list(context.unit_ids)))


class Lookup(ReferenceType):
    """Reference to one record of one object; custom lookups keep the id under `custom` and a row in `RecordLink`."""

    name = "lookup"
    customizable = True
    json_output = UUIDField

    def _target_name(self, attribute, prefix: str) -> str:
        from crm_core.metadata import registry

        if attribute.targets == ("user",):
            return f"{prefix}{attribute.column}__name"
        target = registry.get(attribute.targets[0])
        return f"{prefix}{attribute.column}__{target.primary_attribute.column}"

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        if attribute.custom:
            return [KeyTextTransform(attribute.name, prefix + "custom")]
        return [f"{prefix}{attribute.column}_id", self._target_name(attribute, prefix)]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        if values[0] is None:
            return None
        return {
            "object": attribute.targets[0],
            "id": str(values[0]),
            "name": values[1] if len(values) > 1 else None,
        }

    def expression(self, attribute, prefix: str = "") -> Any:
        if attribute.custom:
            return Cast(KeyTextTransform(attribute.name, prefix + "custom"), UUIDField())
        return f"{prefix}{attribute.column}_id"

    def sort_key(self, attribute, prefix: str = "") -> Any:
        return (
            self.expression(attribute, prefix) if attribute.custom else self._target_name(attribute, prefix)
        )

    def encode(self, attribute, value: Any) -> Any:
        return str(value.id) if attribute.custom and value else self.to_json(attribute, value)


class Owner(ReferenceType):
    """The user or team a record belongs to."""

    name = "owner"
    operators = (
        *ReferenceType.operators,
        "me",
        "my_reports",
        "my_teams",
        "my_unit",
        "my_unit_and_below",
    )

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        return [f"{prefix}owner_id", f"{prefix}owner__name", f"{prefix}owner__kind"]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        return (
            {"object": values[2], "id": str(values[0]), "name": values[1]} if values[0] is not None else None
        )

    def parse(self, attribute, raw: Any) -> Reference | None:
        if isinstance(raw, str) and (identifier := as_uuid(raw)):
            return Reference("user", identifier)  # the service finds out whether it is a team
        return super().parse(attribute, raw)

    def expression(self, attribute, prefix: str = "") -> Any:
        return f"{prefix}owner_id"

    def sort_key(self, attribute, prefix: str = "") -> Any:
        return f"{prefix}owner__name"

    def op_my_unit(self, attribute, ref, value, context) -> Q:
        return Q((self._unit(ref), context.unit_id)) if context.unit_id else Q(pk__in=[])

    def op_my_unit_and_below(self, attribute, ref, value, context) -> Q:
        return Q((f"{self._unit(ref)}__in", list(context.unit_ids)))

    def _unit(self, ref: str) -> str:
        return ref.removesuffix("owner_id") + "owning_business_unit_id"
