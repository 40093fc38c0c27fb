"""Draft → impact → publish → roll back. A publication is one row with the whole body, so a publish is one transaction."""

from __future__ import annotations

import copy
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction

from crm_core.metadata import plan_limits, registry, workspace
from crm_core.metadata.customization import locks, option_removal
from crm_core.metadata.customization.apply import DOCUMENTS, apply_change
from crm_core.metadata.customization.checks import checked_change, document_problems, register_checker
from crm_core.metadata.customization.draft import KINDS, OPERATIONS, body_of, draft_body, published
from crm_core.metadata.customization.impact import (
    impact,
    options_in_use,
    register_option_finder,
    register_relationship_finder,
    register_usage_finder,
    removals,
    summary_of,
    uses_of,
)
from crm_core.metadata.customization.option_removal import Removal
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.models import DraftChange, Organization, Publication

__all__ = [
    "KINDS", "OPERATIONS", "add_change", "body_of", "draft_body", "impact", "options_in_use", "publish", "publish_body", "published",
    "register_after_publish", "register_after_removal", "register_checker", "register_option_finder", "register_relationship_finder", "register_usage_finder", "roll_back",
    "summary_of", "uses_of",
]  # fmt: skip

# What upper floors do after a publish; they may not be imported here.
_after_publish: list[Callable[[dict[str, Any], dict[str, Any]], None]] = []
_after_removal: list[Callable[[Removal, uuid.UUID | None], None]] = []


def register_after_publish(listener: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """`listener(old_body, new_body)` runs inside the publishing transaction."""
    _after_publish.append(listener)


def register_after_removal(listener: Callable[[Removal, uuid.UUID | None], None]) -> None:
    """`listener(removal, by)` runs inside the publishing transaction for each list that lost options."""
    _after_removal.append(listener)


@transaction.atomic
def add_change(
    kind: Any,
    operation: Any,
    object_name: str | None,
    name: str | None,
    definition: dict,
    by: uuid.UUID | None,
) -> DraftChange:
    """Put one change into the draft after checking it against the draft so far.

    Raises `Invalid` for a definition that cannot work, `Conflict` for limits, `PlanLimit` `quota.custom_objects` for
    those of the plan, `NotFound` for unknown targets.
    """
    if kind not in KINDS or operation not in OPERATIONS:
        raise Invalid("metadata.unknown_change", "Unknown kind of change.", field="kind")
    Organization.objects.select_for_update().first()  # one customizer at a time
    body = draft_body()
    checked, final_name = checked_change(body, kind, operation, object_name, name, definition)
    change = DraftChange(
        kind=kind, operation=operation, object=object_name, name=final_name, definition=checked, created_by=by
    )
    before = copy.deepcopy(body)
    apply_change(body, change)
    plan_limits.require_custom_objects(before, body)
    locks.refuse_changes(before, body)
    if kind in DOCUMENTS:
        problems = list(document_problems(body, kind, object_name, final_name))
        if problems:
            raise problems[0][3]
        earlier = DraftChange.objects.filter(kind=kind, object=object_name, name=final_name)
        if earlier.filter(operation="create").exists() and operation == "update":
            change.operation = "create"
        earlier.delete()  # a document is replaced whole: one change of it in the draft is enough
    change.save(force_insert=True)
    return change


@transaction.atomic
def publish(by: uuid.UUID | None, by_name: str) -> Publication:
    """Make the draft effective as one step.

    Raises Conflict `metadata.dependencies` or `metadata.nothing_to_publish`, PlanLimit `quota.custom_objects`.
    """
    Organization.objects.select_for_update().first()
    workspace.begin()
    changes = list(DraftChange.objects.all())
    if not changes:
        raise Conflict("metadata.nothing_to_publish", "There are no changes to publish.")
    problems = impact()["problems"]
    if problems:
        raise Conflict("metadata.dependencies", problems[0]["message"], details={"problems": problems})
    publication = _store(draft_body(), [summary_of(c) for c in changes], by, by_name)
    DraftChange.objects.all().delete()
    return publication


@transaction.atomic
def roll_back(version: int, by: uuid.UUID | None, by_name: str, replacements: Any = None) -> Publication:
    """Publish the body of an earlier version again (0 = as delivered), byte for byte; the draft is kept.

    Options that are not in it are deleted by that: `replacements` says by list and option what takes their place.
    Raises NotFound, Conflict `option.in_use` with the lists to decide about and `solution.locked`, Invalid
    `option.…`, PlanLimit `quota.custom_objects`.
    """
    Organization.objects.select_for_update().first()
    workspace.begin()
    body = body_of(version)
    locks.refuse_changes(published()[1], body)
    summary = [f"Back to version {version}"]
    return _store(body, summary, by, by_name, restored_from=version, replacements=replacements or {})


@transaction.atomic
def publish_body(body: dict[str, Any], summary: list[str], by: uuid.UUID | None, by_name: str) -> Publication:
    """Publish a whole body that was checked already, such as one with a solution in it; the draft is kept (PLT-12).

    The caller holds the lock on the organization from before it read the body it changed.
    """
    return _store(body, summary, by, by_name)


def _make_current(version: int) -> None:
    """Every process compiles this version anew, also when its number was given before in a transaction that was lost."""
    row = Organization.objects.select_for_update().get(pk=1)
    row.metadata_version = version
    row.settings = {**row.settings, registry.STAMP: secrets.token_hex(8)}
    row.save(update_fields=["metadata_version", "settings"])


def _store(
    body: dict,
    summary: list[str],
    by: uuid.UUID | None,
    by_name: str,
    restored_from: int | None = None,
    replacements: Any = None,
) -> Publication:
    old = published()[1]
    plan_limits.require_custom_objects(old, body)
    with registry.trying(body) as tried:
        removed = removals(old, body, tried.entities)
        if replacements is not None:
            removed = option_removal.decided(removed, replacements)
        option_removal.refuse_undecided(removed)
    version = (Publication.objects.order_by("-version").values_list("version", flat=True).first() or 0) + 1
    publication = Publication.objects.create(
        version=version,
        body=body,
        summary=summary,
        published_by=by,
        published_by_name=by_name,
        restored_from=restored_from,
    )
    _make_current(version)
    workspace.begin()
    registry.current()  # a body that cannot be compiled must fail here, inside the transaction
    for listener in _after_publish:
        listener(old, body)
    for each in removed:
        for after in _after_removal:
            after(each, by)
    return publication
