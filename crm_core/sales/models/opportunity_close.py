"""Opportunity close: the closed activity that says how an opportunity ended (SAL-3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm_core.activities.models import ActivityRecord
from crm_core.metadata import fields
from crm_core.metadata.record import WithMoney


class OpportunityClose(WithMoney, ActivityRecord):
    """Written by `win` and `lose`; stays in the history when the opportunity is reopened."""

    outcome = fields.Pick("opportunity_outcome", label=_("Outcome"), required=True, read_only=True)
    reason = fields.Text(100, label=_("Reason"), read_only=True)
    competitor = fields.Lookup("sales.Competitor", target="competitor", label=_("Competitor"), read_only=True)
    actual_revenue = fields.Money(label=_("Actual revenue"), read_only=True)

    class Meta(ActivityRecord.Meta):
        pass
