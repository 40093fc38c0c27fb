"""The whole content of a workspace's records as one value, to compare before and after."""

from __future__ import annotations

from typing import Any

from crm_core.metadata import registry
from crm_core.records.models import RecordLink, RelatedPair, StoredFile, UniqueValue
from crm_core.security.models import Share

#: What every write moves on, whatever it says; the rest must be as before.
_MOVING = {"version", "modified_at", "modified_by_id"}


def state(*, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Every column of every record by object and id, links, unique values, shares and files."""
    found: dict[str, Any] = {}
    for entity in registry.all():
        if entity.name in without:
            continue
        rows = entity.model.objects.all()  # type: ignore[attr-defined]
        rows = rows.filter(object=entity.discriminator) if entity.discriminator else rows
        columns = [f.attname for f in entity.model._meta.concrete_fields if f.attname not in _MOVING]
        found[entity.name] = {row["id"]: row for row in rows.values(*columns)}
    found["links"] = sorted(map(str, RecordLink.objects.values_list("attribute", "source_id", "target_id")))
    found["pairs"] = sorted(
        map(str, RelatedPair.objects.values_list("relationship", "first_id", "second_id"))
    )
    found["unique"] = sorted(
        map(str, UniqueValue.objects.values_list("object", "attribute", "value", "record_id"))
    )
    found["shares"] = sorted(
        map(str, Share.objects.values_list("object", "record_id", "principal_id", "rights"))
    )
    found["files"] = sorted(map(str, StoredFile.objects.values_list("pk", "regarding_id", "deleted_at")))
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Where two states differ, in words; empty when they are equal."""
    found = []
    for name, content in before.items():
        if content == after[name]:
            continue
        if not isinstance(content, dict):
            found.append(f"{name}: {content} != {after[name]}")
            continue
        for key in set(content) | set(after[name]):
            one, other = content.get(key), after[name].get(key)
            if one is None or other is None:
                found.append(f"{name} {key}: {'gone' if other is None else 'new'}")
            elif one != other:
                found += [f"{name}.{c}: {one[c]!r} != {other[c]!r}" for c in one if one[c] != other[c]]
    return found
