"""The sum of an opportunity's lines (SAL-53)."""

from __future__ import annotations

import uuid
from decimal import Decimal

from crm_core.metadata import registry
from crm_core.metadata.conditions import equals
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.sales.arithmetic import net_total
from crm_core.sales.option_lists import SYSTEM_CALCULATED
from crm_core.security.actor import Actor, system_actor


def lines_total(opportunity_id: uuid.UUID) -> Decimal:
    """Net amount of all lines, in the opportunity's currency."""
    query = Query(registry.get("opportunity_product"), system_actor()).filter(
        equals("opportunity", str(opportunity_id))
    )
    sums = query.sums(["extended_amount", "tax"])
    return net_total([(_decimal(sums["extended_amount"]), _decimal(sums["tax"]))])


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def refresh_estimate(opportunity_id: uuid.UUID, actor: Actor) -> None:
    """Bring the estimated revenue of an open, system calculated opportunity in step with its lines."""
    entity = registry.get("opportunity")
    row = Query(entity, actor.for_rules()).one(opportunity_id, ["revenue_mode", "state"])
    if row["revenue_mode"] == SYSTEM_CALCULATED and row["state"] == "open":
        service.update(
            entity, opportunity_id, {"estimated_revenue": str(lines_total(opportunity_id))}, actor.for_rules()
        )
