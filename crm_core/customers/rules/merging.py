"""What a merge means beyond moving the children (CUS-11)."""

from __future__ import annotations

from crm_core.metadata.rules import rule
from crm_core.records.change import Change
from crm_core.records.service import deriving


@rule(on=("after_update",), attributes=("state",))
def merged_dates_are_joined(change: Change) -> None:
    """The master was last contacted when either was, and its next activity is the earlier of the two."""
    master, entity = change.record.merged_into, change.entity
    if master is None:
        return
    if (last := change.get("last_contacted_at")) is not None:
        deriving.raise_to(entity, [master], "last_contacted_at", last)
    if (coming := change.get("next_activity_at")) is not None:
        deriving.lower_to(entity, [master], "next_activity_at", coming)
