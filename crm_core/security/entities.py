"""People and structure as objects: user, team, business unit, role."""

from django.utils.translation import gettext_lazy as _

from crm_core.metadata.declaration import declare, numbered, option_list
from crm_core.metadata.entity import BUSINESS_UNIT_OWNED, ORGANISATION_OWNED, Form, Section, View
from crm_core.security import rules
from crm_core.security.models import BusinessUnit, Role, SystemUser, Team

PEOPLE_FEATURES = frozenset({"audit"})
option_list("team_kind", numbered(_("Owner team"), _("Access team")), fixed=True)

declare(
    SystemUser,
    name="user",
    plural="users",
    label=_("User"),
    label_plural=_("Users"),
    primary="full_name",
    ownership=BUSINESS_UNIT_OWNED,
    group="administration",
    icon="user",
    color="indigo",
    features=PEOPLE_FEATURES | {"import"},
    facts=("email", "job_title"),
    deletable=False,
    rules=(rules.people_are_managed, rules.principal_for_new, rules.principal_follows, rules.rights_change),
    form=Form((Section(_("Details"), ("full_name", "email", "job_title", "phone", "business_unit", "manager", "region")),), header=("email", "business_unit")),
    quick_create=("full_name", "email"),
    views=(
        View(_("Active users"), ("full_name", "email", "job_title", "business_unit", "manager", "state"), default=True, key="active",
             filter={"attribute": "state", "operator": "eq", "value": "active"}, order=("full_name",)),
        View(_("All users"), ("full_name", "email", "business_unit", "state"), order=("full_name",), key="all"),
    ),
)  # fmt: skip

declare(
    Team,
    name="team",
    plural="teams",
    label=_("Team"),
    label_plural=_("Teams"),
    primary="name",
    ownership=BUSINESS_UNIT_OWNED,
    group="administration",
    icon="users-group",
    color="teal",
    features=PEOPLE_FEATURES,
    facts=("kind", "business_unit"),
    rules=(
        rules.people_are_managed,
        rules.principal_for_new,
        rules.principal_follows,
        rules.principal_state,
        rules.teams_go_empty,
        rules.rights_change,
    ),
    form=Form((Section(_("Details"), ("name", "kind", "business_unit", "description")),)),
    quick_create=("name", "kind", "business_unit"),
    views=(
        View(
            _("All teams"),
            ("name", "kind", "business_unit", "created_at"),
            order=("name",),
            default=True,
            key="all",
        ),
    ),
)

declare(
    BusinessUnit,
    name="business_unit",
    plural="business_units",
    label=_("Business unit"),
    label_plural=_("Business units"),
    primary="name",
    ownership=ORGANISATION_OWNED,
    group="administration",
    icon="sitemap",
    color="cyan",
    features=PEOPLE_FEATURES,
    facts=("parent",),
    rules=(
        rules.people_are_managed,
        rules.unit_tree,
        rules.units_go_empty,
        rules.roles_stay_below,
        rules.rights_change,
    ),
    form=Form((Section(_("Details"), ("name", "parent")),)),
    quick_create=("name", "parent"),
    views=(
        View(
            _("All business units"),
            ("name", "parent", "created_at"),
            order=("name",),
            default=True,
            key="all",
        ),
    ),
)

declare(
    Role,
    name="role",
    plural="roles",
    label=_("Role"),
    label_plural=_("Roles"),
    primary="name",
    ownership=ORGANISATION_OWNED,
    group="administration",
    icon="shield",
    color="violet",
    rules=(
        rules.roles_are_managed,
        rules.delivered_roles_stay,
        rules.used_roles_stay,
        rules.role_names_differ,
        rules.role_units_fit,
        rules.locked_roles_stay,
        rules.rights_change,
    ),
    features=PEOPLE_FEATURES,
    form=Form((Section(_("Details"), ("name", "description", "business_unit")),)),
    quick_create=("name", "description", "business_unit"),
    views=(
        View(
            _("All roles"), ("name", "description", "business_unit"), order=("name",), default=True, key="all"
        ),
    ),
)
