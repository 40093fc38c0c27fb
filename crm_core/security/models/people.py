"""Business units, and the principals that own records: users and teams (PLT-41)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import Record, new_id
from tenants.context import GuardedManager


class BusinessUnit(Record):
    """A node of the tree of units; the root has no parent."""

    name = fields.Text(160, label=_("Name"), required=True, searchable=True)
    parent = fields.Lookup(
        "security.BusinessUnit", target="business_unit", related="child_units", label=_("Parent unit"),
        on_delete="restrict", hierarchy=True,
    )  # fmt: skip

    class Meta(Record.Meta):
        pass


class Principal(models.Model):
    """What can own a record or hold a role: a user or a team. Same id as the user or team it stands for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=4, choices=(("user", "user"), ("team", "team")))
    name = models.CharField(max_length=200)
    business_unit = models.ForeignKey(BusinessUnit, models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)

    objects = GuardedManager()


class SystemUser(Record):
    """A person who works here. The login is `identity.User`; people without login keep owning their records."""

    principal = models.OneToOneField(Principal, models.PROTECT, related_name="system_user")
    login = models.OneToOneField("identity.User", models.SET_NULL, null=True, related_name="+")
    full_name = fields.Text(200, label=_("Name"), required=True, searchable=True)
    email = fields.Text(254, label=_("E-mail"), format="email", searchable=True)
    job_title = fields.Text(100, label=_("Job title"))
    phone = fields.Text(50, label=_("Phone"), format="phone")
    business_unit = fields.Lookup(
        "security.BusinessUnit",
        target="business_unit",
        related="users",
        label=_("Business unit"),
        on_delete="restrict",
    )
    manager = fields.UserLookup(
        label=_("Manager"), related="reports", reverse_label=_("Direct reports"), hierarchy=True
    )
    region = fields.Text(100, label=_("Region"), searchable=True)
    language = models.CharField(max_length=10, null=True)
    time_zone = models.CharField(max_length=60, null=True)
    preferences = models.JSONField(default=dict)

    class Meta(Record.Meta):
        pass


class Team(Record):
    """Owner teams own records and hold roles; access teams only receive shares."""

    principal = models.OneToOneField(Principal, models.PROTECT, related_name="team")
    name = fields.Text(160, label=_("Name"), required=True, searchable=True)
    kind = fields.Pick("team_kind", label=_("Kind"), default=1)
    description = fields.Memo(2000, label=_("Description"))
    business_unit = fields.Lookup(
        "security.BusinessUnit",
        target="business_unit",
        related="teams",
        label=_("Business unit"),
        on_delete="restrict",
    )

    class Meta(Record.Meta):
        pass


class TeamMember(models.Model):
    """A user in a team."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(SystemUser, models.CASCADE, related_name="memberships")

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "user"), name="team_member_once"),)
