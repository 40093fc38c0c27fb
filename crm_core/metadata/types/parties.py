"""The parties of an activity: senders, recipients, attendees."""

from __future__ import annotations

from typing import Any

from django.db.models import JSONField, Q
from django.db.models.fields.json import KeyTransform

from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.base import AttributeType
from crm_core.metadata.types.reference import as_uuid

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
