"""Deactivating an account: allowed with open work, which is counted and told (CUS-1.3)."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm_core.customers.services.related_work import activities_of, opportunities_of
from crm_core.metadata.entity import Action, Parameter
from crm_core.security.actor import system_actor


def deactivate_account(context) -> None:
    """Close the account; open activities and opportunities stay open and are named in the warnings."""
    counts = open_work(context.record.pk)
    if counts["activities"]:
        message = ngettext(
            "%(n)s activity is still open.", "%(n)s activities are still open.", counts["activities"]
        )
        context.warn("account.open_activities", message % {"n": counts["activities"]})
    if counts["opportunities"]:
        message = ngettext(
            "%(n)s opportunity is still open.", "%(n)s opportunities are still open.", counts["opportunities"]
        )
        context.warn("account.open_opportunities", message % {"n": counts["opportunities"]})
    context.set_state("inactive", context.values.get("status_reason"))


def open_work(account_id: uuid.UUID) -> dict[str, int]:
    """Numbers of open activities about the account and of its open opportunities, whoever may see them."""
    actor = system_actor()
    activities = sum(q.total() for q in activities_of("account", account_id, actor, only_open=True))
    opportunities = sum(q.total() for q in opportunities_of("account", account_id, actor, only_open=True))
    return {"activities": activities, "opportunities": opportunities}


DEACTIVATE_ACCOUNT = Action(
    "deactivate",
    _("Deactivate"),
    deactivate_account,
    states=("active",),
    refusal="not_active",
    icon="player-pause",
    bulk=True,
    parameters=(Parameter("status_reason", _("Status reason"), "pick", reasons_of="inactive"),),
)
