"""Opportunity close: read-only history (SAL-3)."""

from django.utils.translation import gettext_lazy as _

from crm_core.metadata.declaration import declare, regarding_attribute
from crm_core.metadata.entity import Form, Section, View
from crm_core.sales.models import OpportunityClose
from crm_core.sales.option_lists import OPPORTUNITY_CLOSE_STATES

COLUMNS = ("subject", "regarding", "outcome", "reason", "competitor", "actual_revenue", "actual_end", "owner")

OPPORTUNITY_CLOSE = declare(
    OpportunityClose,
    name="opportunity_close",
    plural="opportunity_closes",
    label=_("Opportunity close"),
    label_plural=_("Opportunity closes"),
    description=_("How and when opportunities ended."),
    group="activities",
    icon="trophy",
    in_navigation=False,
    color="green",
    primary="subject",
    states=OPPORTUNITY_CLOSE_STATES,
    features=frozenset({"export", "audit"}),
    is_activity=True,
    creatable=False,
    facts=("outcome", "actual_end"),
    extra=(regarding_attribute(on_delete="cascade"),),
    form=Form(
        (
            Section(_("Opportunity close"), ("subject", "regarding", "outcome", "reason", "competitor", "actual_revenue", "actual_end",
                                             "owner")),
            Section(_("Description"), ("description",), columns=1),
        ),
        header=("regarding", "outcome", "actual_revenue", "actual_end"),
    ),
    derived={
        "actual_revenue": ("opportunity.actual_revenue",),
        "competitor": ("opportunity.competitor",),
        "reason": ("opportunity.close_reason",),
    },
    views=(View(_("All opportunity closes"), COLUMNS, default=True, key="all"),),
)  # fmt: skip
