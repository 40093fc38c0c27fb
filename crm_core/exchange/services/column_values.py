"""The values of one column and what each becomes: the wizard's page of values (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from crm_core.exchange import staging
from crm_core.exchange.analysis.guessing import guess_options, unmatched
from crm_core.exchange.analysis.targets import REFERENCES, Target, targets_of
from crm_core.exchange.models import Import
from crm_core.exchange.references import known_names, target_names
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.reference import as_uuid
from crm_core.security.actor import Actor


def distinct_values(import_: Import, column: int, actor: Actor, limit: int = 500) -> dict[str, Any]:
    """Distinct values of a column with counts, what each becomes now, and a guess for those that become nothing.

    Raises Malformed `import.column` for a column the file does not have.
    """
    if not 0 <= column < len(import_.columns):
        raise Malformed("import.column", "There is no such column.", field="column")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value, n, count(*) OVER () FROM (SELECT trim(coalesce(overrides ->> %s, cells ->> %s)) AS value, count(*) AS n"
            " FROM exchange_importrow WHERE import_id = %s GROUP BY 1) AS found WHERE value <> '' ORDER BY n DESC, value LIMIT %s",
            [str(column), column, import_.pk, limit],
        )
        rows = cursor.fetchall()
    options = import_.mapping.get("columns", {}).get(str(column))
    described = (
        _described(import_, options, [r[0] for r in rows], actor) if options and import_.object else {}
    )
    values = [
        {
            "value": value,
            "count": n,
            **described.get(value, {"target": None, "label": None, "known": False, "guess": None}),
        }
        for value, n, _ in rows
    ]
    return {
        "values": values,
        "distinct": rows[0][2] if rows else 0,
        "truncated": bool(rows) and rows[0][2] > len(rows),
    }


def _own_names(
    import_: Import, entity: Entity, target: Target, options: Mapping[str, Any], values: list[str]
) -> set[str]:
    """Which of the values name records that the file itself brings in, such as parents further down."""
    own = target.attribute is not None and entity.name in target.attribute.targets
    columns = import_.mapping.get("columns", {}).items()
    named = next((int(i) for i, o in columns if o["attribute"] == entity.primary), None)
    if not own or named is None or options.get("lookup_by") not in (None, "name") or not values:
        return set()
    found = staging.names_in_file(import_.pk, named, {v.strip().lower() for v in values})
    return {v for v in values if v.strip().lower() in found}


def _described(
    import_: Import, options: Mapping[str, Any], values: list[str], actor: Actor
) -> dict[str, dict[str, Any]]:
    entity = registry.get(import_.object or "")
    target = next((t for t in targets_of(entity, actor) if t.name == options["attribute"]), None)
    if target is None:
        return {}
    mapped = options.get("values") or {}
    found: dict[str, dict[str, Any]] = {}
    if target.options:
        labels = [o["label"] for o in target.options]
        for value, g in zip(values, guess_options(values, labels), strict=True):
            exact = g is not None and g[1] == 1.0
            chosen = mapped.get(value, target.options[g[0]]["value"] if g is not None and exact else None)
            label = next(
                (o["label"] for o in target.options if o["value"] == chosen),
                chosen if isinstance(chosen, str) else None,
            )
            hint = (
                {"target": target.options[g[0]]["value"], "label": labels[g[0]], "score": g[1]}
                if g is not None
                else None
            )
            found[value] = {
                "target": chosen,
                "label": label,
                "known": value in mapped or exact,
                "guess": hint,
            }
        return found
    if target.type in REFERENCES and target.attribute is not None:
        known = known_names(target.attribute, values, options.get("lookup_by"), actor)
        own = _own_names(import_, entity, target, options, [v for v in values if v not in known])
        hints = unmatched(
            [v for v in values if v not in known and v not in mapped and v not in own],
            target_names(target.attribute, actor),
        )
        for value in values:
            hint = (
                {"target": hints[value][0], "label": hints[value][0], "score": hints[value][1]}
                if value in hints
                else None
            )
            chosen = mapped.get(value, value if value in known or value in own else None)
            label = chosen if isinstance(chosen, str) and as_uuid(chosen) is None else None
            found[value] = {
                "target": chosen,
                "label": label,
                "known": value in mapped or value in known or value in own,
                "guess": hint,
                "in_file": value in own,
            }
        return found
    return {v: {"target": mapped.get(v, v), "label": None, "known": True, "guess": None} for v in values}
