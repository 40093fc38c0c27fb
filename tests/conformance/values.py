"""Valid values for any attribute of any object, so that a new object is tested without a line of its own."""

from __future__ import annotations

from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.records import service
from crm_core.security.actor import Actor

_FORMATS = {
    "email": "mia{n}@example.com",
    "phone": "+49 30 90182{n:03d}",
    "url": "https://example{n}.com",
    "currency": "EUR",
}


def value_for(attribute: Attribute, actor: Actor, n: int = 1) -> Any:
    """A valid JSON value, different for different `n` where the type allows; None when there is none to give."""
    kind = attribute.type.name
    if kind in ("text", "auto"):
        text = _FORMATS.get(attribute.format or "", f"{attribute.name} {n}").format(n=n)
        return text[: attribute.max_length or 200]
    if kind == "memo":
        return f"Line one\nline {n}"
    if kind in ("int", "duration", "float"):
        low = int(float(attribute.min)) if attribute.min is not None else 0
        return low + n
    if kind in ("dec", "money"):
        return f"{n}.50"
    if kind == "bool":
        return bool(n % 2)
    if kind == "pick":
        options = [o for o in attribute.options if o.active]
        return options[n % len(options)].value
    if kind == "multi":
        return sorted({attribute.options[n % len(attribute.options)].value})
    if kind == "date":
        return f"2026-03-{n % 28 + 1:02d}"
    if kind == "datetime":
        return f"2026-03-{n % 28 + 1:02d}T09:30:00Z"
    if kind == "owner":
        return str(actor.user_id)
    return None


def minimal(entity: Entity, actor: Actor, n: int = 1) -> dict[str, Any]:
    """The smallest set of values with which a record can be created."""
    found: dict[str, Any] = {}
    for attribute in entity.attributes.values():
        if not attribute.required or attribute.read_only:
            continue
        found[attribute.name] = _reference(attribute, actor) or value_for(attribute, actor, n)
    found.setdefault(entity.primary, None)
    primary = entity.primary_attribute
    if found[entity.primary] is None and not primary.read_only:
        found[entity.primary] = value_for(primary, actor, n)
    if primary.read_only:
        del found[entity.primary]
    if entity.name == "lead":
        found["last_name"] = f"Lead {n}"  # SAL: last name or company is needed
    if entity.name == "business_unit":
        from crm_core.security.models import BusinessUnit

        found["parent"] = str(BusinessUnit.objects.get(parent=None).pk)
    return found


def _reference(attribute: Attribute, actor: Actor) -> Any:
    if attribute.type.name not in ("lookup", "customer", "regarding"):
        return None
    if attribute.targets == ("user",):
        return str(actor.user_id)
    target = registry.get(attribute.targets[0] if attribute.targets else "account")
    made = service.create(target, minimal(target, actor, 99), actor).id
    return {"object": target.name, "id": str(made)}


def full(entity: Entity, actor: Actor, n: int = 1) -> dict[str, Any]:
    """Every attribute a person may write, with a value."""
    found = minimal(entity, actor, n)
    for attribute in entity.attributes.values():
        if (
            attribute.read_only
            or attribute.name in found
            or attribute.name in ("state", "status_reason", "external_key", "owner")
        ):
            continue
        value = value_for(attribute, actor, n)
        if value is not None:
            found[attribute.name] = value
    return found
