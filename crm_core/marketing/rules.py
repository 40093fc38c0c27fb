"""Rules of marketing lists (MKT-1)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm_core.marketing.option_lists import DYNAMIC, MEMBER_OBJECTS
from crm_core.metadata import registry
from crm_core.metadata.errors import Invalid
from crm_core.metadata.rules import rule
from crm_core.records.change import Change
from crm_core.records.query import compile_filter


@rule(on=("create", "update"), attributes=("filter",))
def filter_can_be_asked(change: Change) -> None:
    """Only dynamic lists have a filter; it names what their members have and does not lead back to the list.

    Raises Invalid `list.static_filter`, Conflict `list.circle`, and what the filter language says of unknown names.
    """
    tree = change.get("filter")
    if tree is None:
        return
    if change.get("kind") != DYNAMIC:
        raise Invalid("list.static_filter", _("Only dynamic lists have a filter."), field="filter")
    members = registry.get(MEMBER_OBJECTS[change.get("member_type")])
    compile_filter(members, tree, change.actor, within=() if change.is_create else (change.record.pk,))
