"""References to other records: lookups, customers, regarding, owners, parties and stored files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import JSONField, Q, UUIDField
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.base import AttributeType

PARTY_ROLES = (
    "from",
    "to",
    "cc",
    "bcc",
    "required",
    "optional",
    "organiser",
    "resource",
    "customer",
    "partner",
)


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


class Customer(ReferenceType):
    """Account or contact: one real foreign key each, at most one of them set (CUS terms)."""

    name = "customer"

    def _branches(self, attribute, prefix: str) -> list[tuple[str, str, str]]:
        from crm_core.metadata import registry

        return [
            (
                target,
                f"{prefix}{column}_id",
                f"{prefix}{column}__{registry.get(target).primary_attribute.column}",
            )
            for target, column in attribute.columns.items()
        ]

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        return [path for _target, key, name in self._branches(attribute, prefix) for path in (key, name)]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        for index, target in enumerate(attribute.columns):
            if values[2 * index] is not None:
                return {"object": target, "id": str(values[2 * index]), "name": values[2 * index + 1]}
        return None

    def expression(self, attribute, prefix: str = "") -> Any:
        return Coalesce(*[key for _target, key, _name in self._branches(attribute, prefix)])

    def sort_key(self, attribute, prefix: str = "") -> Any:
        return Coalesce(*[name for _target, _key, name in self._branches(attribute, prefix)])

    def condition(self, attribute, ref, operator, value, context) -> Q:
        """Conditions go to the real columns, so that their indexes serve; `ref` is the prefix before them."""
        keys = [key for _target, key, _name in self._branches(attribute, ref)]
        if operator in ("empty", "not_empty"):
            empty = Q(*[(f"{key}__isnull", True) for key in keys])
            return empty if operator == "empty" else ~empty
        if operator in ("eq", "in", "ne", "not_in"):
            positive = Q()
            for key in keys:
                positive |= self.op_in(attribute, key, value if isinstance(value, list) else [value], context)
            if operator in ("eq", "in"):
                return positive
            # NULL columns make NOT(a IN … OR b IN …) unknown, so each column is negated by itself
            negative = Q()
            for key in keys:
                negative &= ~Q((f"{key}__in", self.identifiers(attribute, value, context))) | Q(
                    (f"{key}__isnull", True)
                )
            return negative
        if operator in self.operators_for(attribute):
            return self._in_families(attribute, keys, operator, value, context)
        return super().condition(attribute, ref, operator, value, context)

    def _in_families(self, attribute, keys: list[str], operator: str, value: Any, context) -> Q:
        """An account or a contact at a place in its tree; each key column by itself because of NULL."""
        found = Q()
        for key in keys:
            condition = self.in_family(attribute, key, operator, value, context)
            found = found & condition if operator.startswith("not_") else found | condition
        return found


class Regarding(ReferenceType):
    """Any object that allows activities: object, id and the name it had when it was chosen."""

    name = "regarding"

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        return [prefix + attribute.columns[part] for part in ("object", "id", "name")]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        return (
            {"object": values[0], "id": str(values[1]), "name": values[2]} if values[1] is not None else None
        )

    def expression(self, attribute, prefix: str = "") -> Any:
        return prefix + attribute.columns["id"]

    def sort_key(self, attribute, prefix: str = "") -> Any:
        return prefix + attribute.columns["name"]


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


class Parties(AttributeType):
    """People and companies taking part in an activity, each with a role (PRODUCT_SPEC 0.2)."""

    name = "parties"
    operators = ("includes", "empty", "not_empty")
    json_output = JSONField

    def parse(self, attribute, raw: Any) -> list[dict] | None:
        if raw is None or raw == []:
            return None
        if not isinstance(raw, list) or len(raw) > 200:
            raise self.wrong(attribute, "a list of at most 200 parties is needed.", "value.wrong_type")
        return [self.party(attribute, item) for item in raw]

    def party(self, attribute, item: Any) -> dict:
        if not isinstance(item, dict) or set(item) - {"role", "object", "id", "name", "address"}:
            raise self.wrong(attribute, "a party has role, object, id, name and address.", "value.wrong_type")
        role, target, identifier, address = (
            item.get("role", "to"),
            item.get("object"),
            item.get("id"),
            item.get("address"),
        )
        if role not in PARTY_ROLES:
            raise self.wrong(attribute, "unknown role.", "party.unknown_role")
        if address is not None and (not isinstance(address, str) or len(address) > 320 or "\x00" in address):
            raise self.wrong(
                attribute, "the address is no text of at most 320 characters.", "value.wrong_type"
            )
        if identifier is None and not address:
            raise self.wrong(attribute, "a party needs a record or an address.", "party.empty")
        if identifier is not None and (
            as_uuid(identifier) is None or target not in (attribute.targets or (target,))
        ):
            raise self.wrong(attribute, "the id of a record is needed.", "value.not_an_id")
        name = item.get("name")
        name = name[:200].replace("\x00", "") if isinstance(name, str) else None
        return {
            "role": role,
            "object": target,
            "id": str(as_uuid(identifier)) if identifier else None,
            "name": name,
            "address": address,
        }

    def to_text(self, attribute, value: Any) -> str:
        return "; ".join(p.get("name") or p.get("address") or "" for p in value or [])

    def custom_expression(self, attribute, prefix: str) -> Any:
        return KeyTransform(attribute.name, prefix + "custom")

    def op_includes(self, attribute, ref, value, context) -> Q:
        identifier = as_uuid(value.get("id") if isinstance(value, dict) else value)
        if identifier is None:
            raise Malformed(
                "filter.invalid_value",
                f"{attribute.label}: the id of a record is needed.",
                field=attribute.name,
            )
        return Q((f"{ref}__contains", [{"id": str(identifier)}]))


class File(ReferenceType):
    """A stored file by id; name, size and a signed link are added when it is read."""

    name = "file"
    customizable = True
    operators = ("empty", "not_empty")

    def parse(self, attribute, raw: Any) -> Reference | None:
        if raw is None or isinstance(raw, Reference):
            return raw
        identifier = as_uuid(raw.get("id") if isinstance(raw, dict) else raw)
        if identifier is None:
            raise self.wrong(attribute, "the id of an uploaded file is needed.", "value.not_an_id")
        return Reference("file", identifier)

    def encode(self, attribute, value: Any) -> Any:
        return str(value.id) if value else None

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        return [self.expression(attribute, prefix)]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        return {"object": "file", "id": str(values[0]), "name": None} if values[0] else None

    def expression(self, attribute, prefix: str = "") -> Any:
        if attribute.custom:
            return KeyTextTransform(attribute.name, prefix + "custom")
        return f"{prefix}{attribute.column}_id"
