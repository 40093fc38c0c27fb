"""A reference to a stored file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.fields.json import KeyTextTransform

from crm_core.metadata.types.reference import Reference, ReferenceType, as_uuid


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
