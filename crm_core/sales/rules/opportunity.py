"""Rules of opportunities (SAL-3, SAL-4.2)."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from crm_core.metadata.errors import Invalid
from crm_core.metadata.rules import rule
from crm_core.records.change import Change
from crm_core.records.query.selecting import names_of
from crm_core.sales.arithmetic import weighted
from crm_core.sales.option_lists import LOST, STAGES, SYSTEM_CALCULATED, WON
from crm_core.sales.services.competitors import refresh_win_percentage
from crm_core.sales.services.totals import lines_total

TOPIC_LENGTH = 300


@rule(on=("create", "update"), attributes=("topic",))
def topic_from_what_is_known(change: Change) -> None:
    """A deal without a topic is called by its number, else by its product or customer; one of them there must be."""
    if change.get("topic"):
        return
    topic = change.get("opportunity_number") or _what_it_is_about(change) or change.get("external_key")
    if not topic:
        raise Invalid("value.required", _("Topic is needed."), field="topic")
    change.set("topic", topic[:TOPIC_LENGTH])


def _what_it_is_about(change: Change) -> str:
    references = [r for r in (change.get("product"), change.get("customer")) if r is not None]
    names = [names_of(r.object, {str(r.id)}).get(str(r.id)) for r in references]
    return " · ".join(name for name in names if name)


@rule(on=("create", "update"), attributes=("stage",))
def probability_from_stage(change: Change) -> None:
    """Entering a stage sets probability and forecast category, unless the same write says otherwise."""
    if change.get("state") != "open":
        return
    change.set("stage_entered_at", timezone.now())
    stage = STAGES.get(change.get("stage"))
    if stage is None:
        return
    if not change.changed("probability"):
        change.set("probability", stage.probability)
    if not change.changed("forecast_category"):
        change.set("forecast_category", stage.forecast_category)


@rule(on=("create",))
def closed_on_import(change: Change) -> None:
    """A deal that arrives closed has the probability and forecast category of its end; a lost one earned nothing."""
    state = change.get("state")
    if state == "won":
        change.set("probability", 100)
        change.set("forecast_category", WON)
        if change.get("actual_revenue") is None:
            change.set("actual_revenue", change.get("estimated_revenue"))
        if change.get("estimated_revenue") is None:
            change.set("estimated_revenue", change.get("actual_revenue"))
    elif state == "lost":
        change.set("probability", 0)
        change.set("forecast_category", LOST)
        change.set("actual_revenue", Decimal(0))


@rule(on=("create", "update"), attributes=("revenue_mode", "estimated_revenue"))
def revenue_from_lines(change: Change) -> None:
    """With system calculated revenue the lines decide; a typed value is replaced by theirs."""
    if change.get("revenue_mode") == SYSTEM_CALCULATED and change.get("state") == "open":
        change.set("estimated_revenue", Decimal(0) if change.is_create else lines_total(change.record.pk))


@rule(on=("create", "update"), attributes=("estimated_revenue", "probability"))
def weighted_revenue(change: Change) -> None:
    """estimated × probability / 100, kept as a column so that boards and reports can sum it."""
    value = weighted(change.get("estimated_revenue"), change.get("probability"))
    if value != change.get("weighted_revenue"):
        change.set("weighted_revenue", value)


@rule(
    on=("after_create", "after_update", "after_delete", "after_restore"), attributes=("state", "competitor")
)
def competitor_record_follows(change: Change) -> None:
    """The competitor's win percentage counts every closed opportunity it took part in."""
    closed = change.entity.state(change.get("state")).closed
    was_closed = change.operation == "update" and change.entity.state(change.old("state")).closed
    if not closed and not was_closed:
        return
    involved = {change.get("competitor"), change.old("competitor") if change.operation == "update" else None}
    for reference in involved - {None}:
        refresh_win_percentage(reference.id)
