"""What fields were called that are no longer there: their names are all that old views and entries have of them (PLT-3)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.db.models import F

from crm_core.metadata import registry
from crm_core.metadata.labels import TenantLabel
from crm_core.metadata.models import Publication

_KEPT = 500
_known: OrderedDict[tuple[int, str], dict[str, TenantLabel]] = OrderedDict()


def former_labels(object_name: str) -> dict[str, TenantLabel]:
    """The last labels of own fields an object had once and has no more, by name; read once per published version."""
    current = registry.current()
    entity = current.entities.get(object_name)
    if entity is None or not current.version:
        return {}
    key = (current.serial, object_name)
    if key not in _known:
        rows: Any = Publication.objects.order_by("version").annotate(
            rows=F(f"body__attributes__{object_name}")
        )
        found: dict[str, TenantLabel] = {}
        for fields in rows.values_list("rows", flat=True):
            found.update((f["name"], TenantLabel(f["label"], f.get("labels"))) for f in fields or ())
        _known[key] = {name: label for name, label in found.items() if name not in entity.attributes}
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return _known[key]
