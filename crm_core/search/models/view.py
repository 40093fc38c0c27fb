"""People's own and shared views, and what they opened lately."""

from __future__ import annotations

from django.db import models

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class SavedView(models.Model):
    """A list as somebody saved it: columns, filter, order, layout; seen by its owner, some teams or everybody, changed by the owner."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    object = models.CharField(max_length=63)
    name = models.CharField(max_length=100)
    owner = models.ForeignKey("security.Principal", models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    #: ids of the teams it is shared with
    teams = models.JSONField(null=True)
    layout = models.CharField(max_length=12, default="table")
    columns = models.JSONField(default=list)
    filter = models.JSONField(null=True)
    order = models.JSONField(default=list)
    group_by = models.CharField(max_length=63, null=True)
    board_attribute = models.CharField(max_length=63, null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = GuardedManager()

    class Meta:
        indexes = (models.Index("object", "owner", name="savedview_object"),)


class RecentRecord(models.Model):
    """A record somebody opened; the latest fifty are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    object = models.CharField(max_length=63)
    record_id = models.UUIDField()
    opened_at = models.DateTimeField(auto_now=True)

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user_id", "record_id"), name="recent_record_once"),)
        indexes = (models.Index(fields=("user_id", "-opened_at"), name="recent_record_user"),)
