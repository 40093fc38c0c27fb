"""Winning, losing and reopening an opportunity (SAL-3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm_core.metadata import registry
from crm_core.metadata.entity import Action, Parameter
from crm_core.records import service
from crm_core.sales.option_lists import (
    LOST,
    OUTCOME_LOST,
    OUTCOME_WON,
    STAGES,
    WON,
)


def win(context) -> dict[str, str]:
    """→ Won. The actual revenue is given, else the estimate; probability 100; returns the id of the close activity."""
    values = context.values
    revenue = values.get("actual_revenue")
    if revenue is None:
        revenue = context.get("estimated_revenue") or Decimal(0)
    context.set_state("won", values.get("status_reason"))
    context.update(
        actual_revenue=revenue,
        actual_close_date=values.get("actual_close_date") or _today(context),
        probability=100,
        forecast_category=WON,
    )
    return {"opportunity_close_id": _close_activity(context, OUTCOME_WON, revenue)}


def lose(context) -> dict[str, str]:
    """→ Lost with a reason, to a competitor if one is named; actual revenue and probability 0."""
    values = context.values
    context.set_state("lost", values["status_reason"])
    context.update(
        actual_revenue=Decimal(0),
        actual_close_date=values.get("actual_close_date") or _today(context),
        probability=0,
        forecast_category=LOST,
        close_reason=values.get("reason"),
    )
    if values.get("competitor") is not None:
        context.update(competitor=values["competitor"])
    return {"opportunity_close_id": _close_activity(context, OUTCOME_LOST, Decimal(0))}


def reopen(context) -> None:
    """→ Open (In progress). Actual values are cleared; the close activity stays in the history."""
    context.set_state("open")
    context.update(actual_revenue=None, actual_close_date=None, close_reason=None)
    stage = STAGES.get(context.get("stage"))
    if stage is not None:
        context.update(probability=stage.probability, forecast_category=stage.forecast_category)


def _today(context) -> Any:
    return timezone.now().astimezone(context.actor.time_zone).date()


def _close_activity(context, outcome: int, revenue: Decimal) -> str:
    """The closed activity that says how it ended; returns its id."""
    now = timezone.now().isoformat()
    entity = registry.get("opportunity_close")
    options = entity.attributes["outcome"].option_by_value
    if not options:
        options = {o.value: o for o in registry.current().option_lists["opportunity_outcome"]}
    competitor = context.get("competitor")
    values: dict[str, Any] = {
        "subject": _("%(outcome)s: %(topic)s")
        % {"outcome": options[outcome].label, "topic": context.get("topic")},
        "description": context.values.get("description"),
        "regarding": {"object": context.entity.name, "id": str(context.record.pk)},
        "outcome": outcome,
        "reason": _reason_label(context),
        "competitor": str(competitor.id) if competitor else None,
        "actual_revenue": str(revenue),
        "currency": context.get("currency"),
        "actual_start": now,
        "actual_end": now,
    }
    values["subject"] = values["subject"][:200]
    if context.record.owner_id:
        values["owner"] = str(context.record.owner_id)
    privileged = frozenset({"outcome", "reason", "competitor", "actual_revenue"})
    return str(service.create(entity, values, context.actor.for_rules(), privileged=privileged).id)


def _reason_label(context) -> str | None:
    attribute = context.entity.attributes["close_reason"]
    value = context.get("close_reason")
    return attribute.type.to_text(attribute, value)[:100] if value is not None else None


WIN = Action(
    "win",
    gettext_lazy("Close as won"),
    win,
    states=("open",),
    refusal="not_open",
    primary=True,
    icon="trophy",
    bulk=True,
    parameters=(
        Parameter("status_reason", gettext_lazy("Status reason"), "pick", reasons_of="won"),
        Parameter("actual_revenue", gettext_lazy("Actual revenue"), "money", min=0),
        Parameter("actual_close_date", gettext_lazy("Closed on"), "date"),
        Parameter("description", gettext_lazy("Description"), "memo"),
    ),
)
LOSE = Action(
    "lose",
    gettext_lazy("Close as lost"),
    lose,
    states=("open",),
    refusal="not_open",
    icon="flag",
    bulk=True,
    parameters=(
        Parameter(
            "status_reason",
            gettext_lazy("Status reason"),
            "pick",
            required=True,
            reasons_of="lost",
        ),
        Parameter("reason", gettext_lazy("Close reason"), "pick", option_list="close_reason"),
        Parameter("competitor", gettext_lazy("Lost to"), "lookup", targets=("competitor",)),
        Parameter("actual_close_date", gettext_lazy("Closed on"), "date"),
        Parameter("description", gettext_lazy("Description"), "memo"),
    ),
)
REOPEN = Action(
    "reopen",
    pgettext_lazy("action", "Reopen"),
    reopen,
    states=("won", "lost"),
    refusal="already_open",
    icon="refresh",
)
