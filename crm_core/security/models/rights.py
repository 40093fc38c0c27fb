"""Roles, field security profiles and shares."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import Record, new_id
from crm_core.security.models.people import Principal
from tenants.context import GuardedManager


class Role(Record):
    """Privileges with depth. `privileges` maps an object name, `@group` or `*` to {privilege: depth}.

    A role of a business unit is held there and below only, one without unit everywhere.
    """

    name = fields.Text(100, label=_("Name"), required=True, searchable=True)
    description = fields.Memo(1000, label=_("Description"))
    business_unit = fields.Lookup(
        "security.BusinessUnit",
        target="business_unit",
        related="roles",
        label=_("Business unit"),
        on_delete="restrict",
    )
    key = models.CharField(max_length=60, null=True, unique=True)
    is_administrator = models.BooleanField(default=False)
    privileges = models.JSONField(default=dict)
    capabilities = models.JSONField(default=list)

    class Meta(Record.Meta):
        pass


class RoleAssignment(models.Model):
    """A role held by a user or a team."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.ForeignKey(Role, models.CASCADE, related_name="assignments")
    principal = models.ForeignKey(Principal, models.CASCADE, related_name="role_assignments")

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("role", "principal"), name="role_assignment_once"),)


class FieldSecurityProfile(models.Model):
    """Who may read, create and update secured attributes: `rights` maps `object.attribute` to a list of the three."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True)
    rights = models.JSONField(default=dict)
    members = models.ManyToManyField(Principal, related_name="field_profiles")

    objects = GuardedManager()


class Share(models.Model):
    """Rights on one record given to a user or team (CUS-13).

    A share that follows from another record names it in `inherited_from`, and in `inherited_as` why: that record was
    shared (`share`), or belongs to the grantee (`owner`, PLT-20). One grantee may have several shares; rights add up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    object = models.CharField(max_length=63)
    record_id = models.UUIDField()
    principal = models.ForeignKey(Principal, models.CASCADE, related_name="shares")
    rights = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    granted_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    inherited_from = models.UUIDField(null=True)
    inherited_as = models.CharField(max_length=10, null=True)

    objects = GuardedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record_id", "principal", "object", "inherited_from", "inherited_as"),
                name="share_once",
                nulls_distinct=False,
            ),
        )
        indexes = (
            models.Index("principal", "object", name="share_principal"),
            models.Index(
                "inherited_from", condition=models.Q(inherited_from__isnull=False), name="share_inherited"
            ),
        )
