"""Companies under companies and people under people: no circles, at most ten levels (CUS-1, CUS-2)."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from crm_core.metadata.errors import Invalid
from crm_core.metadata.hierarchy import MAX_DEPTH, ancestors, height
from crm_core.metadata.rules import rule
from crm_core.records.change import Change


@rule(on=("create", "update"), attributes=("parent_account",))
def account_hierarchy(change: Change) -> None:
    """An account is never below itself, and a tree has at most ten levels."""
    parent = change.get("parent_account")
    if parent is not None:
        _refuse_circle(change, parent.id, "parent_account")


@rule(on=("create", "update"), attributes=("parent_customer",))
def contact_hierarchy(change: Change) -> None:
    """The same for contacts that belong to another contact."""
    parent = change.get("parent_customer")
    if parent is not None and parent.object == "contact":
        _refuse_circle(change, parent.id, "parent_customer")


def _refuse_circle(change: Change, parent: uuid.UUID, field: str) -> None:
    name = change.entity.name
    line = ancestors(name, parent)
    if change.record.pk in line:
        raise Invalid(
            f"{name}.hierarchy_cycle",
            _("A record cannot be its own parent, not even through others."),
            field=field,
        )
    below = 0 if change.is_create else height(name, change.record.pk)
    if len(line) + 1 + below > MAX_DEPTH:
        raise Invalid(
            f"{name}.hierarchy_too_deep",
            _("A hierarchy has at most %(levels)s levels.") % {"levels": MAX_DEPTH},
            field=field,
            details={"levels": len(line) + 1 + below, "max": MAX_DEPTH},
        )
