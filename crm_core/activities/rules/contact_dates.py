"""“Last contacted” and “next activity” of customers, leads and opportunities (CUS-7.4)."""

from __future__ import annotations

from crm_core.activities.services.contact_dates import Trace, follow
from crm_core.metadata.rules import rule
from crm_core.records.change import Change

WATCHED = ("state", "regarding", "parties", "customer", "scheduled_start", "scheduled_end", "actual_end")


@rule(on=("after_create", "after_update", "after_delete", "after_restore"))
def contact_dates_follow(change: Change) -> None:
    """Planning, moving, finishing, reopening and deleting an activity keeps the dates of the records it touches."""
    if change.operation == "update" and not any(map(change.changed, _watched(change))):
        return
    if change.operation in ("create", "restore"):
        before = Trace()
    elif change.operation == "delete":
        before = Trace.of(change.entity, change.get)
    else:
        before = Trace.of(change.entity, change.old)
    after = Trace() if change.operation == "delete" else Trace.of(change.entity, change.get)
    follow(before, after)


def _watched(change: Change) -> list[str]:
    return [name for name in WATCHED if name in change.entity.attributes]
