"""Where a value stands on a model instance: one place that knows plain columns, pairs of columns and `custom`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_core.metadata.types.reference import Reference

if TYPE_CHECKING:
    from crm_core.metadata.entity import Attribute
    from crm_core.metadata.record import Record


def assign(attribute: Attribute, instance: Record, value: Any) -> list[str]:
    """Set `value` on `instance` and return the model columns that changed."""
    kind = attribute.type.name
    if attribute.custom:
        custom = dict(instance.custom or {})
        if value is None:
            custom.pop(attribute.name, None)
        else:
            custom[attribute.name] = attribute.type.encode(attribute, value)
        instance.custom = custom
        return ["custom"]
    if kind == "customer":
        for target, column in attribute.columns.items():
            setattr(instance, f"{column}_id", value.id if value and value.object == target else None)
        return list(attribute.columns.values())
    if kind == "regarding":
        for part, column in attribute.columns.items():
            setattr(instance, column, getattr(value, part) if value else None)
        return list(attribute.columns.values())
    if kind in ("lookup", "owner", "file"):
        column = attribute.column or attribute.name
        setattr(instance, f"{column}_id", value.id if value else None)
        return [column]
    setattr(instance, attribute.column or attribute.name, value)
    return [attribute.column or attribute.name]


def read(attribute: Attribute, instance: Record) -> Any:
    """The stored value of `attribute` on `instance`, references without their names."""
    kind = attribute.type.name
    if attribute.custom:
        return attribute.type.decode(attribute, (instance.custom or {}).get(attribute.name))
    if kind == "customer":
        for target, column in attribute.columns.items():
            if (identifier := getattr(instance, f"{column}_id")) is not None:
                return Reference(target, identifier)
        return None
    if kind == "regarding":
        identifier = getattr(instance, attribute.columns["id"])
        if identifier is None:
            return None
        return Reference(
            getattr(instance, attribute.columns["object"]),
            identifier,
            getattr(instance, attribute.columns["name"]),
        )
    if kind in ("lookup", "owner", "file"):
        identifier = getattr(instance, f"{attribute.column or attribute.name}_id")
        if identifier is None:
            return None
        return Reference(attribute.targets[0] if attribute.targets else "user", identifier)
    return getattr(instance, attribute.column or attribute.name)
