"""Whether a workspace is empty: nothing in it but what providing it makes (ASP-40.4).

That is one person (who asks), the root unit, delivered roles and duplicate rules, the base currency, settings, and what
the audit says of that. Records in the recycle bin and sample records are not nothing.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from crm_core.exchange.exporting import exact_tables
from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict
from crm_core.metadata.models import Currency, NumberCounter, Organization
from crm_core.records.models import CustomRecord, DuplicateRule, StoredFile
from crm_core.security.actor import Actor
from crm_core.security.models import BusinessUnit, Principal, Role, RoleAssignment, SystemUser

#: settings of the workspace, replaced with those of the archive whatever they are
_REPLACED: set[type[Model]] = {Organization, NumberCounter}


def found(actor: Actor) -> list[dict[str, Any]]:
    """What is in the way: `{"object", "rows", "sample"}` per kind of rows, empty in an empty workspace."""
    rows: list[dict[str, Any]] = []
    for name, model in exact_tables.tables(audit=False).items():
        if model in _REPLACED:
            continue
        others = _others(model, actor)
        count = others.count()
        if count:
            has_samples = any(f.name == "is_sample" for f in model._meta.fields)
            sample = others.filter(is_sample=True).count() if has_samples else 0
            rows.append({"object": object_of(model, name), "rows": count, "sample": sample})
    return rows


def require(actor: Actor) -> None:
    """Raises Conflict `workspace.not_empty`, or `workspace.has_sample_data` when sample records are all there is."""
    rows = found(actor)
    if not rows:
        return
    details = {"found": rows}
    if all(row["rows"] == row["sample"] for row in rows):
        raise Conflict("workspace.has_sample_data", "Remove the sample data first.", details=details)
    raise Conflict(
        "workspace.not_empty", "An archive can only be imported into an empty workspace.", details=details
    )


def _others(model: type[Model], actor: Actor) -> QuerySet[Any]:
    """Rows of `model` that providing a workspace does not make."""
    rows: QuerySet[Any] = model._default_manager.all()
    if model is BusinessUnit:
        return rows.exclude(parent=None, deleted_at=None)
    if model in (Role, DuplicateRule):
        return rows.filter(key=None)
    if model in (SystemUser, Principal):
        return rows.exclude(pk=actor.user_id)
    if model is RoleAssignment:
        return rows.exclude(principal_id=actor.user_id)
    if model is Currency:
        return rows.exclude(is_base=True)
    if model is StoredFile:
        return rows.filter(deleted_at=None)
    return rows


def object_of(model: type[Model], entry: str) -> str:
    """The object the rows belong to, for a label; the entry of the archive for what is no object."""
    if model is CustomRecord:
        return "custom_record"
    names = [entity.name for entity in registry.all() if entity.model is model]
    return names[0] if names else entry.removesuffix(".jsonl")
