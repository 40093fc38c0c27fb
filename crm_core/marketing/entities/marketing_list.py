"""Marketing list (MKT-1)."""

from django.utils.translation import gettext_lazy as _

from crm_core.marketing import rules
from crm_core.marketing.models import MarketingList
from crm_core.marketing.option_lists import DYNAMIC, MEMBER_OBJECTS, STATIC
from crm_core.marketing.services.actions import ACTIONS
from crm_core.metadata.conditions import ACTIVE, MINE, all_of, equals
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import RECORD_FEATURES, Collecting, Form, Section, View

COLUMNS = ("name", "member_type", "kind", "member_count", "purpose", "last_used", "owner", "modified_at")

MARKETING_LIST = declare(
    MarketingList,
    name="marketing_list",
    plural="marketing_lists",
    label=_("Marketing list"),
    label_plural=_("Marketing lists"),
    description=_("Accounts, contacts or leads you want to reach together."),
    group="marketing",
    order=10,
    icon="users",
    color="violet",
    primary="name",
    features=RECORD_FEATURES - {"activities"},
    collects=Collecting(
        of="member_type", objects=MEMBER_OBJECTS, kind="kind", dynamic=DYNAMIC, filter="filter",
        link="marketing_list_members",
    ),
    facts=("member_type", "kind", "purpose"),
    quick_create=("name", "member_type", "kind", "purpose"),
    form=Form(
        (
            Section(_("Marketing list"), ("name", "purpose", "member_type", "kind", "source", "locked", "cost", "currency", "owner",
                                          "status_reason")),
            Section(_("Description"), ("description",), columns=1),
            Section(_("Administration"), ("last_used", "external_key")),
        ),
        header=("member_type", "kind", "member_count", "last_used", "owner"),
    ),
    views=(
        View(_("Active marketing lists"), COLUMNS, filter=ACTIVE, order=("name",), default=True, key="active"),
        View(_("My marketing lists"), COLUMNS, filter=all_of(ACTIVE, MINE), order=("name",), key="mine"),
        View(_("Static lists"), COLUMNS, filter=all_of(ACTIVE, equals("kind", STATIC)), order=("name",), key="static"),
        View(_("Dynamic lists"), COLUMNS, filter=all_of(ACTIVE, equals("kind", DYNAMIC)), order=("name",), key="dynamic"),
        View(_("All marketing lists"), (*COLUMNS, "state"), order=("name",), key="all"),
    ),
    rules=(rules.filter_can_be_asked,),
    actions=ACTIONS,
)  # fmt: skip
