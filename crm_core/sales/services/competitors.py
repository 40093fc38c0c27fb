"""How often we win against a competitor (SAL-30)."""

from __future__ import annotations

import uuid

from crm_core.metadata import registry
from crm_core.metadata.conditions import all_of, condition, equals
from crm_core.records.query import Query
from crm_core.records.service import deriving
from crm_core.sales.arithmetic import win_percentage
from crm_core.security.actor import system_actor


def refresh_win_percentage(competitor_id: uuid.UUID) -> None:
    """Count won and closed opportunities of the competitor again."""
    query = Query(registry.get("opportunity"), system_actor()).filter(
        equals("competitor", str(competitor_id))
    )
    won = query.filter(equals("state", "won")).total()
    closed = query.filter(all_of(condition("state", "in", ["won", "lost"]))).total()
    deriving.put(registry.get("competitor"), competitor_id, "win_percentage", win_percentage(won, closed))
