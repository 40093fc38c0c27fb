"""What tests of the steps of an import share."""

from __future__ import annotations

from typing import Any

from crm_core.metadata import registry
from crm_core.records import service


def model(name: str) -> Any:
    return registry.get(name).model.objects


def make(wizard: Any, name: str, *rows: dict[str, Any]) -> list[Any]:
    results = service.create_many(registry.get(name), rows, wizard.actor)
    assert all(r.error is None for r in results), [r.error for r in results]
    return [r.id for r in results]


def map_columns(wizard: Any, import_: Any, **by_header: Any) -> Any:
    """Map columns by header: an attribute's name, or its options; None leaves a column out."""
    columns = {}
    for index, column in enumerate(import_.columns):
        wanted = by_header.get(column["header"])
        if wanted:
            columns[str(index)] = wanted if isinstance(wanted, dict) else {"attribute": wanted}
    return wizard.change(import_, mapping={**import_.mapping, "columns": columns})
