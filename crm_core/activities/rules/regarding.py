"""What an activity or a note may be about (PRODUCT_SPEC 0.2 regarding)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm_core.metadata import registry
from crm_core.metadata.errors import Invalid
from crm_core.metadata.rules import rule
from crm_core.records.change import Change


@rule(on=("create", "update"), attributes=("regarding",))
def regarding_allows(change: Change) -> None:
    """Activities belong to objects with activities, notes to objects with notes."""
    reference = change.get("regarding")
    if reference is None:
        return
    feature = "activities" if change.entity.is_activity else "notes"
    target = registry.get(reference.object)
    if not target.has(feature):
        raise Invalid(
            "regarding.object_not_enabled",
            _("%(objects)s have no such entries.") % {"objects": target.label_plural},
            field="regarding",
        )
