"""One intended write to one record: what rules look at and may add to."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata.entity import Entity
from crm_core.metadata.record import Record
from crm_core.metadata.types import storage
from crm_core.security.actor import Actor


class Change:
    """Old and new values of one record while it is being written.

    `record` is the model instance with the new values; `columns` collects the model columns to save.
    """

    def __init__(
        self,
        entity: Entity,
        actor: Actor,
        record: Record,
        *,
        operation: str,
        options: dict[str, Any] | None = None,
    ):
        self.entity = entity
        self.actor = actor
        self.record = record
        self.operation = operation
        self.options = options or {}
        self.warnings: list[dict[str, str]] = []
        self.columns: set[str] = set()
        self._old: dict[str, Any] = {}

    @property
    def is_create(self) -> bool:
        return self.operation == "create"

    def get(self, name: str) -> Any:
        """The new value."""
        return storage.read(self.entity.attributes[name], self.record)

    def old(self, name: str) -> Any:
        """The value before this change (None when creating)."""
        if name in self._old:
            return self._old[name]
        return None if self.is_create else self.get(name)

    def changed(self, name: str) -> bool:
        """Whether this write changes `name`; when creating, whether it has a value."""
        if self.is_create:
            return self.get(name) is not None
        return name in self._old and _differs(self._old[name], self.get(name))

    def was_given(self, name: str) -> bool:
        """Whether this write says what `name` is, be it nothing."""
        return name in self._old

    def set(self, name: str, value: Any) -> None:
        """Set `name` to the stored form of `value` (not the JSON form)."""
        attribute = self.entity.attributes[name]
        if name not in self._old:
            self._old[name] = None if self.is_create else storage.read(attribute, self.record)
        self.columns.update(storage.assign(attribute, self.record, value))

    def set_unit(self, unit_id: uuid.UUID | None) -> None:
        """The unit a record belongs to is always its owner's (PRODUCT_SPEC 0.3); it is a column, no attribute."""
        record: Any = self.record
        record.owning_business_unit_id = unit_id
        self.columns.add("owning_business_unit_id")

    @property
    def changed_names(self) -> list[str]:
        return [name for name in self._old if self.is_create or self.changed(name)]

    def warn(self, code: str, message: Any) -> None:
        """Tell the caller something that does not stop the write."""
        self.warnings.append({"code": code, "message": str(message)})

    def differences(self) -> dict[str, list[Any]]:
        """Changed values as {attribute: [old, new]} in JSON form, for audit and undo."""
        found: dict[str, list[Any]] = {}
        if self.is_create:
            attributes, record = self.entity.attributes, self.record
            for name in self._old:
                attribute = attributes[name]
                if (value := storage.read(attribute, record)) is not None:
                    found[name] = [None, attribute.type.to_json(attribute, value)]
            return found
        for name in self._old:
            attribute = self.entity.attributes[name]
            old, new = self._old[name], storage.read(attribute, self.record)
            if _differs(old, new):
                found[name] = [attribute.type.to_json(attribute, old), attribute.type.to_json(attribute, new)]
        return found


def _differs(old: Any, new: Any) -> bool:
    """References are equal when they point at the same record, whatever name they carry."""
    if hasattr(old, "id") and hasattr(new, "id"):
        return (old.object, old.id) != (new.object, new.id)
    return old != new
